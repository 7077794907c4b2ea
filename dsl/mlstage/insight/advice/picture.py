"""Advice as a picture: every choice that answers, by what it costs and how quick it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstage.insight.advice.advise import Advice
from mlstage.insight.advice.choice import Choice
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
        for choice in one.own
        if choice.p95_ms is not None and choice.monthly is not None
    )


def picture(one: Advice) -> Figure:
    """Draw them."""
    wants = one.wants
    name = f"{wants.environment}, {wants.stack}: {wants.workload}" if wants.environment else one.subject
    return cost_against_latency(points(one), wants.p95_ms, f"Cost against latency: {name}, {wants.region}")


def _family(choice: Choice) -> str:
    return choice.instance.removeprefix("ml.").partition(".")[0] if choice.instance.startswith("ml.") else choice.kind


def _is_modelled(choice: Choice) -> bool:
    return choice.figure is not None and choice.figure.basis == "modelled"
