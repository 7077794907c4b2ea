"""What metrics say, as reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from mlstage.catalog.prices import NOTICE, Price
from mlstage.insight.advice.metrics import IDLE, Judgement
from mlstage.insight.advice.report import money
from mlstage.insight.blocks import Block, Items, Table, Words
from mlstage.insight.cost.report import Sources
from mlstage.insight.cost.warnings import warnings

VERSION: Final = 1


def blocks(done: Sequence[Judgement], skipped: Sequence[str], today: date) -> Iterator[Block]:
    """Lay judgements out for people."""
    sources = Sources({})
    for one in done:
        wants = one.wants
        yield Words(f"{wants.environment} in {wants.stack}, {wants.region}: {wants.workload}", heading=2)
        yield Words(told(one) + _marks(one.prices, sources))
        if one.moves:
            rows = tuple(
                (move.what, _usd(move.monthly) + _marks(move.prices, sources), _usd(move.saves), move.why)
                for move in one.moves
            )
            yield Table("What to move to", ("what", "a month", "saves a month", "why"), rows, right=(1, 2))
    if skipped:
        yield Items("Not judged", tuple(skipped))
    if found := tuple(warnings(_prices(done), today)):
        yield Items("Mind", found)
    if sources.seen:
        yield sources.items()
    if any(one.monthly is not None for one in done):
        yield Words(NOTICE)


def told(one: Judgement) -> str:
    """Say how much of a machine is used."""
    wants = one.wants
    now = f"{one.machines:.3g} x {wants.instance}"
    cost = f", {money(one.monthly)} a month" if one.monthly is not None else ""
    if one.average is None or one.busiest is None:
        return f"{now}{cost}: no {one.device}Utilization among the metrics, so how much of it is used is not known."
    used = (
        f"{now}{cost}: its {one.device} was {one.average:.1f}% busy on average and {one.busiest:.1f}% in the busiest of"
        f" {one.hours} hours."
    )
    if not one.idle:
        return f"{used} That is not under {IDLE:g}%: nothing to move."
    if one.moves:
        return f"{used} Under {IDLE:g}%: most of what is paid for is not used."
    return f"{used} Under {IDLE:g}%, but nothing cheaper is known that would do."


def _prices(done: Sequence[Judgement]) -> tuple[Price, ...]:
    moves = (price for one in done for move in one.moves for price in move.prices)
    return tuple(dict.fromkeys((*(price for one in done for price in one.prices), *moves)))


def _marks(prices: Sequence[Price], sources: Sources) -> str:
    return "".join(f" [{sources.mark(price)}]" for price in prices)


def as_data(done: Sequence[Judgement], skipped: Sequence[str], today: date) -> dict[str, Any]:
    """Give judgements as plain data."""
    return {
        "version": VERSION,
        "idle_below_percent": IDLE,
        "workloads": [
            {
                "environment": one.wants.environment,
                "stack": one.wants.stack,
                "workload": one.wants.workload,
                "instance": one.wants.instance,
                "machines": round(one.machines, 4),
                "monthly": None if one.monthly is None else round(one.monthly, 2),
                "prices": [asdict(price) for price in one.prices],
                "device": one.device,
                "average_percent": None if one.average is None else round(one.average, 4),
                "busiest_percent": None if one.busiest is None else round(one.busiest, 4),
                "idle": one.idle,
                "message": told(one),
                "moves": [asdict(move) for move in one.moves],
            }
            for one in done
        ],
        "not_judged": list(skipped),
        "warnings": list(warnings(_prices(done), today)),
        "notice": NOTICE,
    }


def _usd(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"
