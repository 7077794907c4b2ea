"""Monthly cost by workload and stack: bars of what is expected, whiskers from the least to the most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from mlstage.insight.cost.model import NOTHING, Amount, Estimate
from mlstage.insight.cost.report import SHARED, dated
from mlstage.insight.plots.style import BLACK, HATCHES, PALETTE, figure, footnote

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAR: Final = 0.38
_LIFT: Final = 3


def cost_by_workload(estimates: Sequence[Estimate]) -> Figure:
    """Draw every workload of every environment, one bar for each stack."""
    stacks = list(dict.fromkeys(one.stack for one in estimates))
    rows = _rows(estimates)
    height = 1.6 + 0.24 * len(rows) * max(1, len(stacks))
    with figure(9.5, height) as (drawn, axes):
        step = 0.8 / max(1, len(stacks))
        for number, stack in enumerate(stacks):
            places = [row - 0.4 + step * (number + 0.5) for row in range(len(rows))]
            amounts = [_amount(estimates, stack, *row) for row in rows]
            _bars(axes, places, amounts, step, stack, number)
        axes.set_yticks(range(len(rows)), [f"{environment}: {workload or SHARED}" for environment, workload in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("USD a month, without what is paid by use: bar as expected, line from the least to the most")
        axes.set_title("Monthly cost by workload and stack")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(
            0,
            1.25
            * max(
                [one.high for row in rows for stack in stacks if (one := _amount(estimates, stack, *row))], default=1.0
            )
            or 1.0,
        )
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        if stacks:
            axes.legend(loc="lower right", title="stack")
        footnote(drawn, f"{dated(price for one in estimates for price in one.prices())} `mlstage cost` lists them.")
        return drawn


def _rows(estimates: Sequence[Estimate]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for one in sorted(estimates, key=lambda each: each.environment):
        found |= {(one.environment, name): None for name, amount in one.by_workload().items() if amount.high}
    # What workloads share comes after all workloads of the environment, whichever stack it was first seen in.
    return sorted(found, key=lambda row: (row[0], row[1] == ""))


def _amount(estimates: Sequence[Estimate], stack: str, environment: str, workload: str) -> Amount:
    for one in estimates:
        if (one.environment, one.stack) == (environment, stack):
            return one.by_workload().get(workload, NOTHING)
    return NOTHING


def _bars(axes: object, places: list[float], amounts: list[Amount], step: float, stack: str, number: int) -> None:
    from typing import Any, cast

    draw = cast("Any", axes)
    expected = [amount.expected for amount in amounts]
    spread = [
        [amount.expected - amount.low for amount in amounts],
        [amount.high - amount.expected for amount in amounts],
    ]
    draw.barh(
        places,
        expected,
        height=step * 0.9,
        color=PALETTE[number % len(PALETTE)],
        hatch=HATCHES[number % len(HATCHES)],
        edgecolor="white",
        label=stack,
        xerr=spread,
        error_kw={"ecolor": BLACK, "elinewidth": 1, "capsize": 2.5},
    )
    for place, amount in zip(places, amounts, strict=True):
        if amount.high:
            draw.annotate(
                _told(amount),
                (amount.high, place),
                xytext=(_LIFT, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )


def _told(amount: Amount) -> str:
    expected, most = _rounded(amount.expected), _rounded(amount.high)
    return expected if expected == most else f"{expected} (at most {most})"


def _rounded(usd: float) -> str:
    return f"{usd:,.0f}" if usd >= 1 or not usd else f"{usd:.2f}"
