"""Quotas: what a stack needs of each at its fullest, and what an account may lack of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mlstage.catalog.refresh.quotas import Quota
from mlstage.diagnostics import Severity
from mlstage.graph import Graph, JsonDocument, Ref, Resource, Value
from mlstage.insight.quota_check import quota_problems
from mlstage.insight.quotas import is_accelerated, needs
from tests.insight.graphs import endpoint, graph, resource, scaled, serverless, training, variant


def needed(*resources: Resource) -> dict[str, tuple[float, float]]:
    return {need.quota: (need.steady, need.updating) for need in needs(graph(*resources))}


def test_an_endpoint_needs_its_most_and_twice_that_while_it_is_updated() -> None:
    assert needed(*endpoint(variant("ml.g5.xlarge", 2)), *scaled(2, 6)) == {"ml.g5.xlarge for endpoint usage": (6, 12)}
    assert needed(*endpoint(variant("ml.g5.xlarge", 3))) == {"ml.g5.xlarge for endpoint usage": (3, 6)}


def test_scheduled_actions_count_by_their_fullest_hour() -> None:
    action = resource(
        "appautoscaling.ScheduledAction",
        "sale",
        resource_id=Ref("target", "resource_id"),
        scalable_dimension=Ref("target", "scalable_dimension"),
        schedule="cron(0 8 * * ? *)",
        scalable_target_action={"min_capacity": 4, "max_capacity": 20},
    )
    assert needed(*endpoint(variant("ml.m5.xlarge", 2)), *scaled(2, 6), action) == {
        "ml.m5.xlarge for endpoint usage": (20, 40)
    }


def test_shadows_count_and_serverless_variants_do_not() -> None:
    shadow: dict[str, Value] = {"shadow_production_variants": (variant("ml.c5.xlarge", 1, variant_name="shadow"),)}
    assert needed(*endpoint(variant("ml.m5.xlarge"), config=shadow)) == {
        "ml.c5.xlarge for endpoint usage": (1, 2),
        "ml.m5.xlarge for endpoint usage": (1, 2),
    }
    assert needed(*endpoint(serverless(2048, 5))) == {}


def test_spot_training_has_a_quota_of_its_own() -> None:
    assert needed(*training("ml.g5.xlarge", spot=True)) == {"ml.g5.xlarge for spot training job usage": (1, 1)}
    assert needed(*training("ml.g5.xlarge")) == {"ml.g5.xlarge for training job usage": (1, 1)}


def test_a_search_runs_several_jobs_at_once_and_a_warm_pool_is_counted_too() -> None:
    cluster: dict[str, Value] = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "KeepAlivePeriodInSeconds": 600}
    steps: tuple[Value, ...] = (
        {
            "Name": "search",
            "Type": "Tuning",
            "Arguments": {
                "HyperParameterTuningJobConfig": {"ResourceLimits": {"MaxParallelTrainingJobs": 3}},
                "TrainingJobDefinition": {"ResourceConfig": {**cluster, "KeepAlivePeriodInSeconds": None}},
            },
        },
        {"Name": "train", "Type": "Training", "Arguments": {"ResourceConfig": cluster}},
    )
    pipeline = resource("sagemaker.Pipeline", pipeline_definition=JsonDocument({"Steps": steps}))
    assert needed(pipeline) == {
        "ml.g5.xlarge for training job usage": (8, 8),
        "ml.g5.xlarge for training warm pool usage": (2, 2),
    }


def test_fargate_counts_vcpus_and_an_update_doubles_them() -> None:
    task = resource("ecs.TaskDefinition", "task", cpu="2048", memory="8192")
    spot: Value = ({"capacity_provider": "FARGATE_SPOT", "weight": 1},)
    service = resource(
        "ecs.Service", "service", task_definition=Ref("task", "arn"), desired_count=3, capacity_provider_strategies=spot
    )
    assert needed(task, service) == {"Fargate Spot vCPU resource count": (6, 12)}


@pytest.mark.parametrize(
    ("machine", "quota", "vcpus"),
    [
        ("g5.xlarge", "Running On-Demand G and VT instances", 16),
        ("inf2.xlarge", "Running On-Demand Inf instances", 16),
        ("c7g.xlarge", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 16),
        ("p4d.24xlarge", "Running On-Demand P instances", 384),
    ],
)
def test_machines_count_by_their_family(machine: str, quota: str, vcpus: float) -> None:
    template = resource("ec2.LaunchTemplate", "template", instance_type=machine)
    group = resource("autoscaling.Group", "group", max_size=4, launch_template={"id": Ref("template", "id")})
    assert needed(template, group) == {quota: (vcpus, vcpus)}


class Account:
    """An account with a few quotas."""

    def __init__(self, **values: float) -> None:
        self._values = values

    def quotas(self, service: str) -> Mapping[str, Quota]:
        assert service == "sagemaker"
        return {f"ml.g5.{size} for endpoint usage": Quota(value, "L-1") for size, value in self._values.items()}


def told(found: Graph, account: Account) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in quota_problems(found, account)]


def test_what_an_account_lacks() -> None:
    served = graph(*endpoint(variant("ml.g5.xlarge", 2)))
    assert told(served, Account(xlarge=4)) == []
    assert told(served, Account(xlarge=3)) == [("AWS160", Severity.WARNING)]
    assert told(served, Account(xlarge=0)) == [("AWS160", Severity.ERROR)]
    assert told(served, Account()) == [("AWS161", Severity.WARNING)]
    (problem,) = quota_problems(served, Account(xlarge=0))
    assert problem.what == (
        "stack 'prod' needs 2 of 'ml.g5.xlarge for endpoint usage', and the account has 0 in us-east-1"
    )
    assert problem.instead.endswith("--service-code sagemaker --quota-code L-1 --desired-value 4 --region us-east-1")


def test_accelerated_machines_are_those_that_new_accounts_have_none_of() -> None:
    found = needs(graph(*endpoint(variant("ml.g5.xlarge"), variant("ml.m5.xlarge", variant_name="cpu"))))
    assert [(need.quota, is_accelerated(need)) for need in found] == [
        ("ml.g5.xlarge for endpoint usage", True),
        ("ml.m5.xlarge for endpoint usage", False),
    ]
