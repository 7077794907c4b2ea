"""AWS's schedules as CronJobs keep them: the same moments, or a refusal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstage.targets.eks.cron import NoCron, to_cron

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@pytest.mark.parametrize(
    ("aws", "kubernetes"),
    [
        ("cron(0 3 * * ? *)", "0 3 * * *"),
        ("cron(0 3 ? * 2-6 *)", "0 3 * * 1-5"),
        ("cron(0 3 ? * MON-FRI *)", "0 3 * * 1-5"),
        ("cron(0 3 ? * 1 *)", "0 3 * * 0"),
        ("cron(0 3 ? * 7 *)", "0 3 * * 6"),
        ("cron(0 3 ? * SAT,SUN *)", "0 3 * * 6,0"),
        ("cron(0 3 ? * FRI-MON *)", "0 3 * * 5-6,0-1"),
        ("cron(0 3 ? * 2/2 *)", "0 3 * * 1-6/2"),
        ("cron(5/15 * * * ? *)", "5-59/15 * * * *"),
        ("cron(*/10 8-18 1,15 JAN-JUN ? *)", "*/10 8-18 1,15 JAN-JUN *"),
        ("rate(1 minute)", "* * * * *"),
        ("rate(15 minutes)", "*/15 * * * *"),
        ("rate(6 hours)", "0 */6 * * *"),
        ("rate(1 hour)", "0 * * * *"),
        ("rate(1 day)", "0 0 * * *"),
        ("rate(7 days)", "0 0 * * 0"),
    ],
)
def test_the_same_moments(aws: str, kubernetes: str) -> None:
    assert to_cron(aws) == kubernetes


@pytest.mark.parametrize(
    ("aws", "why", "instead"),
    [
        ("cron(0 3 L * ? *)", "no `L` for the day of the month", "cron(0 3 1 * ? *)"),
        ("cron(0 3 15W * ? *)", "no `W` for the day of the month", "cron(0 3 1 * ? *)"),
        ("cron(0 3 ? * 6#3 *)", "no `#` for the day of the week", "cron(0 3 1 * ? *)"),
        ("cron(0 3 * * ? 2026)", "has no year", "cron(0 3 * * ? *)"),
        ("rate(7 minutes)", "60 minutes are no whole number of times 7", "rate(6 minutes)"),
        ("rate(90 minutes)", "60 minutes are no whole number of times 90", "rate(30 minutes)"),
        ("rate(5 hours)", "24 hours are no whole number of times 5", "rate(4 hours)"),
        ("rate(3 days)", "no whole number of 3 days", "rate(7 days)"),
    ],
)
def test_what_a_cron_job_cannot_keep_is_refused_with_what_it_can(aws: str, why: str, instead: str) -> None:
    with pytest.raises(NoCron) as refused:
        to_cron(aws)
    assert why in str(refused.value)
    assert instead in refused.value.instead


def _days(field: str) -> set[int]:
    """Read a CronJob's days of the week, as Kubernetes does: from 0, which is Sunday."""
    found: set[int] = set()
    for part in field.split(","):
        days, _, step = part.partition("/")
        first, _, last = days.partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


@given(st.integers(1, 7), st.integers(1, 7))
def test_ranges_of_days_are_the_same_days(first: int, last: int) -> None:
    """Walk from AWS's first day to its last, around the end of the week where need be."""
    sunday = datetime(2026, 11, 1)
    walked: list[str] = []
    day = sunday + timedelta(days=first - 1)
    while not walked or walked[-1] != DAYS[last - 1]:
        walked.append(DAYS[(day.weekday() + 1) % 7])
        day += timedelta(days=1)
    field = to_cron(f"cron(0 3 ? * {first}-{last} *)").split()[4]
    assert {DAYS[number] for number in _days(field)} == set(walked)
    named = to_cron(f"cron(0 3 ? * {DAYS[first - 1]}-{DAYS[last - 1]} *)").split()[4]
    assert _days(named) == _days(field)
