"""What holds of every simulated day, whatever is asked and however it is scaled; and days of whole environments."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.insight.calendar import minutes_ahead
from mlstage.insight.cost import PriceBook
from mlstage.insight.days import Player, play, players
from mlstage.insight.facts import Traffic
from mlstage.insight.queueing import sojourn_quantile
from mlstage.insight.simulation import Day, Metric, Scaling, Service, at_once, simulate
from tests.insight.graphs import endpoint, graph, resource, scaled, serverless, variant

FLAT = (1.0,) * 24
METRICS: tuple[Metric | None, ...] = (None, "invocations", "concurrency", "utilisation", "backlog")

days_asked = st.lists(st.integers(0, 20), min_size=24, max_size=24).filter(any).map(tuple)
traffics = st.builds(Traffic, st.integers(1_000, 200_000_000), days_asked)
services = st.builds(Service, st.floats(0.001, 30), st.integers(1, 8))
scalings = st.builds(
    lambda low, more, metric, target, out, back: Scaling(low, low + more, metric, target, out, back),
    st.integers(1, 5),
    st.integers(0, 10),
    st.sampled_from(METRICS),
    st.floats(1, 2000),
    st.integers(0, 1200),
    st.integers(0, 1200),
)


def changes_of(day: Day) -> list[tuple[int, int]]:
    """Give the minutes at which the number changed, and by how much."""
    pairs = pairwise(day.minutes)
    return [(later.minute, later.paid - before.paid) for before, later in pairs if later.paid != before.paid]


@settings(max_examples=15)
@given(traffics, scalings, services)
def test_every_request_is_served_or_waits(traffic: Traffic, scaling: Scaling, service: Service) -> None:
    for before, now in pairwise(simulate(traffic, scaling, service).minutes):
        served = before.waiting + now.arrivals - now.waiting
        capacity = now.serving * service.per_minute
        assert -1e-6 * max(1, now.arrivals) <= served <= capacity * (1 + 1e-9) + 1e-6, now.minute
        # Nobody waits beside a machine that is free.
        assert now.waiting <= 1e-6 * max(1, now.arrivals) or served == pytest.approx(capacity, rel=1e-6), now.minute


@settings(max_examples=15)
@given(traffics, scalings, services)
def test_the_bounds_hold_and_who_starts_is_paid(traffic: Traffic, scaling: Scaling, service: Service) -> None:
    for minute in simulate(traffic, scaling, service).minutes:
        assert scaling.minimum <= minute.paid <= scaling.maximum, minute.minute
        assert minute.serving <= minute.paid


@settings(max_examples=15)
@given(traffics, scalings, services)
def test_a_number_that_was_changed_rests_for_its_cooldown(traffic: Traffic, scaling: Scaling, service: Service) -> None:
    changes = changes_of(simulate(traffic, scaling, service))
    for sign, cooldown in ((1, scaling.out_cooldown), (-1, scaling.in_cooldown)):
        times = [minute for minute, by in changes if by * sign > 0]
        assert all(later - earlier >= cooldown / 60 for earlier, later in pairwise(times)), (sign, times)


@settings(max_examples=15)
@given(traffics, services, st.integers(1, 12))
def test_one_more_machine_makes_nobody_wait_longer(traffic: Traffic, service: Service, count: int) -> None:
    few, more = (simulate(traffic, Scaling(number, number), service) for number in (count, count + 1))
    for one, other in zip(few.minutes, more.minutes, strict=True):
        assert other.waiting <= one.waiting + 1e-6
        assert (other.p95_ms or 0) <= (one.p95_ms or 0) * (1 + 1e-9)


@settings(max_examples=15)
@given(st.integers(1, 5), st.floats(0.05, 0.95), st.floats(0.005, 1), st.integers(1, 4))
def test_a_steady_load_waits_as_the_formula_of_a_line_says(count: int, busy: float, seconds: float, slots: int) -> None:
    rate = busy * slots * count / seconds
    day = simulate(Traffic(rate * 3600 * 730, FLAT), Scaling(count, count), Service(seconds, slots))
    expected = pytest.approx(1000 * sojourn_quantile(slots, busy * slots, seconds), rel=1e-6)
    assert [minute.p95_ms for minute in day.minutes] == [expected] * len(day.minutes)


def test_what_overloads_for_ever_waits_for_ever() -> None:
    day = simulate(Traffic(120 * 60 * 730, FLAT), Scaling(1, 1), Service(1.0, 1))
    assert {minute.p95_ms for minute in day.minutes} == {inf}
    assert day.minutes[-1].waiting > day.minutes[0].waiting


@pytest.mark.parametrize(
    ("name", "requests"),
    [("ml.inf2.xlarge", 2), ("ml.g5.xlarge", 1), ("ml.g5.12xlarge", 4), ("ml.m5.xlarge", 4), ("ml.nobody.large", 1)],
)
def test_a_machine_works_on_one_request_for_each_device(name: str, requests: int) -> None:
    assert at_once(name) == requests


# Days of graphs


def facts(month: float, **more: Value) -> dict[str, Value]:
    return {"traffic": {"requests_per_month": month, "day": FLAT, **more}}


def player(made: Graph) -> Player:
    (found,) = players(made, PriceBook(made.region))
    assert isinstance(found, Player)
    return found


def action(cron: str, timezone: str, low: int, high: int) -> Resource:
    return resource(
        "appautoscaling.ScheduledAction",
        "opening",
        schedule=cron,
        timezone=timezone,
        scalable_target_action={"min_capacity": low, "max_capacity": high},
        resource_id=Ref("target", "resource_id"),
        scalable_dimension=Ref("target", "scalable_dimension"),
        service_namespace="sagemaker",
    )


@pytest.mark.parametrize(
    ("timezone", "minute"),
    [
        ("UTC", 450),
        ("Europe/Berlin", 390),
        ("Asia/Kolkata", 120),
        ("America/New_York", 750),
        ("Pacific/Auckland", 1110),
    ],
)
def test_a_scheduled_action_moves_the_bounds_at_its_minute_in_its_time_zone(timezone: str, minute: int) -> None:
    moved = action("cron(30 7 ? * * *)", timezone, 4, 6)
    one = player(graph(*endpoint(variant(count=2)), *scaled(1, 2), moved, facts=facts(1000)))
    assert one.scaling is not None
    assert one.scaling.changes == ((minute, 4, 6),)


def test_a_time_zone_that_nobody_knows_is_taken_as_utc() -> None:
    assert minutes_ahead("Mars/Olympus") == 0


def test_an_endpoint_is_played_with_its_price_and_its_time() -> None:
    made = graph(*endpoint(variant("ml.inf2.xlarge", count=2)), facts=facts(730 * 3600 * 100, duration_ms=10.0))
    one = player(made)
    assert (one.what, one.service, one.scaling) == ("ml.inf2.xlarge", Service(0.01, 2), Scaling(2, 2))
    assert one.price is not None
    played = play(one, 5)
    assert played.monthly == pytest.approx(2 * 730 * one.price.usd)


def test_each_variant_has_its_share_of_the_traffic() -> None:
    variants = (variant(), variant("ml.c5.xlarge") | {"variant_name": "b", "initial_variant_weight": 3})
    found = list(players(graph(*endpoint(*variants), facts=facts(4000)), PriceBook("us-east-1")))
    assert [one.traffic.requests_per_month for one in found if isinstance(one, Player)] == [1000, 3000]


def test_a_serverless_endpoint_has_cold_starts_and_no_instances() -> None:
    one = player(graph(*endpoint(serverless(2048, 5)), facts=facts(2000, duration_ms=300.0)))
    played = play(one, 5)
    assert (played.day, one.scaling) == (None, None)
    assert played.cold is not None and 0 < played.cold < 1


def test_what_nobody_says_is_told_and_not_played() -> None:
    assert list(players(graph(*endpoint(variant())), PriceBook("us-east-1"))) == [
        "w: nobody says what it is asked: `expects=Traffic(…)`"
    ]
