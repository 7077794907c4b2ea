"""Simulated days as reports: what happened hour by hour, in how many minutes answers came late, what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import inf, isfinite
from typing import Any, Final

from mlstage.catalog.prices import NOTICE
from mlstage.insight.blocks import Block, Items, Table, Words
from mlstage.insight.days import Played
from mlstage.insight.simulation import KEPT_WARM_MINUTES, Day, Minute

VERSION: Final = 1
_HOUR: Final = 60


def meaning(start_minutes: int) -> str:
    """Say what the model takes in and what it leaves out."""
    return (
        "A model, minute by minute, of an average day: requests are amounts that follow the day's profile."
        " Target tracking adds after 3 minutes above its target and takes away after 15 minutes below nine tenths"
        " of it; scheduled actions move the bounds, at their local times of winter; a new instance is paid from"
        f" the start and serves after {start_minutes} minutes (ours). An instance, task or pod works on one request on"
        " each GPU or NeuronCore, or else on each vCPU; an asynchronous one on as many as its client configuration"
        " says. Who waits, waits in line as of requests that come at random. Places of"
        f" functions and serverless endpoints live for {KEPT_WARM_MINUTES} idle minutes, as was seen of Lambda;"
        " AWS promises nothing. Left out: failures, retries, deployments, and that no day is like another."
    )


def blocks(played: Sequence[Played], skipped: Sequence[str], start_minutes: int, where: str) -> Iterator[Block]:
    """Lay simulated days out for people."""
    yield Words(where, heading=2)
    for one in played:
        yield from _played(one)
    if skipped:
        yield Items("Not played", tuple(skipped))
    if played:
        yield Words(meaning(start_minutes))
    if any(one.monthly is not None for one in played):
        yield Words(NOTICE)


def _played(one: Played) -> Iterator[Block]:
    player = one.player
    yield Words(f"{player.workload}: {player.what}", heading=3)
    if one.day is not None:
        yield Words(told(one))
        yield _hours(one.day)
    elif one.cold is not None and one.places is not None:
        warm = f", {player.warm} of them kept warm" if player.warm else ""
        yield Words(
            f"Places are made as they are needed: {one.places:.2g} busy on average in the busiest minute{warm};"
            f" {one.cold:.2%} of the requests start cold."
        )
    else:
        yield Words("How many places it needs depends on `duration_ms` in `expects=Traffic(…)`, which is not said.")


def told(one: Played) -> str:
    """Say how the day went, in a few sentences."""
    day = one.day
    if day is None:
        return ""
    fewest = min(minute.serving for minute in day.minutes)
    said = [
        f"{fewest if fewest == day.most else f'{fewest} to {day.most}'} at once, {day.average:.2f} on average,"
        f" {day.instance_hours:,.1f} hours paid for;"
        f" the number changed {day.changes} times."
    ]
    if one.player.service.seconds is None:
        said.append("How long answers take depends on `duration_ms` in `expects=Traffic(…)`, which is not said.")
    else:
        service = one.player.service
        each = "one request" if service.slots == 1 else f"{service.slots} requests"
        said.append(f"Each works on {each} at a time, {1000 * (service.seconds or 0):g} ms long.")
        said.append(f"At the end of {day.short} minutes of {len(day.minutes):,} requests were waiting.")
        late = late_minutes(one)
        if late is not None:
            said.append(f"p95 was above {one.player.target_ms:g} ms in {late} minutes.")
    price = one.player.price
    if price is not None and one.monthly is not None:
        said.append(
            f"${day.instance_hours * price.usd:,.2f} a day at ${price.usd:g} an hour, ${one.monthly:,.2f} a month of"
            f" such days ({price.basis} price of {price.date}: {price.source})."
        )
    return " ".join(said)


def late_minutes(one: Played) -> int | None:
    """Count the minutes whose p95 was above the target; None without a target, or without a time."""
    target = one.player.target_ms
    if one.day is None or target is None:
        return None
    times = [minute.p95_ms for minute in one.day.minutes]
    return None if any(time is None for time in times) else sum(time is not None and time > target for time in times)


def _hours(day: Day) -> Table:
    rows = []
    for hour in range(24):
        part = day.minutes[hour * _HOUR : (hour + 1) * _HOUR]
        serving = [minute.serving for minute in part]
        count = f"{min(serving)}" if min(serving) == max(serving) else f"{min(serving)} to {max(serving)}"
        rows.append(
            (
                f"{hour:02d}:00",
                f"{sum(minute.arrivals for minute in part):,.0f}",
                count,
                f"{max(minute.paid for minute in part)}",
                f"{max(minute.waiting for minute in part):,.0f}",
                _percent(part),
                _worst(part),
            )
        )
    headings = ("UTC", "requests", "serving", "most paid", "most waiting", "most busy", "worst p95 ms")
    return Table("", headings, tuple(rows), right=(1, 2, 3, 4, 5, 6))


def _percent(part: Sequence[Minute]) -> str:
    known = [minute.utilisation for minute in part if minute.utilisation is not None]
    return f"{max(known):.0%}" if known else ""


def _worst(part: Sequence[Minute]) -> str:
    known = [minute.p95_ms for minute in part if minute.p95_ms is not None]
    if not known:
        return ""
    return f"{max(known):,.3g}" if isfinite(max(known)) else "queue grows"


def as_data(played: Sequence[Played], skipped: Sequence[str], start_minutes: int, stack: str) -> dict[str, Any]:
    """Give simulated days as plain data; an endless wait is null with `queue_grows`."""
    return {
        "version": VERSION,
        "stack": stack,
        "start_minutes": start_minutes,
        "days": [_data(one) for one in played],
        "not_played": list(skipped),
        "notice": NOTICE,
    }


def _data(one: Played) -> dict[str, Any]:
    data: dict[str, Any] = {
        "workload": one.player.workload,
        "what": one.player.what,
        "cold_share": one.cold,
        "busy_places": one.places,
        "monthly": None if one.monthly is None else round(one.monthly, 2),
        "price": asdict(one.player.price) if one.player.price else None,
    }
    if one.day is not None:
        data |= {
            "instance_hours": round(one.day.instance_hours, 4),
            "average": round(one.day.average, 4),
            "most": one.day.most,
            "minutes_waiting": one.day.short,
            "minutes_late": late_minutes(one),
            "minutes": [_minute(minute) for minute in one.day.minutes],
        }
    return data


def _minute(minute: Minute) -> dict[str, Any]:
    endless = minute.p95_ms == inf
    return {
        "minute": minute.minute,
        "arrivals": round(minute.arrivals, 4),
        "serving": minute.serving,
        "paid": minute.paid,
        "waiting": round(minute.waiting, 4),
        "p95_ms": None if minute.p95_ms is None or endless else round(minute.p95_ms, 4),
        "queue_grows": endless,
    }
