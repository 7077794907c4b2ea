"""A project's own prices: `prices.tsv` beside its `Pulumi.yaml`, as `mlstage prices refresh` writes it.

The file has the catalogue's own form, so that a reviewer sees in a difference what a price was and is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstage.catalog.prices import Price

FILE: Final = "prices.tsv"
_COLUMNS: Final = "service item component region usd unit from date source"
_HEAD: Final = (
    "# Prices that `mlstage prices refresh` read from AWS; they go before those that mlstage came with.\n"
    "# from: the quantity a month from which a tier's price holds.\n"
    f"# columns: {_COLUMNS}\n"
)


class RefreshedError(ValueError):
    """A price file that cannot be read; the text says which line and why."""


@dataclass(frozen=True)
class Refreshed:
    """The prices of one file."""

    prices: tuple[Price, ...] = ()

    def tiers(self, service: str, item: str, region: str, component: str) -> tuple[Price, ...]:
        """Give the prices of an item by rising quantity; none where the file does not have it."""
        return self._index().get((service, item, component, region), ())

    def with_prices(self, fresh: Iterable[Price]) -> Refreshed:
        """Copy with newer prices in place of older ones for the same things."""
        added = list(fresh)
        renewed = {_key(price) for price in added}
        return Refreshed(tuple(price for price in self.prices if _key(price) not in renewed) + tuple(added))

    def dump(self) -> str:
        """Write the file, sorted."""
        rows = sorted((*_key(price), price.start, _row(price)) for price in self.prices)
        return _HEAD + "".join(f"{row[-1]}\n" for row in rows)

    def _index(self) -> dict[tuple[str, str, str, str], tuple[Price, ...]]:
        # The only state of a frozen value: made when it is first asked for.
        found = self.__dict__.get("_by_key")
        if found is None:
            found = {}
            for price in sorted(self.prices, key=lambda one: one.start):
                found[_key(price)] = (*found.get(_key(price), ()), price)
            self.__dict__["_by_key"] = found
        return found


def load(path: Path) -> Refreshed:
    """Read a price file. Raises `RefreshedError` that names the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RefreshedError(f"{path.name} cannot be read ({error}); delete it, or write it anew: {_AGAIN}") from error
    found: list[Price] = []
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            found.append(_price(line.split("\t"), f"{path.name}:{number}"))
    keys = [(*_key(price), price.start) for price in found]
    if doubled := next((key for key in keys if keys.count(key) > 1), None):
        raise RefreshedError(f"{path.name} has {' '.join(map(str, doubled))} twice; delete it and run {_AGAIN}")
    return Refreshed(tuple(found))


_AGAIN: Final = "`mlstage prices refresh`"


def _price(fields: Sequence[str], where: str) -> Price:
    if len(fields) != len(_COLUMNS.split()):
        raise RefreshedError(f"{where}: a row has {len(_COLUMNS.split())} fields, this one {len(fields)}; {_AGAIN}")
    service, item, component, region, usd, unit, start, day, source = fields
    try:
        amount, above = float(usd), float(start)
    except ValueError as error:
        raise RefreshedError(f"{where}: {error}; write the file anew: {_AGAIN}") from error
    if not amount > 0 or not re.fullmatch(r"20\d\d-\d\d-\d\d", day) or not source:
        raise RefreshedError(f"{where}: a price is above 0, and has a day and a source; {_AGAIN}")
    return Price(service, item, component, region, amount, unit, above, "observed", day, source, "")


def _key(price: Price) -> tuple[str, str, str, str]:
    return (price.service, price.item, price.component, price.region)


def _row(price: Price) -> str:
    usd, start = f"{price.usd:.12f}".rstrip("0").rstrip("."), f"{price.start:g}"
    return "\t".join((*_key(price)[:3], price.region, usd, price.unit, start, price.date, price.source))
