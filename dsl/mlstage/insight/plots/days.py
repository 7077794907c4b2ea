"""A simulated day: what is asked, how many serve, how long answers take, and what it has cost so far."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from mlstage.catalog.prices import Price
from mlstage.insight.plots.style import BLUE, GREEN, GREY, ORANGE, VERMILION, figure, footnote
from mlstage.insight.simulation import Day

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TICKS: Final = range(0, 25, 3)


def simulated_day(day: Day, title: str, price: Price | None = None, target_ms: float | None = None) -> Figure:
    """Draw a day in two to four rows over the same hours; times are UTC. `price` is of one, for an hour."""
    timed = any(minute.p95_ms is not None for minute in day.minutes)
    rows = 2 + timed + (price is not None)
    with figure(9.5, 1.2 + 1.75 * rows, nrows=rows, sharex=True) as (drawn, axes):
        parts = list(axes)
        hours = [minute.minute / 60 for minute in day.minutes]
        _traffic(parts[0], hours, day)
        _replicas(parts[1], hours, day)
        if timed:
            _latency(parts[2], hours, day, target_ms)
        if price is not None:
            _cost(parts[-1], hours, day, price.usd)
        for part in parts:
            part.set_ylim(bottom=0)
            part.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        parts[-1].set_xlim(0, 24)
        parts[-1].set_xticks(list(_TICKS), [f"{hour:02d}:00" for hour in _TICKS])
        parts[-1].set_xlabel("time of day (UTC)")
        parts[0].set_title(title)
        rate = f"{price.usd:g} USD an hour each, {price.basis} price of {price.date}. " if price else ""
        footnote(drawn, f"{rate}A model: `mlstage simulate` says what it takes in and leaves out.")
        return drawn


def _traffic(axes: Any, hours: list[float], day: Day) -> None:
    axes.plot(hours, [minute.arrivals for minute in day.minutes], color=BLUE, label="requests a minute")
    waiting = [minute.waiting for minute in day.minutes]
    if any(amount > 0.5 for amount in waiting):
        axes.plot(hours, waiting, color=VERMILION, linestyle="--", label="waiting at the minute's end")
    axes.set_ylabel("requests")
    _legend(axes)


def _replicas(axes: Any, hours: list[float], day: Day) -> None:
    turns = _turns(day)
    hours = [hours[number] for number in turns]
    paid, serving = [day.minutes[number].paid for number in turns], [day.minutes[number].serving for number in turns]
    axes.fill_between(hours, serving, step="post", color=GREEN, alpha=0.25, linewidth=0)
    axes.fill_between(hours, serving, paid, step="post", color=ORANGE, linewidth=0, label="starting, paid already")
    axes.step(hours, serving, where="post", color=GREEN, linewidth=1.8, label="serving")
    axes.set_ylabel("replicas")
    axes.yaxis.get_major_locator().set_params(integer=True)
    _legend(axes)


def _turns(day: Day) -> list[int]:
    """Give the minutes at which a number of machines changes, and the last: a step needs no others."""
    minutes = day.minutes
    changed = [
        number
        for number, (one, other) in enumerate(pairwise(minutes), 1)
        if (one.paid, one.serving) != (other.paid, other.serving)
    ]
    return [0, *changed, len(minutes) - 1]


def _latency(axes: Any, hours: list[float], day: Day, target_ms: float | None) -> None:
    told = [minute.p95_ms if minute.p95_ms is not None else float("nan") for minute in day.minutes]
    known = [value for value in told if isfinite(value)]
    axes.plot(hours, [value if isfinite(value) else float("nan") for value in told], color=BLUE, label="p95")
    top = 1.25 * max([*known, target_ms or 0.0], default=1.0) or 1.0
    if any(value == float("inf") for value in told):
        late = [value == float("inf") for value in told]
        axes.fill_between(hours, 0, top, where=late, step="post", color=VERMILION, alpha=0.3, label="a queue grows")
    if target_ms is not None:
        axes.axhline(target_ms, color=GREY, linestyle="--", linewidth=1, label=f"target {target_ms:g} ms")
    axes.set_ylim(0, top)
    axes.set_ylabel("ms to answer")
    _legend(axes)


def _cost(axes: Any, hours: list[float], day: Day, usd_hour: float) -> None:
    so_far, spent = [], 0.0
    for minute in day.minutes:
        spent += minute.paid * usd_hour / 60
        so_far.append(spent)
    axes.plot(hours, so_far, color=BLUE, label=f"so far; {spent:,.2f} in the whole day")
    axes.set_ylabel("USD")
    _legend(axes)


def _legend(axes: Any) -> None:
    """Put the legend beside the row, where it hides nothing."""
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5)
