"""Advice as reports: blocks for people, plain data for programs, lines for the spec, points for a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from mlstage.catalog.prices import NOTICE, Price
from mlstage.insight.advice.advise import Advice
from mlstage.insight.advice.choice import BUSIEST, Choice
from mlstage.insight.advice.figures import Figure
from mlstage.insight.advice.wants import SERVING, Wants
from mlstage.insight.blocks import Block, Items, Table, Words
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.report import Sources
from mlstage.insight.cost.warnings import warnings

VERSION: Final = 1
MEANING: Final = (
    f"USD; a month has {HOURS_A_MONTH:g} hours. Machines are counted hour by hour of the expected day: at most"
    f" {BUSIEST:.0%} busy, at p95 within the target. p95 is the figure's own and the wait for a free place, as of"
    " requests that come at random; network, HTTP and preparing the input come on top, so measure before you rely on"
    " it. `modelled` is no measurement; its error is counted against it."
)
_ELSEWHERE: Final = 5
_TARGETS: Final = {"Ecs": "ECS", "Eks": "EKS"}


@dataclass(slots=True)
class _Figures:
    """Numbers for the figures that a report rests on."""

    seen: dict[tuple[str, str], int]

    def mark(self, figure: Figure) -> str:
        """Give the number of a figure."""
        return f"F{self.seen.setdefault((figure.words, _origin(figure)), len(self.seen) + 1)}"

    def items(self) -> Items:
        """List the figures by their numbers."""
        said = tuple(f"{words} ({origin})" for words, origin in self.seen)
        return Items("Figures", said, tuple(f"F{number}" for number in self.seen.values()))


def blocks(advices: Sequence[Advice], today: date) -> Iterator[Block]:
    """Lay advice out for people."""
    sources, figures = Sources({}), _Figures({})
    for one in advices:
        yield from _advice(one, sources, figures)
    yield from differences(advices)
    if found := tuple(warnings(_prices(advices), today)):
        yield Items("Mind", found)
    if figures.seen:
        yield figures.items()
    if sources.seen:
        yield sources.items()
    if any(one.choices for one in advices):
        yield Words(MEANING)
        yield Words(NOTICE)


def _advice(one: Advice, sources: Sources, figures: _Figures) -> Iterator[Block]:
    yield Words(_title(one.wants), heading=2)
    yield Words(asked(one))
    yield Words(verdict(one))
    fits = [choice for choice in one.own if choice.fits]
    if fits:
        rows = [_row(str(number), choice, sources, figures) for number, choice in enumerate(fits, 1)]
        yield _table("Ranked", rows, one.wants)
    if conditions := tuple(f"{choice.name}: {'; '.join(choice.conditions)}" for choice in fits if choice.conditions):
        yield Items("What they ask for", conditions)
    without = [choice for choice in one.elsewhere if choice.target == "Lambda"]  # as SageMaker's own serverless
    if lost := [choice for choice in (*one.own, *without) if not choice.fits]:
        yield _lost(lost, one.wants, sources, figures)
    if elsewhere := [choice for choice in one.elsewhere if choice.fits][:_ELSEWHERE]:
        rows = [_row(_TARGETS.get(choice.target, choice.target), choice, sources, figures) for choice in elsewhere]
        yield _table("The same on other targets, what stands around the machines included", rows, one.wants)
    if one.gaps:
        yield Items("Not known", one.gaps)


def _title(wants: Wants) -> str:
    where = f"{wants.environment} in {wants.stack}, " if wants.environment else ""
    return f"{where}{wants.region}: {wants.workload}"


def asked(one: Advice) -> str:
    """Say what was asked for."""
    wants, parts = one.wants, []
    if wants.needs is not None:
        needs = wants.needs
        name = needs.model or needs.task or "a model"
        parts.append(name if not one.subject or one.subject == name else f"{name} (figures of {one.subject})")
        parts += [f"{needs.sequence_length} tokens"] if needs.sequence_length else []
        parts += [f"batch {needs.batch}"] if wants.kind in SERVING else []
        parts += [f"at least {needs.precision}"] if needs.precision else []
        parts += [f"{needs.items:,} items a run"] if needs.items else []
    if wants.p95_ms is not None:
        parts.append(f"p95 within {wants.p95_ms:g} ms")
    if wants.traffic is not None:
        parts.append(
            f"{wants.traffic.per_second:,.4g} requests a second on average,"
            f" {wants.traffic.peak_per_second:,.4g} in the busiest hour"
        )
    if wants.runs_per_month is not None:
        parts.append(f"{wants.runs_per_month:.4g} runs a month")
    if wants.kind in SERVING:
        parts.append(f"at least {wants.least} instance{'s' if wants.least != 1 else ''}")
    return "Asked: " + ", ".join(parts) + "." if parts else "Asked: nothing that advice could start from."


def verdict(one: Advice) -> str:
    """Say what to take, in a sentence or two."""
    best = one.best
    if best is None:
        return "No advice: " + ("nothing that there are figures for does it." if one.choices else "there is no data.")
    words = f"Take {best.name} ({best.kind})"
    if best.monthly is not None:
        words += f": {money(best.monthly)} a month"
    if best.per_million is not None:
        words += f", {money(best.per_million)} a million {_items(one.wants)}"
    if best.p95_ms is not None:
        words += f", {best.p95_ms:,.3g} ms at p95"
    if best.busy is not None:
        words += f", {best.busy:.0%} busy on average"
    return words + "." + _beside(one, best)


def _beside(one: Advice, best: Choice) -> str:
    """Compare with what the workload is written to run on."""
    current = one.current
    if current is None or best.monthly is None:
        return ""
    if current.instance == best.instance:
        return " That is what it is written to run on."
    if not current.fits:
        return f" It is written to run on {current.instance}, which {current.lost[0]}."
    if current.monthly is None:
        return ""
    return f" It is written to run on {current.name}: that costs {money(current.monthly - best.monthly)} a month more."


def _items(wants: Wants) -> str:
    return "requests" if wants.kind in SERVING else "items"


def _table(title: str, rows: list[tuple[str, ...]], wants: Wants) -> Table:
    headings = ("", "kind", "what", "p95 ms", "busy", "a month", f"a million {_items(wants)}", "rests on")
    return Table(title, headings, tuple(rows), right=(3, 4, 5, 6))


def _row(first: str, one: Choice, sources: Sources, figures: _Figures) -> tuple[str, ...]:
    return (first, one.kind, one.name, *_numbers(one), _rests(one, sources, figures))


def _numbers(one: Choice) -> tuple[str, str, str, str]:
    return (
        "" if one.p95_ms is None else f"{one.p95_ms:,.3g}",
        "" if one.busy is None else f"{one.busy:.0%}",
        "" if one.monthly is None else f"{one.monthly:,.2f}",
        "" if one.per_million is None else f"{one.per_million:,.3f}",
    )


def _rests(one: Choice, sources: Sources, figures: _Figures) -> str:
    marks = [figures.mark(one.figure)] if one.figure else []
    marks += [f"[{sources.mark(price)}]" for price in one.prices]
    basis = "modelled, " if one.figure and one.figure.basis == "modelled" else ""
    return basis + " ".join(marks)


def _lost(lost: list[Choice], wants: Wants, sources: Sources, figures: _Figures) -> Table:
    rows = [(one.kind, one.name, *_numbers(one), _rests(one, sources, figures), "; ".join(one.lost)) for one in lost]
    headings = ("kind", "what", "p95 ms", "busy", "a month", f"a million {_items(wants)}", "rests on", "why")
    return Table("Why the others lost", headings, tuple(rows), right=(2, 3, 4, 5))


def differences(advices: Iterable[Advice]) -> Iterator[Block]:
    """Say why training and serving of one environment want different machines."""
    listed = list(advices)
    for served in listed:
        for trained in listed:
            same = (served.wants.environment, served.wants.stack) == (trained.wants.environment, trained.wants.stack)
            if served.wants.kind not in SERVING or trained.wants.kind != "Training" or not same:
                continue
            one, other = served.best, trained.best
            if one and other and one.instance != other.instance and served.subject == trained.subject:
                yield Words(_difference(served, one, trained, other))


def _difference(served: Advice, one: Choice, trained: Advice, other: Choice) -> str:
    inferring = one.instance.startswith("ml.inf")
    words = (
        f"Why {served.wants.workload} and {trained.wants.workload} differ: serving is paid for all {HOURS_A_MONTH:g}"
        " hours of a month and is asked for one answer of batch"
        f" {served.wants.needs.batch if served.wants.needs else 1} within its latency, so what counts is the price of"
        f" an hour and of a request: {one.instance}. Training is paid for while it runs and holds weights, gradients"
        " and the optimizer's state (16 bytes a parameter) with large batches, so what counts is the price of the"
        f" whole run: {other.instance}."
    )
    return words + (" Inferentia only infers: it cannot be the answer to both." if inferring else "")


def money(amount: float) -> str:
    """Write an amount: with cents, and with a digit more below ten dollars."""
    return f"${amount:,.2f}" if abs(amount) >= 10 else f"${amount:,.3f}"


def _origin(figure: Figure) -> str:
    return "; ".join(part for part in (figure.source, figure.date if figure.date not in figure.source else "") if part)


def _prices(advices: Iterable[Advice]) -> list[Price]:
    shown = [choice for one in advices for choice in one.choices]
    return list(dict.fromkeys(price for choice in shown for price in choice.prices))


def as_data(advices: Sequence[Advice], today: date) -> dict[str, Any]:
    """Give advice as plain data; the shape is stable under its version."""
    return {
        "version": VERSION,
        "currency": "USD",
        "hours_per_month": HOURS_A_MONTH,
        "advice": [_advice_data(one) for one in advices],
        "differences": [block.text for block in differences(advices) if isinstance(block, Words)],
        "warnings": list(warnings(_prices(advices), today)),
        "notice": NOTICE,
    }


def _advice_data(one: Advice) -> dict[str, Any]:
    wants = one.wants
    return {
        "environment": wants.environment,
        "stack": wants.stack,
        "region": wants.region,
        "workload": wants.workload,
        "kind": wants.kind,
        "target": wants.target,
        "asked": asked(one),
        "verdict": verdict(one),
        "best": one.best.name if one.best else None,
        "choices": [_choice_data(choice) for choice in one.choices],
        "other_figures": [asdict(figure) for figure in one.others],
        "not_known": list(one.gaps),
    }


def _choice_data(one: Choice) -> dict[str, Any]:
    data = asdict(one)
    for key in ("monthly", "per_million", "p95_ms", "busy", "average", "per_machine"):
        data[key] = None if data[key] is None else round(data[key], 6)
    return {"name": one.name, "fits": one.fits, **data}
