"""What Kubernetes costs: machines of pods between their bounds, jobs by their schedules, and what nobody can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlstage import Autoscale, CpuUtilization, Eks, Runs, Spot, Traffic
from mlstage.graph import Graph
from mlstage.insight.cost import Line, estimate
from tests.targets.eks.workloads import GPU, SMALL, batch, on_volume, scorer, training
from tests.targets.support import graph

DAYS_A_MONTH = 365.25 / 12
HOURS_A_MONTH = 730
CLASS = "kubernetes.storage.v1.StorageClass"


def line(made: Graph, workload: str, what: str) -> Line:
    """Give the one line of a workload whose words have this text."""
    (found,) = [one for one in estimate(made).lines if what in one.what and one.workload == workload]
    return found


def quantities(found: Line) -> list[float]:
    return [round(one / HOURS_A_MONTH, 3) for one in (found.quantity.low, found.quantity.expected, found.quantity.high)]


def test_a_gpu_service_is_a_machine_for_each_pod() -> None:
    following = Autoscale(min=2, max=6, target=CpuUtilization(60))
    found = line(graph(scorer(GPU, replicas=following)), "scorer", "g5.xlarge")
    assert quantities(found) == [2, 2, 6]
    assert found.monthly.low == pytest.approx(2 * HOURS_A_MONTH * found.prices[0].usd)
    assert "the first of 2 types" in found.note
    fixed = line(graph(scorer(GPU, replicas=3)), "scorer", "g5.xlarge")
    assert quantities(fixed) == [3, 3, 3]


def test_expected_traffic_is_simulated_against_the_autoscaler() -> None:
    # 4 requests a second of 600 ms keep 2.4 pods busy: at 60 %, four.
    traffic = Traffic(requests_per_second=4, duration_ms=600, day="flat")
    following = Autoscale(min=1, max=10, target=CpuUtilization(60))
    found = line(graph(scorer(GPU, replicas=following, expects=traffic)), "scorer", "g5.xlarge")
    assert quantities(found) == [1, pytest.approx(4, abs=0.2), 10]
    assert not found.assumed


def test_small_pods_share_a_machine() -> None:
    found = line(graph(scorer(Eks(instance="m6i.4xlarge", cpu=4, memory="16GB"), replicas=5)), "scorer", "m6i.4xlarge")
    assert quantities(found) == [2, 2, 2]


def test_a_job_is_paid_while_it_runs_as_often_as_its_schedule_says() -> None:
    every = {"expects": Runs(duration="2h"), "purchase": Spot(checkpoint="s3://acme-checkpoints/fraud/")}
    for schedule, runs in (("cron(0 2 * * ? *)", DAYS_A_MONTH), ("cron(0 2 ? * 2-6 *)", DAYS_A_MONTH * 5 / 7)):
        found = line(graph(training(GPU, schedule=schedule, **every)), "nightly", "g5.xlarge")
        assert found.quantity.expected == pytest.approx(2 * runs, rel=0.01), schedule
        assert found.monthly.low <= found.monthly.expected <= found.monthly.high
    by_hand = line(graph(training(GPU, expects=Runs(duration="2h", per_month=4))), "nightly", "g5.xlarge")
    assert by_hand.quantity.expected == pytest.approx(8)


def test_a_job_that_nobody_said_anything_of_is_paid_by_use_and_is_no_zero() -> None:
    found = line(graph(training(GPU)), "nightly", "g5.xlarge")
    assert (found.status, found.prices[0].item) == ("usage", "g5.xlarge")
    assert "expects=Runs" in found.note


def test_the_disk_of_a_node_is_paid_as_well() -> None:
    found = line(graph(scorer(Eks(instance="g5.xlarge", storage="200GB"), replicas=2)), "scorer", "disk")
    assert found.quantity.expected == 2 * 200


def test_pods_that_land_anywhere_have_no_price_that_could_be_told() -> None:
    made = graph(scorer(SMALL), batch(SMALL))
    for workload in ("scorer", "rescore"):
        found = line(made, workload, "pods of 2 vCPU")
        assert (found.status, "decided when they wait" in found.note) == ("unpriced", True)


def test_a_volume_for_checkpoints_is_paid_whether_its_job_runs_or_not() -> None:
    found = line(graph(on_volume(expects=Runs(duration="2h", per_month=4))), "nightly", "volume")
    assert (found.quantity.low, found.quantity.expected, found.quantity.high) == (100, 100, 100)
    assert [(price.item, price.component) for price in found.prices] == [("ebs-gp3", "Storage")]


def test_a_volume_of_a_class_that_is_not_in_the_stack_has_no_price() -> None:
    made = graph(on_volume())
    without = replace(made, resources=tuple(one for one in made.resources if one.type != CLASS))
    found = line(without, "nightly", "volume of 100Gi")
    assert (found.status, found.note) == ("unpriced", "its StorageClass is not in this stack")


def test_a_load_balancer_is_paid_by_the_service_that_asks_for_it() -> None:
    found = line(graph(scorer(Eks(cpu=2, memory="4GB", exposed="vpc"))), "scorer", "network load balancer")
    assert found.quantity.expected == HOURS_A_MONTH
    assert not [one for one in estimate(graph(scorer())).lines if "load balancer" in one.what]


def test_nothing_of_a_cluster_is_of_a_type_that_is_not_known() -> None:
    there = Eks(cluster="ml-platform", cpu=2, memory="4GB", exposed="internet")
    made = graph(
        scorer(GPU),
        scorer(there, name="there"),
        training(GPU, on_failure="ml@acme.example"),
        on_volume(name="weekly"),
        batch(Eks(cpu=1, memory="2GB", storage="90GB")),
    )
    assert [one.type for one in estimate(made).lines if "no price for this type" in one.note] == []
