"""Advice as a picture: every choice that answers, by what it costs and how quick it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlstage.catalog.prices import Price
from mlstage.insight.advice.advise import Advice
from mlstage.insight.advice.choice import Choice
from mlstage.insight.cost.report import dated
from mlstage.insight.plots.pareto import Choice as Point
from mlstage.insight.plots.pareto import cost_against_latency

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def drawable(one: Advice) -> bool:
    """Say whether anything has both a latency and a cost."""
    return bool(points(one))


def points(one: Advice) -> tuple[Point, ...]:
    """Give the choices on the workload's own target that have both a latency and a cost."""
    return tuple(
        Point(choice.name, _family(choice), choice.p95_ms, choice.monthly, not choice.fits or _is_modelled(choice))
        for choice in _shown(one)
        if choice.p95_ms is not None and choice.monthly is not None
    )


def picture(one: Advice) -> Figure:
    """Draw them."""
    wants = one.wants
    name = f"{wants.environment}, {wants.stack}: {wants.workload}" if wants.environment else one.subject
    note = f"{dated(_prices(one))} {_figures(one)} `mlstage advise` lists them."
    return cost_against_latency(points(one), wants.p95_ms, f"Cost against latency: {name}, {wants.region}", note)


def _shown(one: Advice) -> tuple[Choice, ...]:
    return tuple(choice for choice in one.own if choice.p95_ms is not None and choice.monthly is not None)


def _prices(one: Advice) -> Iterator[Price]:
    return (price for choice in _shown(one) for price in choice.prices)


def _figures(one: Advice) -> str:
    days = sorted({choice.figure.date for choice in _shown(one) if choice.figure})
    return f"Figures of {days[0]} to {days[-1]}." if days else ""


def _family(choice: Choice) -> str:
    return choice.instance.removeprefix("ml.").partition(".")[0] if choice.instance.startswith("ml.") else choice.kind


def _is_modelled(choice: Choice) -> bool:
    return choice.figure is not None and choice.figure.basis == "modelled"
