"""Rules about jobs, whatever starts them: what is inferred of tasks, queues, pods, state machines and schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mlstage.graph import UNKNOWN, Graph, Group, Join, JsonDocument, Ref, Resource, Value
from mlstage.readers.terraform_plan import read_plan_document
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from tests.rules.test_cases import fields, said

STRATEGY = "target.ecs_parameters.capacity_provider_strategies[0].capacity_provider"
BATCH = "container_properties"


def production(*resources: Resource, groups: tuple[Group, ...] = ()) -> Graph:
    return examples.in_production_stack(*resources, groups=groups)


def task(**container: Value) -> list[tuple[str, bool]]:
    return fields("ML103", production(*job_examples.scheduled_task("FARGATE_SPOT", **container)))


@pytest.mark.parametrize(
    ("image", "command", "trains"),
    [
        ("fraud-train:4.2", (), True),
        ("fraud:4.2", ("python", "-m", "fraud.training"), True),
        ("fraud:4.2", ("bash", "-c", "torchrun --nproc_per_node=4 main.py"), True),
        ("llama-fine-tune:1", (), True),
        # What feeds a training, or comes of one, is none.
        ("fraud:4.2", ("python", "build.py", "--train-data", "s3://acme/train/"), False),
        ("fraud-training-data:1", (), False),
        ("pretrained-embedder:2", (), False),
        ("constraints:2", ("python", "strain.py"), False),
        ("train-and-score:2", ("python", "score.py"), False),
        ("nightly:7", ("python", "main.py"), False),
    ],
)
def test_what_trains_is_told_by_the_words_of_image_and_command(
    image: str, command: tuple[str, ...], trains: bool
) -> None:
    address = f"{examples.REGISTRY}/{image}"
    assert task(image=address, command=command) == ([(STRATEGY, True)] if trains else [])


def test_an_image_that_nobody_knows_leaves_open_whether_it_trains() -> None:
    assert task(image=UNKNOWN, command=("python", "main.py")) == [("container_definitions[0].image", False)]
    assert task(image=UNKNOWN, command=("python", "main.py", "--resume")) == []


def variable(name: str, value: Value) -> Value:
    return ({"name": name, "value": value},)


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({"environment": variable("CKPT_DIR", "/mnt/x")}, []),
        ({"environment": variable("OUT", "s3://acme/fraud/checkpoints/")}, []),
        ({"environment": variable("OUT", Join((Ref("bucket", "id"), "/checkpoints/")))}, []),
        ({"environment": variable("OUT", Ref("checkpoints", "id"))}, []),
        ({"command": ("train.py", "--resume-from", UNKNOWN)}, []),
        ({"environment": variable("OUT", "s3://acme/fraud/")}, [(STRATEGY, True)]),
        # A name that is not known yet may be that of a place for checkpoints.
        ({"environment": variable("OUT", UNKNOWN)}, [("container_definitions[0].environment[0].value", False)]),
    ],
)
def test_what_a_task_is_told_of_checkpoints(container: Mapping[str, Value], expected: Any) -> None:
    assert task(**container) == expected


def test_a_file_system_keeps_what_a_task_saves() -> None:
    started, schedule = job_examples.scheduled_task()
    lasting: Value = {"name": "work", "efs_volume_configuration": {"file_system_id": "fs-0a1b2c3d"}}
    scratch: Value = {"name": "work", "host_path": "/scratch"}
    assert fields("ML103", production(started.with_props(volumes=(lasting,)), schedule)) == []
    assert fields("ML103", production(started.with_props(volumes=(scratch,)), schedule)) == [(STRATEGY, True)]


def test_a_schedule_may_tell_a_task_more() -> None:
    started, schedule = job_examples.scheduled_task()
    target = schedule.props["target"]
    assert isinstance(target, Mapping)
    overrides: Value = {"containerOverrides": ({"name": "main", "environment": variable("CKPT", "s3://a/b/")},)}
    told = schedule.with_props(target={**target, "input": JsonDocument(overrides)})
    assert fields("ML103", production(started, told)) == []


def test_the_capacity_of_a_task_may_be_its_cluster_s() -> None:
    started, schedule = job_examples.scheduled_task()
    parameters: dict[str, Value] = {"task_definition_arn": Ref("task", "arn")}
    target: Value = {"arn": Ref("cluster", "arn"), "ecs_parameters": parameters}
    cluster = Resource("cluster", "aws.ecs.Cluster", {"name": "training"})
    strategy: Value = ({"capacity_provider": "FARGATE_SPOT", "weight": 1},)
    defaults = Resource(
        "defaults",
        "aws.ecs.ClusterCapacityProviders",
        {"cluster_name": Ref("cluster", "name"), "default_capacity_provider_strategies": strategy},
    )
    graph = production(started, schedule.with_props(target=target), cluster, defaults)
    assert fields("ML103", graph) == [("default_capacity_provider_strategies[0].capacity_provider", True)]
    fixed: Value = {"arn": Ref("cluster", "arn"), "ecs_parameters": {**parameters, "launch_type": "FARGATE"}}
    assert fields("ML103", production(started, schedule.with_props(target=fixed), cluster, defaults)) == []


def test_an_event_starts_a_task_on_spot() -> None:
    started, _ = job_examples.scheduled_task()
    strategy: Value = ({"capacity_provider": "FARGATE_SPOT", "weight": 1},)
    target: Value = {"task_definition_arn": Ref("task", "arn"), "capacity_provider_strategies": strategy}
    event = Resource("event", "aws.cloudwatch.EventTarget", {"rule": "nightly", "arn": "c", "ecs_target": target})
    assert fields("ML103", production(started, event)) == [
        ("ecs_target.capacity_provider_strategies[0].capacity_provider", True)
    ]


def run_task(provider: Value, **state: Value) -> Resource:
    arguments: dict[str, Value] = {
        "Cluster": "training",
        "TaskDefinition": Ref("task", "arn"),
        "CapacityProviderStrategy": ({"CapacityProvider": provider, "Weight": 1},),
    }
    run: Value = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": arguments, **state}
    inner: Value = {"StartAt": "Run", "States": {"Run": run}}
    states: Value = {"All": {"Type": "Parallel", "Branches": (inner,), "End": True}}
    return Resource("runs", "aws.sfn.StateMachine", {"definition": JsonDocument({"StartAt": "All", "States": states})})


def test_a_state_starts_a_task_on_spot() -> None:
    started, _ = job_examples.scheduled_task()
    at = "definition.States.All.Branches[0].States.Run.Parameters.CapacityProviderStrategy[0].CapacityProvider"
    assert said("ML103", production(started, run_task("FARGATE_SPOT"))) == [
        (
            at,
            "task definition 'task' trains on Spot and is told of no checkpoint (state machine 'runs' starts it)",
        )
    ]
    assert fields("ML103", production(started, run_task("FARGATE"))) == []
    assert fields("ML103", production(started, run_task("{% $input.provider %}"))) == [(at, False)]


def test_who_plans_restarts_may_have_thought_of_checkpoints() -> None:
    started, _ = job_examples.scheduled_task()
    retry: Value = ({"ErrorEquals": ("States.TaskFailed",), "MaxAttempts": 3},)
    assert [sure for _, sure in fields("ML103", production(started, run_task("FARGATE_SPOT", Retry=retry)))] == [False]
    again: Value = {"attempts": 3}
    assert fields("ML103", production(*job_examples.batch_job("SPOT", retry_strategy=again))) == [(BATCH, False)]
    assert fields("ML103", production(*job_examples.batch_job("SPOT", retry_strategy={"attempts": 1}))) == [
        (BATCH, True)
    ]


def test_a_definition_that_nobody_knows_leaves_its_capacity_open() -> None:
    started, _ = job_examples.scheduled_task()
    machine = Resource("runs", "aws.sfn.StateMachine", {"definition": Ref("task", "arn")})
    assert fields("ML103", production(started, machine)) == [("definition", False)]
    scores, _ = job_examples.scheduled_task(command=("python", "score.py"))
    assert fields("ML103", production(scores, machine)) == []


def queue(name: str, *environments: Value) -> Resource:
    orders = tuple({"order": n, "compute_environment": one} for n, one in enumerate(environments, 1))
    return Resource(name, "aws.batch.JobQueue", {"name": name, "compute_environment_orders": orders})


def submitting(job: Value, to: Value) -> Resource:
    arn = "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    asked: Value = {"JobName": "nightly", "JobDefinition": job, "JobQueue": to}
    return job_examples.schedule({"arn": arn, "input": JsonDocument(asked)})


def test_a_batch_job_is_on_spot_as_its_queue_is() -> None:
    job, spot, _ = job_examples.batch_job("SPOT")
    steady = Resource("steady", spot.type, {"type": "MANAGED", "compute_resources": {"type": "FARGATE"}})
    cheap, dear = queue("cheap", Ref("machines", "arn"), Ref("steady", "arn")), queue("dear", Ref("steady", "arn"))
    parts = (job, spot, steady, cheap, dear)
    assert fields("ML103", production(*parts, submitting(Ref("training", "arn"), Ref("cheap", "arn")))) == [
        (BATCH, True)
    ]
    assert fields("ML103", production(*parts, submitting("fraud-nightly", Ref("dear", "arn")))) == []
    # Nobody of this stack submits it: it may go to either.
    assert fields("ML103", production(*parts)) == [("type", False)]
    assert fields("ML103", production(job, steady, dear)) == []
    # A request that is not known yet refers to both.
    both = submitting("", "").with_props(
        target={
            "arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob",
            "input": Join((Ref("training", "arn"), Ref("cheap", "arn"))),
        }
    )
    assert [sure for _, sure in fields("ML103", production(*parts, both))] == [False]
    away = submitting(Ref("training", "arn"), "another-stack-s")
    assert fields("ML103", production(*parts, away)) == [("target.input.JobQueue", False)]


def test_a_job_over_several_machines_counts_too() -> None:
    job, *others = job_examples.batch_job("SPOT")
    container = job.props["container_properties"]
    assert isinstance(container, JsonDocument)
    ranges: Value = ({"targetNodes": "0:", "container": container.value},)
    together = job.with_props(
        container_properties=None,
        type="multinode",
        node_properties=JsonDocument({"numNodes": 2, "nodeRangeProperties": ranges}),
    )
    assert fields("ML103", production(together, *others)) == [("node_properties", True)]


def test_a_job_s_pods_and_their_counted_tries() -> None:
    pool, job = examples.node_pool("spot"), job_examples.kubernetes_job()
    assert fields("ML103", production(pool, job)) == [("spec.template.spec.node_selector", True)]
    assert fields("ML103", production(examples.node_pool("on-demand"), job)) == []
    spec = job.props["spec"]
    assert isinstance(spec, Mapping)
    for limit, sure in ((0, True), (4, False)):
        counted = job.with_props(spec={**spec, "backoff_limit": limit})
        assert fields("ML103", production(pool, counted)) == [("spec.template.spec.node_selector", sure)]
    every_night = Resource(
        "training",
        "kubernetes.batch.v1.CronJob",
        {"metadata": {"name": "nightly"}, "spec": {"schedule": "0 3 * * *", "job_template": {"spec": spec}}},
    )
    at = "spec.job_template.spec.template.spec.node_selector"
    assert fields("ML103", production(pool, every_night)) == [(at, True)]


def test_what_mlstage_tells_a_container_is_all_there_is() -> None:
    told: Value = ({"name": "MLSTAGE_OUTPUT", "value": "s3://acme-ml-models/fraud/"},)
    job, *others = job_examples.batch_job("SPOT", retry_strategy={"attempts": 3})
    container: Value = {"image": f"{examples.REGISTRY}/fraud:1", "environment": told}
    ours = Resource("job", job.type, {**job.props, BATCH: JsonDocument(container)}, workload="nightly")
    for kind, expected in (("Training", [(BATCH, True)]), ("BatchInference", [])):
        assert fields("ML103", production(ours, *others, groups=(Group("nightly", kind, "Batch"),))) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"EnableManagedSpotTraining": True}, [True]),
        ({"EnableManagedSpotTraining.$": "$.spot"}, [False]),
        ({"EnableManagedSpotTraining": "{% $spot %}"}, [False]),
        ({"EnableManagedSpotTraining": True, "CheckpointConfig": {"S3Uri.$": "$.checkpoint"}}, [False]),
        ({"EnableManagedSpotTraining": True, "CheckpointConfig": {"S3Uri": Ref("bucket", "id")}}, []),
        ({"EnableManagedSpotTraining": False}, []),
    ],
)
def test_what_a_run_fills_in_is_not_known(arguments: Mapping[str, Value], expected: list[bool]) -> None:
    machine = job_examples.state_machine(arguments)
    assert [sure for _, sure in fields("ML103", production(machine))] == expected


def test_a_hidden_definition_that_hands_on_a_role_of_sagemaker_s_is_undecided() -> None:
    trust: Value = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    role = Resource("trainer", "aws.iam.Role", {"assume_role_policy": JsonDocument({"Statement": (trust,)})})
    other = Resource("trainer", "aws.iam.Role", {"assume_role_policy": JsonDocument({"Statement": ()})})
    machine = Resource("nightly", "aws.sfn.StateMachine", {"definition": Ref("trainer", "arn")})
    for rule in ("ML103", "ML105", "ML106"):
        assert fields(rule, production(machine, role)) == [("definition", False)]
        assert fields(rule, production(machine, other)) == []
        assert fields(rule, production(machine.with_props(definition=UNKNOWN), role)) == []


def test_every_rule_about_machines_sees_jobs_that_a_state_starts() -> None:
    request = job_examples.request(checkpoint="s3://acme/c/")
    machines: Value = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    image: Value = {"TrainingImage": "acme/fraud-xgboost:latest"}
    asked: dict[str, Value] = {
        **request,
        "ResourceConfig": machines,
        "AlgorithmSpecification": image,
        "Environment": {"HF_TOKEN": "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345"},
    }
    graph = production(job_examples.state_machine(asked))
    at = "definition.States.Train.Parameters"
    assert said("ML107", graph)[0][0] == f"{at}.ResourceConfig.InstanceType"
    assert said("ML106", graph) == [
        (
            f"{at}.ResourceConfig.InstanceType",
            "state 'Train' of state machine 'nightly' runs what needs no accelerator on ml.p3.2xlarge"
            " (1 x NVIDIA V100)",
        )
    ]
    assert fields("ML402", graph) == [(f"{at}.ResourceConfig.VolumeKmsKeyId", True)]
    assert fields("ML407", graph) == [(f"{at}.Environment.HF_TOKEN", True)]
    assert fields("ML409", graph) == [(f"{at}.AlgorithmSpecification.TrainingImage", True)]


def test_a_search_counts_with_each_of_its_definitions() -> None:
    machines: Value = {"instance_type": "ml.c5.xlarge"}
    spot: dict[str, Value] = {"enable_managed_spot_training": True, "resource_config": machines}
    saved: Value = {**spot, "checkpoint_config": {"s3_uri": "s3://acme/c/"}, "definition_name": "saved"}
    one = Resource("search", "aws.sagemaker.HyperParameterTuningJob", {"training_job_definition": spot})
    at = "training_job_definition.enable_managed_spot_training"
    assert said("ML103", production(one)) == [
        (at, "hyper parameter tuning job 'search' trains on Spot without a checkpoint")
    ]
    many: Value = (saved, {**spot, "definition_name": "lost"})
    several = Resource("search", one.type, {"training_job_definitions": many})
    assert said("ML103", production(several)) == [
        (
            "training_job_definitions[1].enable_managed_spot_training",
            "definition 'lost' of hyper parameter tuning job 'search' trains on Spot without a checkpoint",
        )
    ]


def test_a_plan_of_a_newer_provider_has_training_jobs_too() -> None:
    values = {
        "training_job_name": "fraud",
        "enable_managed_spot_training": True,
        "resource_config": [{"instance_type": "ml.p3.2xlarge", "keep_alive_period_in_seconds": 600}],
    }
    written: dict[str, Any] = {name: {} for name in values}
    written["resource_config"] = [{"instance_type": {}, "keep_alive_period_in_seconds": {}}]
    address, kind = "aws_sagemaker_training_job.nightly", "aws_sagemaker_training_job"
    named = {"address": address, "mode": "managed", "type": kind, "name": "nightly"}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{**named, "values": values}]}},
        "resource_changes": [{**named, "change": {"actions": ["create"], "after": values, "after_unknown": {}}}],
        "configuration": {"root_module": {"resources": [{**named, "expressions": written}]}},
    }
    graph = read_plan_document(plan, tier="production").graph
    assert fields("ML103", graph) == [("enable_managed_spot_training", True)]
    assert fields("ML105", graph) == [("resource_config.keep_alive_period_in_seconds", True)]
    assert fields("ML107", graph) == [("resource_config.instance_type", True)]


@pytest.mark.parametrize(
    "text", ["{", '{"States": []}', '{"States": {"a": 1}}', '{"States": {"a": {"Resource": 1}}}', ""]
)
def test_definitions_that_make_no_sense_are_no_jobs(text: str) -> None:
    machine = Resource("nightly", "aws.sfn.StateMachine", {"definition": text})
    for rule in ("ML103", "ML105", "ML106"):
        assert fields(rule, production(machine)) == []


def test_images_of_batch_jobs_are_judged_like_others() -> None:
    job, *others = job_examples.batch_job("EC2")
    container: Value = {"image": "acme/train:latest", "privileged": True}
    graph = production(job.with_props(container_properties=JsonDocument(container)), *others)
    assert fields("ML409", graph) == [("container_properties.image", True)]
    assert fields("ML411", graph) == [("container_properties.privileged", True)]
    pods: Value = {"containers": ({"name": "t", "image": "acme/train:latest"},)}
    on_eks = job.with_props(container_properties=None, eks_properties={"pod_properties": pods})
    assert fields("ML409", production(on_eks, *others)) == [("eks_properties.pod_properties.containers[0].image", True)]
