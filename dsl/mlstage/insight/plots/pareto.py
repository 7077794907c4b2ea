"""Monthly cost against latency: every choice that could be reckoned, and the front of those that no other beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlstage.insight.plots.labels import name_points
from mlstage.insight.plots.style import BLACK, GREY, PALETTE, figure, footnote

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, as a point."""

    label: str
    family: str
    """What its colour and marker tell: a family of instance types, or a kind without instances."""
    p95_ms: float
    monthly: float
    open: bool = False
    """Drawn hollow: it rests on a model, or is not to be had any more."""


def front(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Give the choices that no other beats in latency and cost at once, the quickest first."""
    found: list[Choice] = []
    for one in sorted(choices, key=lambda each: (each.p95_ms, each.monthly, each.label)):
        if not found or one.monthly < found[-1].monthly:
            found.append(one)
    return tuple(found)


def cost_against_latency(
    choices: Sequence[Choice], target_ms: float | None = None, title: str = "", note: str = ""
) -> Figure:
    """Draw choices on logarithmic axes; a line marks the latency that was asked for. `note` says what they rest on."""
    with figure(9.5, 6.0) as (drawn, axes):
        axes.set_xscale("log")
        axes.set_yscale("log")
        _front(axes, front([one for one in choices if not one.open]))
        families = list(dict.fromkeys(sorted(one.family for one in choices)))
        for number, family in enumerate(families):
            _points(axes, [one for one in choices if one.family == family], family, number)
        if target_ms is not None:
            axes.axvline(target_ms, color=BLACK, linestyle="--", linewidth=1)
            axes.annotate(
                f"target {target_ms:g} ms",
                (target_ms, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(-4, -4),
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=9,
            )
        _axes(axes, choices, title)
        footnote(drawn, "Hollow: modelled, or not recommended; the text says why.", note)
        name_points(drawn, axes, [(one.label, one.p95_ms, one.monthly) for one in choices], target_ms)
        return drawn


def _front(axes: Any, best: Sequence[Choice]) -> None:
    """Ring what nothing beats, and join it."""
    where = ([one.p95_ms for one in best], [one.monthly for one in best])
    axes.plot(*where, color=GREY, linewidth=1.2, drawstyle="steps-post", zorder=1)
    if best:
        axes.scatter(*where, s=190, facecolors="none", edgecolors=GREY, linewidths=1.2, label="Pareto front", zorder=2)


def _points(axes: Any, choices: Sequence[Choice], family: str, number: int) -> None:
    colour, marker = PALETTE[number % len(PALETTE)], _MARKERS[number % len(_MARKERS)]
    for is_open in (False, True):
        shown = [one for one in choices if one.open is is_open]
        if shown:
            axes.scatter(
                [one.p95_ms for one in shown],
                [one.monthly for one in shown],
                s=64,
                marker=marker,
                facecolors="white" if is_open else colour,
                edgecolors=colour,
                linewidths=1.6,
                label=None if is_open and len(shown) < len(choices) else family,
                zorder=3,
            )


def _axes(axes: Any, choices: Sequence[Choice], title: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_formatter(NullFormatter())
    if choices:
        quick, slow = min(one.p95_ms for one in choices), max(one.p95_ms for one in choices)
        cheap, dear = min(one.monthly for one in choices), max(one.monthly for one in choices)
        axes.set_xlim(quick / 2.2, slow * 3.2)
        axes.set_ylim(cheap / 1.6, dear * 1.8)
    axes.set_xlabel("p95 latency in ms: the model's own time and the wait for a free place (logarithmic)")
    axes.set_ylabel("USD a month (logarithmic)")
    axes.set_title(title or "Cost against latency")
    if choices:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), title="family")
