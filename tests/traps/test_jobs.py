"""The traps of training and batch jobs, and of notebooks."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage import (
    BatchInference,
    Model,
    Network,
    Notebook,
    OnDemand,
    OwnNetwork,
    Processing,
    RealtimeEndpoint,
    SageMaker,
    Spot,
    Stage,
    Training,
    WorkingHours,
)
from mlstage.diagnostics import Severity
from mlstage.graph import Graph, Value
from tests.targets.support import ECR, MODEL, graph, inside, only, problems, refusals

PIPELINE = "aws.sagemaker.Pipeline"
OWN = Stage(tier="production", network=OwnNetwork())
THEIRS = Stage(
    tier="production",
    network=Network(
        vpc="vpc-0a1b2c3d4e5f67890",
        subnets=["subnet-0a1b2c3d4e5f67890"],
        security_groups=["sg-0a1b2c3d4e5f67890"],
    ),
)


def training(**fields: Any) -> Training:
    given = {"name": "fit", "image": f"{ECR}/fit:1", "inputs": {"train": "s3://a-b/c/"}, "output": "s3://a-b/d/"}
    return Training.build({**given, "on": SageMaker(instance="ml.m5.xlarge"), **fields})


def arguments(of: Graph) -> Value:
    return inside(only(of, PIPELINE).props["pipeline_definition"], "Steps", 0, "Arguments")


# ----- 11. Runs end, Spot waits, warm pools do not ------------------------------------------------------------


@pytest.mark.parametrize(("runtime", "fine"), [("28d", True), ("29d", False)])
def test_trap_11_training_runs_last_28_days_at_most(runtime: str, fine: bool) -> None:
    assert refusals(training(max_runtime=runtime)) == ([] if fine else [("AWS108", "max_runtime")])


def test_trap_11_processing_runs_last_nine_days_at_most() -> None:
    job = Processing(name="p", image=f"{ECR}/p:1", on=SageMaker(instance="ml.m5.xlarge"), max_runtime="10d")
    assert refusals(job) == [("AWS108", "max_runtime")]


def test_trap_11_spot_waits_as_long_as_it_runs_and_restarts_from_its_checkpoint() -> None:
    job = arguments(graph(training(purchase=Spot(checkpoint="s3://a-b/e/"), max_runtime="2h")))
    assert inside(job, "EnableManagedSpotTraining") is True
    assert inside(job, "StoppingCondition") == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 14_400}
    assert inside(job, "CheckpointConfig") == {"S3Uri": "s3://a-b/e/"}


def test_trap_11_toggling_spot_off_drops_the_waiting_time() -> None:
    job = arguments(graph(training(purchase=OnDemand(), max_runtime="2h")))
    assert inside(job, "StoppingCondition") == {"MaxRuntimeInSeconds": 7200}
    assert isinstance(job, dict)
    assert "EnableManagedSpotTraining" not in job
    assert "CheckpointConfig" not in job


def test_trap_11_spot_has_no_warm_pools() -> None:
    spot = Spot(checkpoint="s3://a-b/e/")
    assert refusals(training(purchase=spot, keep_warm="20m")) == [("AWS144", "keep_warm")]
    warm = arguments(graph(training(keep_warm="20m")))
    assert inside(warm, "ResourceConfig", "KeepAlivePeriodInSeconds") == 1200
    assert refusals(training(keep_warm="7h")) == [("AWS144", "keep_warm")]


@pytest.mark.parametrize("kind", [Processing, BatchInference])
def test_trap_11_only_training_has_spot(kind: type) -> None:
    on = SageMaker(instance="ml.m5.xlarge")
    if kind is Processing:
        assert refusals(Processing(name="p", image=f"{ECR}/p:1", on=on, purchase=Spot())) == [("AWS109", "purchase")]
    else:
        job = BatchInference(name="b", model=MODEL, input="s3://a-b/c/", output="s3://a-b/d/", on=on, purchase=Spot())
        assert refusals(job) == [("AWS109", "purchase")]


# ----- 12. Jobs are one-shot ------------------------------------------------------------------------------------


def test_trap_12_jobs_run_again_from_a_pipeline() -> None:
    found = graph(training(schedule="rate(1 day)"))
    assert found.of("aws.sagemaker.TrainingJob") == ()
    step = inside(only(found, PIPELINE).props["pipeline_definition"], "Steps", 0)
    assert inside(step, "Type") == "Training"
    assert isinstance(arguments(found), dict)
    assert "TrainingJobName" not in str(step), "a name would be taken at the second run"
    schedule = only(found, "aws.scheduler.Schedule").props
    assert getattr(inside(schedule["target"], "arn"), "resource", "") == "fraud-fit-pipeline"


def test_trap_12_one_without_a_schedule_is_run_by_hand() -> None:
    found = graph(training())
    assert found.of("aws.scheduler.Schedule") == ()
    assert only(found, PIPELINE).props["pipeline_name"] == "fraud-prod-fit"


def test_trap_12_what_aws_lets_down_is_tried_again() -> None:
    step = inside(only(graph(training(retries=3)), PIPELINE).props["pipeline_definition"], "Steps", 0)
    kinds = [inside(step, "RetryPolicies", index, "ExceptionType") for index in (0, 1)]
    assert "SageMaker.CAPACITY_ERROR" in str(kinds[1])
    assert inside(step, "RetryPolicies", 1, "MaxAttempts") == 3
    none = inside(only(graph(training(retries=0)), PIPELINE).props["pipeline_definition"], "Steps", 0)
    assert isinstance(none, dict)
    assert "RetryPolicies" not in none


# ----- 13. Closed jobs reach no model hub -------------------------------------------------------------------------


def test_trap_13_a_closed_job_cannot_reach_a_model_hub() -> None:
    job = training(hyperparameters={"model_name_or_path": "bert-base-uncased"})
    assert refusals(job) == []
    assert refusals(job, stage=OWN) == [("AWS146", "hyperparameters")]
    isolated = training(hyperparameters={"base_model": "bert-base-uncased"}, network_isolation=True)
    assert refusals(isolated) == [("AWS146", "hyperparameters")]
    local = training(hyperparameters={"base_model": "/opt/ml/input/data/base"}, network_isolation=True)
    assert refusals(local) == []


def test_trap_13_subnets_of_the_authors_may_have_a_way_out() -> None:
    found = problems(training(hyperparameters={"base_model": "bert-base-uncased"}), stage=THEIRS)
    assert [(one.code, one.severity) for one in found] == [("AWS146", Severity.WARNING)]


def test_trap_13_nor_can_a_closed_endpoint() -> None:
    model = Model(image=f"{ECR}/llm:1", environment={"HF_MODEL_ID": "mistralai/Mistral-7B-v0.1"})
    endpoint = RealtimeEndpoint(name="llm", model=model, on=SageMaker(instance="ml.g5.2xlarge"))
    assert refusals(endpoint) == []
    assert refusals(endpoint, stage=OWN) == [("AWS146", "model.environment")]


def test_trap_13_an_own_network_reaches_s3_through_its_gateway() -> None:
    found = graph(training(), stage=OWN)
    gateways = [one for one in found.of("aws.ec2.VpcEndpoint") if one.props["vpc_endpoint_type"] == "Gateway"]
    assert [one.props["service_name"] for one in gateways] == ["com.amazonaws.us-east-1.s3"]
    services = {
        str(one.props["service_name"]).removeprefix("com.amazonaws.us-east-1.")
        for one in found.of("aws.ec2.VpcEndpoint")
    }
    assert {"ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "sagemaker.api", "sts"} <= services
    assert isinstance(inside(arguments(found), "VpcConfig"), dict)


def test_machines_of_one_job_talk_encrypted() -> None:
    assert inside(arguments(graph(training(replicas=2))), "EnableInterContainerTrafficEncryption") is True
    alone = arguments(graph(training()))
    assert isinstance(alone, dict)
    assert "EnableInterContainerTrafficEncryption" not in alone


@pytest.mark.parametrize(("instance", "keyed"), [("ml.m5.xlarge", True), ("ml.g5.xlarge", False)])
def test_trap_07_jobs_on_local_disks_take_no_key(instance: str, keyed: bool) -> None:
    resources = inside(arguments(graph(training(on=SageMaker(instance=instance)))), "ResourceConfig")
    assert isinstance(resources, dict)
    assert ("VolumeKmsKeyId" in resources) is keyed


# ----- 20. Notebooks --------------------------------------------------------------------------------------------------


def test_trap_20_notebooks_in_production_are_closed() -> None:
    desk = Notebook(name="desk", instance="ml.t3.medium", stop_when_idle="1h")
    props = only(graph(desk), "aws.sagemaker.NotebookInstance").props
    assert props["direct_internet_access"] == "Disabled"
    assert props["root_access"] == "Disabled"
    assert "subnet_id" in props
    test = only(
        graph(Notebook(name="desk", instance="ml.t3.medium", root=True), stack="test"), "aws.sagemaker.NotebookInstance"
    )
    assert test.props["root_access"] == "Enabled"


def test_trap_20_nobody_is_root_in_production() -> None:
    assert refusals(Notebook(name="desk", instance="ml.t3.medium", root=True)) == [("AWS155", "root")]


def test_trap_20_repositories_need_a_way_to_the_internet() -> None:
    desk = Notebook(name="desk", instance="ml.t3.medium", repositories=["https://github.com/acme/desk"])
    assert refusals(desk) == [("AWS156", "repositories")]
    assert refusals(desk, stack="test") == []
    assert refusals(desk, stage=THEIRS) == []


def test_trap_20_hours_follow_their_zone() -> None:
    hours = WorkingHours("Mon-Fri 08:30-18:00", timezone="Europe/Berlin", holidays=["2026-12-25"])
    found = graph(Notebook(name="desk", instance="ml.t3.medium", working_hours=hours))
    schedules = {one.name: one.props for one in found.of("aws.scheduler.Schedule")}
    start = schedules["fraud-desk-start"]
    assert start["schedule_expression"] == "cron(30 8 ? * MON,TUE,WED,THU,FRI *)"
    assert start["schedule_expression_timezone"] == "Europe/Berlin"
    assert found.of("aws.sagemaker.NotebookInstanceLifecycleConfiguration"), "a holiday needs the idle stop"
