"""What to mind about prices: their age, and machines whose prices move more than others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from mlstage.catalog.prices import Price

STALE_DAYS: Final = 180
_NAMED: Final = 6
# P types have had AWS's largest price cuts, and like Trn2 they are often sold in blocks of capacity or by contract.
_MOVING: Final = re.compile(r"(ml\.)?(p\d|trn2)[a-z0-9-]*\.")


def warnings(prices: Iterable[Price], today: date) -> Iterator[str]:
    """Yield what to mind about these prices on a day."""
    found = list(prices)
    yield from _stale(found, today)
    for name in sorted({price.item for price in found if _MOVING.match(price.item)}):
        yield moving(name)


def moving(name: str) -> str:
    """Say why the price of a P or Trn2 type is to be asked for."""
    return (
        f"{name}: AWS has cut the prices of P types more than once, and sells much of P and Trn2 in capacity blocks or"
        " by contract; ask AWS before you rely on this figure"
    )


def is_moving(name: str) -> bool:
    """Say whether a type is of those whose prices move most."""
    return _MOVING.match(name) is not None


def age(price: Price, today: date) -> int:
    """Give a price's age in days; a date without a day counts from its beginning."""
    year, month, day = ([int(part) for part in price.date.split("-")] + [1, 1])[:3]
    return (today - date(year, month, day)).days


def is_stale(price: Price, today: date) -> bool:
    """Say whether a price is older than one should rely on."""
    return age(price, today) > STALE_DAYS


def _stale(prices: list[Price], today: date) -> Iterator[str]:
    old = sorted((price for price in prices if is_stale(price, today)), key=lambda one: (one.date, one.item))
    if not old:
        return
    named = list(dict.fromkeys(f"{price.item} ({price.component}, {price.date})" for price in old))
    listed = ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED} more" if len(named) > _NAMED else "")
    yield (
        f"{len(old)} of {len(prices)} prices are older than {STALE_DAYS} days: {listed}."
        " `mlstage prices refresh` reads today's"
    )
