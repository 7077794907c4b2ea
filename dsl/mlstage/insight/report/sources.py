"""Where figures come from: every price with its source, date and basis, under a number that tables refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mlstage.catalog.prices import Basis, Price
from mlstage.insight.cost import Estimate
from mlstage.insight.cost.pricing import dollars

BASES: Final[dict[Basis, str]] = {
    "observed": "observed: read from AWS's own price list or page",
    "derived": "derived: worked out from observed prices by a rule that holds for them",
    "derived-assumed": "derived, assumed: worked out, and the rule is assumed to hold here",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where prices were read or how they were worked out."""

    number: int
    text: str
    date: str
    basis: Basis

    @property
    def link(self) -> str:
        """The address, where the source is one and nothing else."""
        return self.text if self.text.startswith(("https://", "http://")) and " " not in self.text else ""


@dataclass(slots=True)
class Sources:
    """Numbers for sources, and the prices that rest on each."""

    found: dict[tuple[str, str, str], Source] = field(default_factory=dict)
    prices: dict[Price, int] = field(default_factory=dict)

    @classmethod
    def of(cls, estimates: Iterable[Estimate]) -> Sources:
        """Give a number to the source of every price that estimates rest on."""
        sources = cls()
        for one in estimates:
            for price in one.prices():
                sources.mark(price)
        return sources

    def mark(self, price: Price) -> int:
        """Give the number of a price's source."""
        key = (price.basis, price.source, price.date)
        if key not in self.found:
            self.found[key] = Source(len(self.found) + 1, price.source, price.date, price.basis)
        number = self.found[key].number
        self.prices.setdefault(price, number)
        return number

    def said(self, price: Price) -> str:
        """Write a price."""
        return f"{dollars(price.usd)}/{price.unit}"
