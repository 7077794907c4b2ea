"""Monthly cost as bars, drawn into the page: it follows the page's colours, is sharp in print, and can be read aloud.

A bar is what is expected, the line across it runs from the least to the most. Stacks differ in colour and in hatching.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from mlstage.insight.cost import Amount, Estimate
from mlstage.insight.cost.model import NOTHING
from mlstage.insight.cost.report import SHARED
from mlstage.insight.diagram.measure import clipped, width

_LEFT: Final = 190.0
_PLOT: Final = 520.0
_RIGHT: Final = 160.0
_BAR: Final = 16.0
_GAP: Final = 14.0
_TOP: Final = 34.0
_TICKS: Final = 4
_SIZE: Final = 12.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One workload in one stack; all lengths are within the drawing."""

    stack: str
    number: int
    y: float
    expected: float
    low: float
    high: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One workload with a bar for each stack."""

    name: str
    whole: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing."""

    width: float
    height: float
    left: float
    top: float
    bar: float
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    stacks: tuple[tuple[float, str], ...]
    """Where each stack's name begins in the legend."""


def chart(estimates: Sequence[Estimate]) -> Chart | None:
    """Draw the workloads of one environment's stacks; None where nothing of it has a price."""
    sums = [(one.stack, one.by_workload()) for one in estimates]
    names = [name for name in _names(estimates) if any(one.get(name, NOTHING).high for _, one in sums)]
    most = max((one.get(name, NOTHING).high for _, one in sums for name in names), default=0.0)
    if not most:
        return None
    step = _step(most)
    end = step * -(-most // step)
    scale = _PLOT / end
    tall = _BAR * len(sums) + _GAP
    rows = []
    for place, name in enumerate(names):
        y = _TOP + place * tall
        bars = [
            _bar(stack, number, y + _BAR * number, amounts.get(name, NOTHING), name, scale)
            for number, (stack, amounts) in enumerate(sums)
        ]
        said = name or SHARED
        rows.append(Row(clipped(said, _SIZE, _LEFT - 16), said, y + _BAR * len(sums) / 2, tuple(bars)))
    ticks = [Tick(_LEFT + step * number * scale, _money(step * number)) for number in range(round(end / step) + 1)]
    height = _TOP + tall * len(rows) + 26
    legend = tuple(_legend([stack for stack, _ in sums]))
    return Chart(_LEFT + _PLOT + _RIGHT, height, _LEFT, _TOP, _BAR, tuple(rows), tuple(ticks), legend)


def _names(estimates: Sequence[Estimate]) -> list[str]:
    names = dict.fromkeys(name for one in estimates for name in one.by_workload())
    return sorted(names, key=lambda name: name == "")


def _bar(stack: str, number: int, y: float, amount: Amount, name: str, scale: float) -> Bar:
    words = f"{name or SHARED} in {stack}: ${amount.expected:,.2f} a month expected, {span(amount)}"
    label = _money(amount.expected)
    label += f" (at most {_money(amount.high)})" if amount.high > amount.expected else ""
    return Bar(
        stack, number, y, amount.expected * scale, _LEFT + amount.low * scale, _LEFT + amount.high * scale, label, words
    )


def span(amount: Amount) -> str:
    """Say between what and what an amount lies."""
    return f"from ${amount.low:,.2f} to ${amount.high:,.2f}"


def _legend(stacks: Sequence[str]) -> Iterator[tuple[float, str]]:
    x = _LEFT
    for stack in stacks:
        yield (x, stack)
        x += 40 + width(stack, _SIZE)


def _step(most: float) -> float:
    """Give a round distance between the lines of the grid."""
    rough = most / _TICKS
    size = 10.0 ** floor(log10(rough))
    return next(size * part for part in (1, 2, 5, 10) if size * part >= rough)


def _money(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 10 or amount == 0 else f"${amount:,.2f}"
