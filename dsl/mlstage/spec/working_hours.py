"""The hours in which a notebook runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator

from mlstage.spec.base import Many, Node
from mlstage.spec.says import Says
from mlstage.spec.text import wrong

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS: Final = re.compile(r"(?P<days>[A-Za-z,-]+) (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")
_EXAMPLE: Final = '"Mon-Fri 08:00-18:00"'


def _days(text: str) -> tuple[str, ...]:
    """Read `Mon-Fri` or `Mon,Wed,Fri` as day names; raises `ValueError` for others."""
    chosen: list[str] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = DAYS.index(first.title()), DAYS.index((last or first).title())
        if end < start:
            raise ValueError(part)
        chosen += DAYS[start : end + 1]
    return tuple(day for day in DAYS if day in chosen)


def _hours(text: str) -> str:
    match = _HOURS.fullmatch(text)
    if match is None:
        raise wrong("SPEC104", f"{text!r} are no working hours", _EXAMPLE)
    try:
        _days(match["days"])
    except ValueError:
        raise wrong("SPEC104", f"{match['days']!r} are no days of a week", f"Mon … Sun, such as {_EXAMPLE}") from None
    try:
        start, end = time.fromisoformat(match["start"]), time.fromisoformat(match["end"])
    except ValueError:
        raise wrong("SPEC104", f"{text!r} has a time that no clock shows", _EXAMPLE) from None
    if end <= start:
        what = f"{text!r} ends before it starts; hours across midnight would leave the notebook running overnight"
        raise wrong("SPEC104", what, f"an end after {match['start']} on the same day")
    return text


def _timezone(text: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("SPEC104", f"{text!r} is no time zone", f'"{_nearest_zone(text)}"') from None
    return text


def _nearest_zone(text: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in zones}
    close = get_close_matches(text, zones, n=1) or get_close_matches(text.lower(), by_city, n=1)
    return by_city.get(close[0], close[0]) if close else "Europe/Berlin"


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise wrong("SPEC104", f"{text!r} is no date", '"2026-12-25", for example') from None
    return text


Timezone = Annotated[str, AfterValidator(_timezone), Says("a time zone", '"Europe/Berlin"')]
Day = Annotated[str, AfterValidator(_day), Says("a date", '"2026-12-25"')]


class WorkingHours(Node):
    """Days and hours, such as `WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin")`.

    The time zone is an IANA name, so that daylight saving is followed. On `holidays` a notebook that nobody uses is
    stopped within minutes of its start.
    """

    hours: Annotated[str, AfterValidator(_hours), Says("working hours", _EXAMPLE)]
    timezone: Timezone
    holidays: Many[Day] = ()

    if TYPE_CHECKING:  # when it runs, `Node` takes the one positional value, and says what is wrong with others

        def __init__(self, hours: str, *, timezone: str, holidays: Sequence[str] = ()) -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "hours"

    @property
    def days(self) -> tuple[str, ...]:
        """The days of the week, from Monday on."""
        return _days(self._match()["days"])

    @property
    def start(self) -> time:
        """When the notebook is started."""
        return time.fromisoformat(self._match()["start"])

    @property
    def end(self) -> time:
        """When the notebook is stopped."""
        return time.fromisoformat(self._match()["end"])

    def _match(self) -> re.Match[str]:
        match = _HOURS.fullmatch(self.hours)
        assert match is not None, "checked when the node was made"
        return match
