"""Schedules as times: how often they fire, and how long something runs between two of them."""

from __future__ import annotations

import pytest

from mlstage.insight.calendar import HOURS_A_MONTH, ScheduleError, average_between, hours_on, runs_per_month

DAYS_A_MONTH = 365.25 / 12


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("cron(0 3 * * ? *)", DAYS_A_MONTH),
        ("cron(0 4 1 * ? *)", 1),
        ("cron(0 1 ? * SUN *)", DAYS_A_MONTH / 7),
        ("cron(0 1 ? * 1 *)", DAYS_A_MONTH / 7),
        ("cron(0/15 8-17 ? * MON-FRI *)", DAYS_A_MONTH * 5 / 7 * 40),
        ("cron(0 0 ? * FRI-MON *)", DAYS_A_MONTH * 4 / 7),
        ("cron(0 0 L * ? *)", 1),
        ("cron(0 0 LW * ? *)", 1),
        ("cron(0 0 15W * ? *)", 1),
        ("cron(0 0 ? * 2#1 *)", 1),
        ("cron(0 0 ? * 6L *)", 1),
        ("cron(0 0 1 JAN,JUL ? *)", 2 / 12),
        ("cron(0 6,18 31 * ? *)", 2 * 7 / 12),
        ("rate(1 day)", DAYS_A_MONTH),
        ("rate(6 hours)", DAYS_A_MONTH * 4),
        ("at(2026-11-24T03:00:00)", 0),
    ],
)
def test_how_often_a_month_a_schedule_fires(expression: str, runs: float) -> None:
    assert runs_per_month(expression) == pytest.approx(runs, rel=1e-3)


@pytest.mark.parametrize("expression", ["daily", "cron(0 3 * * ?)", "cron(0 25 * * ? *)", "cron(0 0 ? * FOO *)"])
def test_what_is_no_schedule_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ScheduleError, match=r"daily|cron"):
        runs_per_month(expression)


def test_hours_between_a_start_and_a_stop() -> None:
    working = hours_on(("cron(0 8 ? * MON-FRI *)",), ("cron(0 18 ? * MON-FRI *)",))
    assert working == pytest.approx(DAYS_A_MONTH * 5 / 7 * 10)
    # Nobody stops it on Friday: it runs until Monday evening.
    forgotten = hours_on(("cron(0 8 ? * MON-FRI *)",), ("cron(0 18 ? * MON-THU *)",))
    assert forgotten == pytest.approx(DAYS_A_MONTH / 7 * (4 * 10 + 72), rel=1e-3)


def test_what_is_never_stopped_runs_all_month_and_what_is_never_started_not_at_all() -> None:
    assert hours_on(("cron(0 8 ? * MON-FRI *)",), ()) == HOURS_A_MONTH
    assert hours_on((), ("cron(0 18 ? * MON-FRI *)",)) == 0


def test_the_average_of_what_schedules_set() -> None:
    nights = (("cron(0 20 * * ? *)", 1.0), ("cron(0 8 * * ? *)", 4.0))
    assert average_between(nights, 9.0) == pytest.approx(2.5)
    assert average_between((), 9.0) == 9.0
