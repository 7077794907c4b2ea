"""What something costs: an amount three times over, and the lines that make up an estimate.

`low` is what it costs at the least (auto-scaling's minimum, nobody asking), `high` at the most (its maximum, every
job running until it is stopped), `expected` what follows from the author's expectations; where there are none, the line
says what it was reckoned with instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from mlstage.catalog.prices import Basis, Price
from mlstage.insight.calendar import HOURS_A_MONTH

Status = Literal["priced", "usage", "unpriced"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity or a sum of US dollars: at the least, as expected, at the most."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Amount:
        """Make an amount that is what it is."""
        return cls(value, value, value)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.low - other.low, self.expected - other.expected, self.high - other.high)

    def __mul__(self, factor: float) -> Amount:
        return Amount(self.low * factor, self.expected * factor, self.high * factor)

    def times(self, other: Amount) -> Amount:
        """Multiply the least with the least, and so on."""
        return Amount(self.low * other.low, self.expected * other.expected, self.high * other.high)


NOTHING = Amount.exactly(0.0)


def total(amounts: Iterable[Amount]) -> Amount:
    """Add amounts up."""
    return sum(amounts, NOTHING)


def in_words(*parts: str) -> str:
    """Put what there is to say of a line together; parts that say nothing are left out."""
    return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for.

    `priced`: `monthly` is known. `usage`: the price is known, and how much is used is not; it is in no sum. `unpriced`:
    nothing is known of the price; it is in no sum, and `note` says why.
    """

    workload: str
    resource: str
    type: str
    what: str
    status: Status
    monthly: Amount = NOTHING
    quantity: Amount = NOTHING
    unit: str = ""
    prices: tuple[Price, ...] = ()
    note: str = ""
    assumed: bool = False
    """Whether the quantity rests on something that the author did not say."""

    @property
    def basis(self) -> Basis | None:
        """The weakest basis of its prices; None without any."""
        found: set[Basis] = {price.basis for price in self.prices}
        order: tuple[Basis, ...] = ("derived-assumed", "derived", "observed")
        return next((basis for basis in order if basis in found), None)


@dataclass(frozen=True)
class Estimate:
    """What one environment costs in one stack, each month."""

    environment: str
    stack: str
    tier: str
    region: str
    lines: tuple[Line, ...]
    free: tuple[str, ...] = ()
    """Resources for which AWS charges nothing by themselves."""
    budget: float | None = None
    groups: tuple[str, ...] = field(default=())
    """The workloads, in the author's order."""

    def under(self, names: Mapping[str, str]) -> Estimate:
        """Give the same with workloads under other names, by their names here."""
        lines = tuple(replace(line, workload=names.get(line.workload, line.workload)) for line in self.lines)
        return replace(self, lines=lines, groups=tuple(names.get(name, name) for name in self.groups))

    @property
    def monthly(self) -> Amount:
        """The sum of what is priced."""
        return total(line.monthly for line in self.lines)

    @property
    def hourly(self) -> Amount:
        """The same for an average hour."""
        return self.monthly * (1 / HOURS_A_MONTH)

    def of(self, status: Status) -> tuple[Line, ...]:
        """Give the lines of one status."""
        return tuple(line for line in self.lines if line.status == status)

    def by_workload(self) -> Mapping[str, Amount]:
        """Give the sum of each workload that has a line; what they share has the empty name and comes last."""
        names = dict.fromkeys((*self.groups, *sorted(line.workload for line in self.lines)))
        shared_last = [name for name in names if name] + [""]
        sums = {name: [line.monthly for line in self.lines if line.workload == name] for name in shared_last}
        return {name: total(amounts) for name, amounts in sums.items() if amounts}

    def shares(self) -> Mapping[Basis, float]:
        """Give the share of the expected sum that rests on prices of each basis."""
        whole = self.monthly.expected
        found: dict[Basis, float] = {"observed": 0.0, "derived": 0.0, "derived-assumed": 0.0}
        for line in self.lines:
            if line.basis is not None and whole:
                found[line.basis] += line.monthly.expected / whole
        return found

    def prices(self) -> Iterator[Price]:
        """Yield every price that the estimate rests on, once."""
        seen: dict[Price, None] = {}
        for line in self.lines:
            seen |= dict.fromkeys(line.prices)
        yield from seen
