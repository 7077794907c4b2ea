"""EventBridge schedules as times: how often a month they fire, and how long something is on between two of them.

Counted over 28 years, in which every date falls on every day of the week equally often, so that nothing depends on
today. Times of day are taken as they are written: daylight saving moves them, but makes no day longer on average.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Final

HOURS_A_MONTH: Final = 730.0
"""An average month: 8,760 hours a year over 12, as AWS's own calculators count it."""

_FIRST: Final = date(2001, 1, 1)
_YEARS: Final = 28
_MONTHS: Final = 12 * _YEARS
_DAYS: Final = 10_227
_DAY_MINUTES: Final = 24 * 60

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\(([^()]+)\)")
_UNITS: Final = {"minute": 1, "hour": 60, "day": _DAY_MINUTES}
_DAY_NAMES: Final = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_MONTH_NAMES: Final = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}


class ScheduleError(ValueError):
    """A schedule that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, read: minutes of the day at which it fires, and on which days."""

    minutes: tuple[int, ...]
    days: tuple[bool, ...]
    """For each day of the 28 years."""

    def firings(self) -> Iterator[int]:
        """Yield the minutes since the beginning of the 28 years at which it fires."""
        for day, fires in enumerate(self.days):
            if fires:
                yield from (day * _DAY_MINUTES + minute for minute in self.minutes)


@cache
def runs_per_month(expression: str) -> float:
    """Say how often a month a schedule fires on average; a schedule that fires once does not. Raises ScheduleError."""
    if expression.startswith("at("):
        return 0.0
    if (match := _RATE.fullmatch(expression)) and int(match[1]):
        return _DAYS * _DAY_MINUTES / (int(match[1]) * _UNITS[match[2]]) / _MONTHS
    cron = read_cron(expression)
    return len(cron.minutes) * sum(cron.days) / _MONTHS


@cache
def hours_on(starts: tuple[str, ...], stops: tuple[str, ...]) -> float:
    """Say for how many hours a month something runs that these cron schedules start and stop. Raises ScheduleError."""
    if not starts:
        return 0.0
    ends = _merged(stops)
    if not ends:
        return HOURS_A_MONTH
    on, until = 0, -1
    for start in _merged(starts):
        if start < until:
            continue  # it still runs
        place = bisect_right(ends, start)
        until = ends[place] if place < len(ends) else _DAYS * _DAY_MINUTES
        on += until - start
    return on / 60 / _MONTHS


@cache
def average_between(changes: tuple[tuple[str, float], ...], otherwise: float) -> float:
    """Give the average over time of a number that cron schedules set, each to its own value. Raises ScheduleError."""
    events = sorted((minute, value) for expression, value in changes for minute in read_cron(expression).firings())
    if not events:
        return otherwise
    end = _DAYS * _DAY_MINUTES
    last = events[-1][1]
    # Before the first change the value is what the last one of a period left.
    total = events[0][0] * last
    for (minute, value), following in zip(events, (*(event[0] for event in events[1:]), end), strict=True):
        total += value * (following - minute)
    return total / end


@cache
def read_cron(expression: str) -> Cron:
    """Read `cron(minute hour day-of-month month day-of-week year)`. Raises ScheduleError."""
    match = _CRON.fullmatch(expression.strip())
    fields = match[1].split() if match else []
    if len(fields) != 6:
        raise ScheduleError(f"{expression!r} is no schedule that EventBridge takes")
    minute, hour, day, month, weekday, _ = (field.upper() for field in fields)
    try:
        minutes = tuple(sorted(h * 60 + m for h in _numbers(hour, 0, 23) for m in _numbers(minute, 0, 59)))
        months = frozenset(_numbers(month, 1, 12, _MONTH_NAMES))
        days = tuple(one.month in months and _on(one, day, weekday) for one in _calendar())
    except (ValueError, KeyError) as error:
        raise ScheduleError(f"{expression!r} cannot be read: {error}") from error
    return Cron(minutes, days)


@cache
def minutes_ahead(timezone: str) -> int:
    """Say how far a time zone is ahead of UTC in winter; one that this machine does not know is taken as UTC."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ahead = datetime(2026, 1, 15, 12, tzinfo=ZoneInfo(timezone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return 0
    return round(ahead.total_seconds() / 60) if ahead else 0


def _merged(expressions: Sequence[str]) -> list[int]:
    return sorted(set(chain.from_iterable(read_cron(one).firings() for one in expressions)))


@cache
def _calendar() -> tuple[date, ...]:
    return tuple(_FIRST + timedelta(days=number) for number in range(_DAYS))


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> Iterable[int]:
    if field in ("*", "?"):
        return range(low, high + 1)
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first = _number(start, names)
            last = _number(end, names) if end else (high if step else first)
        # A range may wrap: FRI-MON.
        values = range(first, last + 1) if first <= last else (*range(first, high + 1), *range(low, last + 1))
        found.update(list(values)[:: int(step or 1)])
    if not found or min(found) < low or max(found) > high:
        raise ValueError(f"{field} is not within {low} and {high}")
    return sorted(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    return names[text] if names and text in names else int(text)


def _on(day: date, of_month: str, of_week: str) -> bool:
    """Say whether a day is one that the two fields name, of which one is `?`."""
    if of_week not in ("?", "*"):
        return _on_weekday(day, of_week)
    return of_month in ("?", "*") or _on_month_day(day, of_month)


def _on_weekday(day: date, field: str) -> bool:
    number = day.isoweekday() % 7 + 1  # EventBridge's week begins on Sunday, 1
    if "#" in field:
        name, _, which = field.partition("#")
        return number == _number(name, _DAY_NAMES) and (day.day - 1) // 7 + 1 == int(which)
    if field.endswith("L") and field != "L":
        last = day.day + 7 > monthrange(day.year, day.month)[1]
        return number == _number(field[:-1], _DAY_NAMES) and last
    return number in _numbers("7" if field == "L" else field, 1, 7, _DAY_NAMES)


def _on_month_day(day: date, field: str) -> bool:
    length = monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == length
    if field.endswith("W"):
        return day.day == _nearest_weekday(day, length if field == "LW" else min(int(field[:-1]), length), length)
    return day.day in _numbers(field, 1, 31)


def _nearest_weekday(day: date, wanted: int, length: int) -> int:
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:
        return wanted + 1 if wanted < length else wanted - 2
    return wanted
