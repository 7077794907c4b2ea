"""A simulated day: what auto-scaling does, what it costs, and where requests wait."""

from __future__ import annotations

import pytest

from mlstage.insight.facts import Traffic
from mlstage.insight.simulation import MINUTES, Scaling, Service, cold_starts, simulate

OFFICE = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 20, 18, 20, 20, 18, 16, 12, 8, 5, 3, 2, 1, 1)
FAST = Service(0.02, 4)


def test_a_day_has_the_month_s_requests() -> None:
    traffic = Traffic(73_000_000, OFFICE)
    day = sum(traffic.per_minute(minute) for minute in range(MINUTES))
    assert day == pytest.approx(73_000_000 / (730 / 24))
    assert traffic.peak_per_second == pytest.approx(traffic.per_minute(11 * 60) / 60, rel=0.05)


def test_without_a_metric_nothing_moves() -> None:
    day = simulate(Traffic(50_000_000, OFFICE), Scaling(3, 3), FAST)
    assert (day.average, day.most, day.changes) == (3, 3, 0)


def test_invocations_are_tracked_between_the_bounds() -> None:
    day = simulate(Traffic(50_000_000, OFFICE), Scaling(2, 8, "invocations", 600), FAST)
    peak = max(minute.arrivals for minute in day.minutes)
    assert day.most == -(-peak // 600)
    assert min(minute.paid for minute in day.minutes) == 2
    assert 2 < day.average < day.most


def test_the_maximum_holds_and_requests_wait_behind_it() -> None:
    slow = Service(0.5, 1)  # 120 a minute
    day = simulate(Traffic(20_000_000, OFFICE), Scaling(1, 4, "invocations", 100), slow)
    assert day.most == 4
    assert day.short > 60
    waiting = [minute for minute in day.minutes if minute.waiting > 0.5]
    assert {minute.p95_ms for minute in waiting} == {float("inf")}


def test_a_new_instance_costs_before_it_serves() -> None:
    day = simulate(Traffic(50_000_000, OFFICE), Scaling(1, 8, "invocations", 600), FAST, start_minutes=20)
    starting = [minute for minute in day.minutes if minute.paid > minute.serving]
    assert len(starting) >= 20


def test_from_nothing_a_request_calls_for_an_instance_and_nothing_is_left_afterwards() -> None:
    day = simulate(Traffic(3000), Scaling(0, 3, "backlog", 5), Service(30.0, 1))
    assert min(minute.paid for minute in day.minutes) == 0
    assert day.most == 1
    assert 0.2 < day.average < 0.9


def test_scheduled_actions_move_the_bounds() -> None:
    changes = ((8 * 60, 4, 6), (20 * 60, 1, 2))
    day = simulate(Traffic(1_000_000), Scaling(1, 2, changes=changes), FAST)
    # At six in the morning there are still the two that the evening's maximum left: no metric takes one away.
    assert [day.minutes[hour * 60 + 30].paid for hour in (6, 9, 19, 21)] == [2, 4, 4, 2]


def test_cold_starts_fall_as_traffic_grows() -> None:
    shares = [cold_starts(Traffic(month, OFFICE), 0.3) for month in (300, 3_000, 100_000, 10_000_000)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.8
    assert shares[-1] < 0.01
    # What is kept warm is not cold.
    assert cold_starts(Traffic(3_000, OFFICE), 0.3, warm=3) == 0
