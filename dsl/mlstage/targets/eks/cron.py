"""Schedules as AWS writes them, as the five fields of Kubernetes' CronJobs.

The two differ in more than the brackets: AWS counts the days of the week from 1 (Sunday), Kubernetes from 0; AWS has a
year and the signs L, W and #, which Kubernetes has not; and a rate counts from when it was made, where a CronJob keeps
to the clock.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from __future__ import annotations

import re
from typing import Final

TIME_ZONE: Final = "Etc/UTC"
# A day that never comes: a CronJob has to have a schedule, even one that is only ever started by hand.
NEVER: Final = "0 0 31 2 *"
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_OF_CLOCK: Final = {"minute": 60, "hour": 24}
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SATURDAY: Final = 6


class NoCron(Exception):
    """A schedule that no CronJob can keep; `instead` is one that it can."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(why)
        self.instead = instead


def to_cron(expression: str) -> str:
    """Turn `cron(0 3 ? * MON *)` into `0 3 * * MON`. Raises `NoCron`, saying why, where the two cannot be equal."""
    if match := _RATE.fullmatch(expression):
        return _rate(int(match[1]), match[2])
    minute, hour, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    if year != "*":
        raise NoCron(
            f"a CronJob has no year, and this one names {year}", f"cron({minute} {hour} {day} {month} {weekday} *)"
        )
    for field, what in ((day, "day of the month"), (weekday, "day of the week")):
        if found := next((sign for sign in "LW#" if sign in _without_names(field)), None):
            raise NoCron(f"a CronJob has no `{found}` for the {what}", "a fixed day, such as cron(0 3 1 * ? *)")
    fields = (_stepped(minute, 59), _stepped(hour, 23), _stepped(day, 31), _stepped(month, 12), _weekday(weekday))
    return " ".join("*" if field == "?" else field for field in fields)


def _without_names(field: str) -> str:
    field = field.upper()
    for name in (*_DAYS, *_MONTHS):
        field = field.replace(name, "")
    return field


def _rate(count: int, unit: str) -> str:
    of = _OF_CLOCK.get(unit)
    if of is None:
        if count == 1:
            return "0 0 * * *"
        if count == len(_DAYS):
            return "0 0 * * 0"
        why = f"a CronJob keeps to the calendar, and months have no whole number of {count} days"
        raise NoCron(why, "rate(1 day), rate(7 days), or cron(0 3 1,15 * ? *)")
    if of % count or count == of:
        nearest = max(number for number in range(1, min(count, of - 1) + 1) if of % number == 0)
        why = f"a CronJob keeps to the clock, and {of} {unit}s are no whole number of times {count}"
        raise NoCron(why, f"rate({nearest} {unit}{'s' if nearest > 1 else ''})")
    step = "*" if count == 1 else f"*/{count}"
    return f"{step} * * * *" if unit == "minute" else f"0 {step} * * *"


def _stepped(field: str, last: int) -> str:
    """Say where steps from a number on end, which AWS leaves out: `5/15` is `5-59/15`."""
    return ",".join(re.sub(r"^(\d+)/", rf"\1-{last}/", part) for part in field.split(","))


def _weekday(field: str) -> str:
    """Count the days of the week from 0."""
    if field in ("?", "*"):
        return field
    return ",".join(_weekday_part(part) for part in field.split(","))


def _weekday_part(part: str) -> str:
    days, _, step = part.partition("/")
    first, dash, last = days.partition("-")
    if step and not dash and first != "*":
        dash, last = "-", "7"
    begin, end = _day(first), _day(last) if dash else ""
    if dash and begin.isdigit() and end.isdigit() and int(begin) > int(end):
        # FRI-MON: around the end of the week, which Kubernetes' ranges do not go.
        written = f"{begin}-{_SATURDAY},0-{end}" if int(begin) < _SATURDAY else f"{_SATURDAY},0-{end}"
        if step:
            raise NoCron(f"a CronJob has no steps over the end of the week ({part})", "the days one by one")
        return written
    return f"{begin}{dash}{end}{'/' if step else ''}{step}"


def _day(name: str) -> str:
    if name.upper() in _DAYS:
        return str(_DAYS.index(name.upper()))
    return str((int(name) - 1) % 7) if name.isdigit() else name
