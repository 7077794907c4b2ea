"""AWS Batch: what a job becomes, and what is refused."""

from __future__ import annotations

import pytest

from mlstage import Batch, BatchInference, Model, OnDemand, Processing, RealtimeEndpoint, Spot, Training
from mlstage.diagnostics import Severity
from mlstage.graph import Graph, Join, Ref, Resource
from mlstage.spec.purchase import Purchase
from mlstage.spec.workloads import AnyWorkload
from tests.targets.support import ECR, MODEL, graph, inside, only, problems, refusals, statements

SMALL = Batch(cpu=2, memory="8GB")
PLAIN = Model(image=f"{ECR}/fraud:1.7")


def nightly(on: Batch = SMALL, **fields: object) -> BatchInference:
    places = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/"}
    return BatchInference(**{"name": "nightly", "model": MODEL, "on": on, **places, **fields})  # type: ignore[arg-type]


def training(on: Batch, **fields: object) -> Training:
    places = {"inputs": {"train": "s3://acme-data/in/"}, "output": "s3://acme-models/out/"}
    return Training(name="training", image=f"{ECR}/train:1", on=on, **places, **fields)  # type: ignore[arg-type]


def environments(found: Graph) -> dict[str, Resource]:
    return {
        str(inside(one.props["compute_resources"], "type")): one for one in found.of("aws.batch.ComputeEnvironment")
    }


REFUSED: dict[str, tuple[AnyWorkload, str, str]] = {
    "an endpoint": (RealtimeEndpoint(name="scorer", model=PLAIN, on=SMALL), "AWS118", "on"),
    "more than Fargate has": (nightly(Batch(cpu=32, memory="200GB")), "AWS220", "on.memory"),
    "disk beyond Fargate's": (nightly(Batch(cpu=2, memory="8GB", storage="500GB")), "AWS223", "on.storage"),
    "no such machine": (nightly(Batch(instance="c6i.huge")), "AWS226", "on.instance"),
    "a fallback of another architecture": (
        nightly(Batch(instance="c6i.xlarge", fallbacks=["c7g.xlarge"])),
        "AWS226",
        "on.fallbacks",
    ),
    "Neuron": (training(Batch(instance="trn1.2xlarge")), "AWS206", "on.instance"),
    "GPU image on Fargate": (
        nightly(model=Model(image=f"{ECR}/bert:2.3-gpu-py311-cu124")),
        "AWS206",
        "model.image",
    ),
    "too many tries": (nightly(retries=10), "AWS240", "retries"),
    "too many parts": (nightly(replicas=10_001), "AWS241", "replicas"),
    "machines that train together on Fargate": (training(SMALL, replicas=2), "AWS241", "replicas"),
    "machines that train together on Spot": (
        training(Batch(instance="g5.xlarge"), replicas=2, purchase=Spot(checkpoint="s3://acme-checkpoints/")),
        "AWS241",
        "purchase",
    ),
    "an entry point": (
        Processing(name="features", image=f"{ECR}/f:1", command=["run"], on=SMALL),
        "AWS201",
        "command",
    ),
    "batch transform's own": (nightly(join_input=True), "AWS201", "join_input"),
}


@pytest.mark.parametrize(("workload", "code", "field"), REFUSED.values(), ids=list(REFUSED))
def test_what_batch_cannot_do_is_refused_where_it_is_written(workload: AnyWorkload, code: str, field: str) -> None:
    assert refusals(workload) == [(code, field)]


def test_a_queue_tries_spot_first_and_then_on_demand() -> None:
    found = graph(nightly(purchase=Spot()))
    by_type = environments(found)
    assert list(by_type) == ["FARGATE_SPOT", "FARGATE"]
    orders = only(found, "aws.batch.JobQueue").props["compute_environment_orders"]
    assert orders == (
        {"order": 1, "compute_environment": Ref(by_type["FARGATE_SPOT"].name, "arn")},
        {"order": 2, "compute_environment": Ref(by_type["FARGATE"].name, "arn")},
    )


@pytest.mark.parametrize("purchase", [OnDemand(), Spot()])
def test_only_what_aws_took_back_is_tried_again(purchase: Purchase) -> None:
    retried = only(graph(nightly(purchase=purchase, retries=4)), "aws.batch.JobDefinition").props["retry_strategy"]
    assert inside(retried, "attempts") == 5
    rules = inside(retried, "evaluate_on_exits")
    assert isinstance(rules, tuple)
    assert [inside(one, "action") for one in rules] == ["RETRY", "RETRY", "EXIT"]
    assert rules[-1] == {"on_reason": "*", "action": "EXIT"}


def test_machines_follow_the_jobs_from_nothing_to_all_of_their_parts() -> None:
    found = graph(
        nightly(Batch(instance="c6i.2xlarge", fallbacks=["m6i.2xlarge"]), replicas=10, schedule="rate(1 day)")
    )
    resources = environments(found)["EC2"].props["compute_resources"]
    assert (inside(resources, "min_vcpus"), inside(resources, "max_vcpus")) == (0, 80)
    assert inside(resources, "instance_types") == ("c6i.2xlarge", "m6i.2xlarge")
    template = only(found, "aws.ec2.LaunchTemplate").props
    assert inside(template["metadata_options"], "http_tokens") == "required"
    assert inside(template["block_device_mappings"], 0, "ebs", "encrypted") == "true"
    given = inside(only(found, "aws.scheduler.Schedule").props["target"], "input")
    assert inside(given, "ArrayProperties", "Size") == 10


def test_a_job_takes_every_gpu_of_its_machine_under_the_image_for_gpus() -> None:
    found = graph(training(Batch(instance="g5.12xlarge")))
    asked = inside(only(found, "aws.batch.JobDefinition").props["container_properties"], "resourceRequirements")
    assert isinstance(asked, tuple)
    assert {"type": "GPU", "value": "4"} in asked
    assert inside(environments(found)["EC2"].props["compute_resources"], "ec2_configurations", 0) == {
        "image_type": "ECS_AL2023_NVIDIA"
    }


def test_machines_that_train_together_are_one_multi_node_job() -> None:
    job = only(graph(training(Batch(instance="g5.12xlarge"), replicas=3)), "aws.batch.JobDefinition").props
    assert job["type"] == "multinode"
    assert "platform_capabilities" not in job
    assert inside(job["node_properties"], "numNodes") == 3
    assert inside(job["node_properties"], "nodeRangeProperties", 0, "container", "image") == f"{ECR}/train:1"


def test_training_on_spot_keeps_its_checkpoint() -> None:
    found = graph(training(Batch(instance="g5.xlarge"), purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/")))
    told = inside(only(found, "aws.batch.JobDefinition").props["container_properties"], "environment")
    assert isinstance(told, tuple)
    assert {"name": "MLSTAGE_CHECKPOINT", "value": "s3://acme-checkpoints/fraud/"} in told
    assert "CheckpointKeep" in statements(found, "fraud-training-job-role-policy")


def test_a_schedule_may_submit_this_job_to_this_queue_and_nothing_else() -> None:
    found = graph(nightly(schedule="cron(0 3 * * ? *)"))
    may = statements(found, "fraud-nightly-scheduler-role-policy")
    assert may["SubmitJob"]["Action"] == ("batch:SubmitJob",)
    assert may["SubmitJob"]["Resource"] == (
        Ref("fraud-nightly-queue", "arn"),
        Join((Ref("fraud-nightly-job", "arn_prefix"), ":*")),
    )


def test_failures_of_this_queue_are_told() -> None:
    found = graph(nightly(on_failure="ml@acme.example"))
    pattern = only(found, "aws.cloudwatch.EventRule").props["event_pattern"]
    assert inside(pattern, "detail") == {"status": ("FAILED",), "jobQueue": (Ref("fraud-nightly-queue", "arn"),)}


def test_compute_environments_have_no_name_of_ours() -> None:
    """Terraform's providers 5.100 and 6.x call that property differently."""
    for one in graph(nightly(purchase=Spot())).of("aws.batch.ComputeEnvironment"):
        assert "name" not in one.props


def test_that_a_part_finds_its_number_elsewhere_is_said() -> None:
    said = [(one.code, one.severity) for one in problems(nightly(replicas=3)) if one.code == "AWS242"]
    assert said == [("AWS242", Severity.NOTE)]
