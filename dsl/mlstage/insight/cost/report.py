"""Estimates as reports: blocks for people, plain data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from mlstage.catalog.prices import NOTICE, Price
from mlstage.insight.blocks import Block, Items, Table, Words
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.budget import overrun
from mlstage.insight.cost.model import Amount, Estimate, Line, total
from mlstage.insight.cost.pricing import dollars
from mlstage.insight.cost.warnings import warnings

VERSION: Final = 1
SHARED: Final = "(shared)"
MEANING: Final = (
    f"USD. A month has {HOURS_A_MONTH:g} hours. `at least`: auto-scaling at its minimum, nobody asking; `expected`: by"
    " what the spec expects, or as the notes say; `at most`: auto-scaling at its maximum, jobs until they are stopped."
)


@dataclass(slots=True)
class Sources:
    """Numbers for the sources that a report names."""

    seen: dict[tuple[str, str, str], int]

    def mark(self, price: Price) -> str:
        """Give the number of a price's source."""
        key = (price.basis, price.source, price.date)
        return str(self.seen.setdefault(key, len(self.seen) + 1))

    def items(self) -> Items:
        """List the sources by their numbers."""
        said = tuple(f"{basis}: {source}; {day}" for basis, source, day in self.seen)
        return Items("Sources of the prices", said, tuple(map(str, self.seen.values())))


def blocks(estimates: Sequence[Estimate], today: date) -> Iterator[Block]:
    """Lay estimates out for people."""
    sources = Sources({})
    for done in estimates:
        yield from _estimate(done, sources)
    if len(estimates) > 1:
        yield overview(estimates)
    yield from mind(estimates, today)
    if sources.seen:
        yield sources.items()
    yield Words(MEANING)
    yield Words(NOTICE)


def _estimate(done: Estimate, sources: Sources) -> Iterator[Block]:
    yield Words(name_of(done), heading=2)
    notes: dict[str, int] = {}
    rows = [_row(owner, lines, sources, notes) for owner, lines in _folded(done, "priced")]
    whole = ("total", "", "", *_amounts(done.monthly), f"{done.hourly.expected:,.3f}")
    headings = (
        "workload" if done.groups else "resource",
        "what",
        "price",
        "at least",
        "expected",
        "at most",
        "an hour",
    )
    yield Table("", headings, (*rows, whole), right=(3, 4, 5, 6), total=True)
    if done.groups:
        yield _per_workload(done)
    if notes:
        yield Items("Notes", tuple(notes), tuple(_letter(number) for number in notes.values()))
    yield from _outside(done, sources)
    yield Words(_basis_words(done))
    if found := overrun(done):
        yield Words(("Over budget: " if found.expected else "Budget: ") + found.words + ".")
    elif done.budget is not None:
        yield Words(f"Within its budget of {dollars(done.budget)} a month.")


def name_of(done: Estimate) -> str:
    """Name an estimate."""
    where = f" in {done.stack}" if done.stack else ""
    return f"{done.environment or 'infrastructure'}{where}, {done.region or 'region not known'}"


def _folded(done: Estimate, status: str) -> list[tuple[str, list[Line]]]:
    """Put lines together that differ only in the resource, workload by workload; without any, resource by resource."""
    order = {name: number for number, name in enumerate(done.groups)}
    found: dict[tuple[object, ...], list[Line]] = {}
    ranked = sorted(
        done.lines,
        key=lambda one: (
            one.workload == "",
            order.get(one.workload, len(order)),
            -one.monthly.expected,
            -one.monthly.high,
        ),
    )
    for line in ranked:
        if line.status == status:
            found.setdefault((line.workload, line.what, line.monthly, line.prices, line.note), []).append(line)
    return [(lines[0].workload or SHARED if done.groups else _names(lines), lines) for lines in found.values()]


def _row(owner: str, lines: list[Line], sources: Sources, notes: dict[str, int]) -> tuple[str, ...]:
    line = lines[0]
    times = f"{len(lines)} x " if len(lines) > 1 else ""
    note = f" ({_letter(notes.setdefault(line.note, len(notes) + 1))})" if line.note else ""
    monthly = total(one.monthly for one in lines)
    price = "; ".join(f"{dollars(one.usd)}/{one.unit} [{sources.mark(one)}]" for one in line.prices)
    hourly = f"{monthly.expected / HOURS_A_MONTH:,.3f}"
    return (owner, f"{times}{line.what}{note}", price, *_amounts(monthly), hourly)


def _per_workload(done: Estimate) -> Table:
    rows = tuple((name or SHARED, *_amounts(amount)) for name, amount in done.by_workload().items() if amount.high)
    return Table("By workload", ("workload", "at least", "expected", "at most"), rows, right=(1, 2, 3))


def _outside(done: Estimate, sources: Sources) -> Iterator[Block]:
    """List what is in no sum: what is paid by use, and what has no price."""
    used = [_item(owner, lines, sources) for owner, lines in _folded(done, "usage")]
    if used:
        yield Items("Paid by use, which nobody has stated: in no sum", tuple(used))
    without = [_item(owner, lines, sources) for owner, lines in _folded(done, "unpriced")]
    if without:
        yield Items("Unpriced: in no sum", tuple(without))


def _item(owner: str, lines: list[Line], sources: Sources) -> str:
    line, names = lines[0], _names(lines)
    marks = "".join(f" [{sources.mark(price)}]" for price in line.prices)
    of = "" if owner == names else f" of {names}"
    return f"{owner}: {line.what}{of}: {line.note}{marks}"


def _names(lines: list[Line]) -> str:
    resources = list(dict.fromkeys(one.resource for one in lines))
    return ", ".join(resources[:3]) + (f" and {len(resources) - 3} more" if len(resources) > 3 else "")


def _basis_words(done: Estimate) -> str:
    shares = done.shares()
    if not done.monthly.expected:
        return "Nothing of it has a price by itself."
    return (
        f"Of the expected sum, {shares['observed']:.0%} rest on observed prices, {shares['derived']:.0%} on derived and"
        f" {shares['derived-assumed']:.0%} on derived ones that assume more; {len(done.free)} resources are free by"
        " themselves."
    )


def overview(estimates: Iterable[Estimate]) -> Table:
    """Put the sums of several estimates side by side."""
    listed = list(estimates)
    rows = [(one.environment, one.stack, *_amounts(one.monthly), str(len(one.of("unpriced")))) for one in listed]
    whole = (
        "total",
        "",
        *_amounts(total(one.monthly for one in listed)),
        str(sum(len(one.of("unpriced")) for one in listed)),
    )
    headings = ("environment", "stack", "at least", "expected", "at most", "unpriced")
    return Table("All together, a month", headings, (*rows, whole), right=(2, 3, 4, 5), total=True)


def dated(prices: Iterable[Price]) -> str:
    """Say of what bases and days prices are, on one line, where there is no room for each source."""
    found = list(prices)
    if not found:
        return "No prices are known."
    bases = dict.fromkeys(
        basis for basis in ("observed", "derived", "derived-assumed") for one in found if one.basis == basis
    )
    first, last = min(one.date for one in found), max(one.date for one in found)
    days = first if first == last else f"{first} to {last}"
    return f"Prices: {', '.join(bases)}; of {days}."


def mind(estimates: Iterable[Estimate], today: date) -> Iterator[Block]:
    """Say what to mind about the prices of estimates."""
    prices = dict.fromkeys(price for one in estimates for price in one.prices())
    found = tuple(warnings(prices, today))
    if found:
        yield Items("Mind", found)


def _amounts(amount: Amount) -> tuple[str, str, str]:
    return (f"{amount.low:,.2f}", f"{amount.expected:,.2f}", f"{amount.high:,.2f}")


def _letter(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = letters[rest] + text
    return text


def as_data(estimates: Sequence[Estimate], today: date) -> dict[str, Any]:
    """Give estimates as plain data; the shape is stable under its version."""
    prices = dict.fromkeys(price for one in estimates for price in one.prices())
    return {
        "version": VERSION,
        "currency": "USD",
        "hours_per_month": HOURS_A_MONTH,
        "estimates": [_estimate_data(one) for one in estimates],
        "warnings": list(warnings(prices, today)),
        "notice": NOTICE,
    }


def _estimate_data(done: Estimate) -> dict[str, Any]:
    found = overrun(done)
    return {
        "environment": done.environment,
        "stack": done.stack,
        "tier": done.tier,
        "region": done.region,
        "monthly": _rounded(done.monthly),
        "hourly": _rounded(done.hourly, 6),
        "workloads": {name or SHARED: _rounded(amount) for name, amount in done.by_workload().items()},
        "share_by_basis": {basis: round(share, 6) for basis, share in done.shares().items()},
        "budget": done.budget,
        "over_budget": None if found is None else {"expected": found.expected, "message": found.words},
        "lines": [_line_data(line) for line in done.lines],
        "free": list(done.free),
    }


def _line_data(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = {
        "workload": line.workload,
        "resource": line.resource,
        "type": line.type,
        "what": line.what,
        "status": line.status,
        "note": line.note,
        "assumed": line.assumed,
        "prices": [asdict(price) for price in line.prices],
    }
    if line.status == "priced":
        data |= {
            "monthly": _rounded(line.monthly),
            "quantity": _rounded(line.quantity, 6),
            "unit": line.unit,
        }
    return data


def _rounded(amount: Amount, digits: int = 2) -> Mapping[str, float]:
    return {key: round(value, digits) for key, value in asdict(amount).items()}
