"""What SageMaker costs: endpoints between their bounds, jobs by their schedules, notebooks by their hours."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

import pytest

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.insight.cost import Amount, Line, estimate
from tests.insight.graphs import endpoint, graph, resource, scaled, schedule, serverless, training, variant

DAYS_A_MONTH = 365.25 / 12
OFFICE = (1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 8.0, 14.0, 18.0, 20.0, 20.0) * 2


def line(made: Graph, what: str) -> Line:
    """Give the one line of an estimate whose words have this text."""
    (found,) = [one for one in estimate(made).lines if what in one.what]
    return found


def amounts(amount: Amount) -> list[float]:
    return [round(amount.low, 2), round(amount.expected, 2), round(amount.high, 2)]


def traffic(month: float, **more: Value) -> Mapping[str, Value]:
    return {"traffic": {"requests_per_month": month, "day": (1.0,) * 24, **more}}


def test_an_endpoint_without_scaling_costs_the_same_all_month() -> None:
    found = line(graph(*endpoint(variant(count=3))), "hosting")
    assert (found.what, amounts(found.monthly)) == ("3 x ml.m5.xlarge, hosting", [503.7, 503.7, 503.7])
    assert (found.resource, found.basis, found.assumed) == ("endpoint", "observed", False)


def test_auto_scaling_is_priced_from_its_minimum_to_its_maximum() -> None:
    found = line(graph(*endpoint(variant(count=2)), *scaled(2, 8)), "hosting")
    assert amounts(found.monthly) == [335.8, 335.8, 1343.2]
    assert found.assumed
    assert "no `expects=Traffic(…)`" in found.note


def test_expected_traffic_decides_between_them() -> None:
    # 730 x 60 minutes: 2,400 a minute at 600 an instance are four instances all day.
    facts = traffic(2400 * 60 * 730)
    found = line(graph(*endpoint(variant(count=2)), *scaled(2, 8), facts=facts), "hosting")
    assert amounts(found.monthly) == [335.8, 671.6, 1343.2]
    assert not found.assumed


def test_a_week_whose_days_differ_is_played_as_a_week() -> None:
    def action(name: str, when: str, low: int) -> Resource:
        new: Value = {"min_capacity": low, "max_capacity": 8}
        at: dict[str, Value] = {"schedule": f"cron(0 {when} ? * MON-FRI *)", "scalable_target_action": new}
        return resource("appautoscaling.ScheduledAction", name, resource_id=Ref("target", "resource_id"), **at)

    # Six from 8 to 18 on five days, else one; hardly anybody asks, so that nothing more is needed.
    actions = (action("up", "8", 6), action("down", "18", 1))
    made = graph(*endpoint(variant(count=1)), *scaled(1, 8), *actions, facts=traffic(1000.0))
    found = line(made, "hosting")
    often = (5 * (6 * 10 + 14) + 2 * 24) / (7 * 24)
    assert found.monthly.low == pytest.approx(often * 730 * 0.23, rel=1e-3)
    # On a working day alone it would be 3.08; scaling in takes some minutes after 18.
    assert found.monthly.expected == pytest.approx(often * 730 * 0.23, rel=0.03)
    assert "on average over a simulated week" in found.note


def test_every_variant_and_shadow_is_paid() -> None:
    shadow: dict[str, Value] = {"shadow_production_variants": (variant("ml.m5.large") | {"variant_name": "s"},)}
    other = variant("ml.c5.xlarge", 2) | {"variant_name": "challenger"}
    made = graph(*endpoint(variant(), other, config=shadow))
    said = [one.what for one in estimate(made).lines if one.status == "priced"]
    assert said == ["1 x ml.m5.xlarge, hosting", "2 x ml.c5.xlarge, hosting", "1 x ml.m5.large, shadow variant"]


def test_instances_that_follow_inference_components_are_between_their_bounds() -> None:
    managed: Value = {"status": "ENABLED", "min_instance_count": 1, "max_instance_count": 5}
    found = line(graph(*endpoint(variant(count=2, managed_instance_scaling=managed))), "hosting")
    assert amounts(found.monthly) == [167.9, 335.8, 839.5]


def test_a_volume_of_its_own_is_paid_and_one_of_local_disks_is_not() -> None:
    found = line(graph(*endpoint(variant(count=2, volume_size_in_gb=50))), "volume")
    assert (amounts(found.monthly), found.basis) == ([14.0, 14.0, 14.0], "derived-assumed")
    of_nvme = estimate(graph(*endpoint(variant("ml.g5.xlarge"))))
    assert [one.what for one in of_nvme.lines if "volume" in one.what] == []
    unsaid = line(graph(*endpoint(variant())), "volume")
    assert (unsaid.status, amounts(unsaid.monthly)) == ("usage", [0, 0, 0])


def test_payloads_are_paid_by_the_gigabyte() -> None:
    facts = traffic(1024 * 1024, request_kb=6.0, response_kb=4.0)
    found = line(graph(*endpoint(variant()), facts=facts), "data of requests")
    assert amounts(found.monthly) == [0, 0.16, 0.16]


def test_a_type_without_a_price_is_named_and_is_not_free() -> None:
    made = graph(*endpoint(variant("ml.trn2.48xlarge")))
    found = line(made, "hosting")
    assert (found.status, found.resource) == ("unpriced", "endpoint")
    assert "no price of ml.trn2.48xlarge for hosting is known in us-east-1" in found.note
    assert estimate(made).monthly.high == 0


def test_a_configuration_that_is_elsewhere_is_named() -> None:
    made = graph(resource("sagemaker.Endpoint", "endpoint", name="e", endpoint_config_name="made-by-hand"))
    found = line(made, "endpoint")
    assert (found.status, found.note) == ("unpriced", "its endpoint configuration is not in this graph")


def test_another_region_is_derived_and_says_so() -> None:
    found = line(graph(*endpoint(variant("ml.c5.xlarge")), region="eu-central-1"), "hosting")
    assert found.basis == "derived"
    assert found.monthly.expected == pytest.approx(0.194 * 1.2 * 730, abs=0.5)


def test_serverless_is_paid_by_time() -> None:
    facts = traffic(1_000_000, duration_ms=100.0)
    found = line(graph(*endpoint(serverless(2048, 20)), facts=facts), "requests of up to 2048 MB")
    # 100,000 s at $0.00004; at the most 20 at once, all month.
    assert amounts(found.monthly) == [0, 4.0, round(20 * 730 * 3600 * 0.00004, 2)]
    assert found.basis == "observed"


def test_serverless_without_a_duration_is_in_no_sum() -> None:
    found = line(graph(*endpoint(serverless(2048, 20)), facts=traffic(1_000_000)), "requests of up to")
    assert (found.status, found.note[:20]) == ("usage", "$0.00004 per second;")


def test_places_kept_warm_are_paid_all_month() -> None:
    made = graph(
        *endpoint(serverless(2048, 20, provisioned_concurrency=3)), facts=traffic(1_000_000, duration_ms=100.0)
    )
    warm = line(made, "MB kept warm")
    assert amounts(warm.monthly) == [78.84, 78.84, 78.84]
    # Running in a warm place is cheaper than in a cold one; three hold all that comes, and of the 20 places that there
    # may be, 17 are not warm.
    found = {one.what: one.monthly for one in estimate(made).lines if "requests of" in one.what}
    month = 730 * 3600
    assert {what: amounts(monthly) for what, monthly in found.items()} == {
        "requests of up to 2048 MB": [0, 2.33, round(3 * month * 0.0000233, 2)],
        "requests of up to 2048 MB beyond the places kept warm": [0, 0, round(17 * month * 0.00004, 2)],
    }


def test_requests_that_find_no_place_free_are_paid_at_the_other_price() -> None:
    # 20 requests a second of 100 ms are 2 at work on average; of 1 place kept warm, E[(N - 1)+] = 1 + e^-2 are beyond.
    made = graph(
        *endpoint(serverless(2048, 20, provisioned_concurrency=1)),
        facts=traffic(20 * 730 * 3600, duration_ms=100.0),
    )
    spilt = line(made, "beyond the places kept warm").quantity.expected
    assert spilt == pytest.approx(730 * 3600 * (1 + exp(-2)))


def test_a_savings_plan_is_a_ceiling_where_no_rate_is_known() -> None:
    found = line(graph(*endpoint(variant()), facts={"savings_plan": "1y"}), "hosting")
    assert amounts(found.monthly) == [60.44, 167.9, 167.9]
    assert "rate of a SageMaker Savings Plan for 1y is not known" in found.note


def test_a_job_without_an_expectation_costs_its_limit_at_the_most() -> None:
    made = graph(*training(hours=2), schedule("cron(0 3 * * ? *)"), kind="Training")
    job = line(made, "training")
    whole = round(2 * DAYS_A_MONTH * 0.23, 2)
    assert (amounts(job.monthly), job.assumed) == ([0, whole, whole], True)
    volume = line(made, "volume while it runs")
    assert volume.monthly.expected == pytest.approx(30 * 2 * DAYS_A_MONTH / 730 * 0.14)


def test_a_job_with_an_expectation_costs_that() -> None:
    facts: dict[str, Value] = {"runs": {"seconds": 1800}}
    made = graph(*training(hours=2), schedule("cron(0 3 * * ? *)"), facts=facts, kind="Training")
    job = line(made, "training")
    month = DAYS_A_MONTH * 0.23
    assert amounts(job.monthly) == [round(month / 2, 2), round(month / 2, 2), round(month * 2, 2)]


def test_spot_is_a_dated_range_below_the_price_on_demand() -> None:
    job = line(graph(*training("ml.c5.4xlarge", spot=True), schedule("rate(1 day)"), kind="Training"), "training")
    hours = 2 * DAYS_A_MONTH
    assert job.monthly.high == pytest.approx(0.816 * hours)
    assert 0 < job.monthly.expected < job.monthly.high
    assert "EC2's range of 2025-05-28" in job.note


def test_spot_without_a_range_is_at_the_most_the_price_on_demand() -> None:
    job = line(graph(*training("ml.p4d.24xlarge", spot=True), schedule("rate(1 day)"), kind="Training"), "training")
    assert "Spot, whose price is not known" in job.note
    assert job.monthly.expected == job.monthly.high


@pytest.mark.parametrize("state", ["none", "disabled"])
def test_a_job_that_nothing_starts_is_in_no_sum(state: str) -> None:
    others = (schedule("rate(1 day)", state="DISABLED"),) if state == "disabled" else ()
    job = line(graph(*training(), *others, kind="Training"), "training")
    assert (job.status, "how often it runs is not known" in job.note) == ("usage", True)


@pytest.mark.parametrize("expression", ["rate(0 days)", "cron(bad)"])
def test_a_schedule_that_cannot_be_read_leaves_a_notebook_open_all_month(expression: str) -> None:
    notebook = resource("sagemaker.NotebookInstance", name="n", instance_type="ml.t3.medium")
    target: Value = {
        "arn": "arn:aws:scheduler:::aws-sdk:sagemaker:startNotebookInstance",
        "input": '{"NotebookInstanceName": "n"}',
    }
    start = resource("scheduler.Schedule", "start", schedule_expression=expression, target=target)
    found = line(graph(notebook, start, facts={"stop_when_idle_s": 3600}), "notebook")
    assert amounts(found.quantity) == [0, 730, 730]


def test_a_notebook_is_paid_between_its_schedules() -> None:
    def switch(name: str, when: str, action: str) -> Resource:
        return resource(
            "scheduler.Schedule",
            name,
            schedule_expression=when,
            target={"arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{action}", "input": '{"NotebookInstanceName": "n"}'},
        )

    book = resource("sagemaker.NotebookInstance", "book", name="n", instance_type="ml.t3.medium", volume_size=20)
    start = switch("start", "cron(0 8 ? * MON-FRI *)", "startNotebookInstance")
    stop = switch("stop", "cron(0 18 ? * MON-FRI *)", "stopNotebookInstance")
    hours = DAYS_A_MONTH * 5 / 7
    made = graph(book, start, stop, facts={"stop_when_idle_s": 3600.0}, kind="Notebook")
    found = line(made, "notebook")
    assert amounts(found.monthly) == [round(hours * 0.0499, 2), round(hours * 0.499, 2), round(hours * 0.499, 2)]
    assert amounts(line(made, "20 GB volume").monthly) == [2.8, 2.8, 2.8]
    # Without schedules it runs until somebody stops it.
    assert line(graph(book, kind="Notebook"), "notebook").monthly.high == pytest.approx(730 * 0.0499, abs=0.01)
