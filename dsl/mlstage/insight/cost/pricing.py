"""What pricers share: the graph and its prices, and lines that name the resource they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TypeAlias

from mlstage.catalog.prices import Price
from mlstage.graph import Graph, Ref, Resource, Unknown, Value
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.cost.model import NOTHING, Amount, Line
from mlstage.insight.cost.scaling import Bounds, ScalingIndex
from mlstage.insight.cost.starts import Starts
from mlstage.rules.truth import Field, field
from mlstage.rules.views.once import once


@dataclass(frozen=True)
class Context:
    """One graph being priced."""

    graph: Graph
    book: PriceBook

    @cached_property
    def scaling(self) -> ScalingIndex:
        """Who scales what."""
        return ScalingIndex(self.graph)

    @cached_property
    def starts(self) -> Starts:
        """What schedules and state machines start."""
        return Starts(self.graph)


Pricer: TypeAlias = Callable[[Resource, Context], Iterator[Line]]
Pricers: TypeAlias = Mapping[str, Pricer]


@once
def _by_workload(graph: Graph) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = {}
    for resource in graph.resources:
        found.setdefault((resource.workload, resource.type), []).append(resource)
    return found


def of_workload(graph: Graph, workload: str, kind: str) -> list[Resource]:
    """Give the resources of one type that belong to a workload; none for what belongs to no workload."""
    return _by_workload(graph).get((workload, kind), []) if workload else []


def priced(
    resource: Resource,
    what: str,
    quantity: Amount,
    price: Price,
    *,
    rate: Amount | None = None,
    note: str = "",
    assumed: bool = False,
) -> Line:
    """Make a line of a quantity at a price; `rate` replaces the price where that is not one figure."""
    each = rate or Amount.exactly(price.usd)
    return Line(
        resource.workload,
        resource.name,
        resource.type,
        what,
        "priced",
        quantity.times(each),
        quantity,
        price.unit,
        (price,),
        note,
        assumed,
    )


def by_tiers(resource: Resource, what: str, quantity: Amount, tiers: tuple[Price, ...], note: str = "") -> Line:
    """Make a line of a quantity whose price falls as it grows."""
    used = tuple(tier for tier in tiers if tier.start < max(quantity.high, 1e-12)) or tiers[:1]
    monthly = Amount(*(tiered(each, tiers) for each in (quantity.low, quantity.expected, quantity.high)))
    return Line(
        resource.workload, resource.name, resource.type, what, "priced", monthly, quantity, tiers[0].unit, used, note
    )


def usage(resource: Resource, what: str, price: Price | None, note: str = "") -> Line:
    """Make a line of something that is paid by use, of which nobody said how much it will be."""
    if price is None:
        return unpriced(resource, what, "no price is known")
    said = f"{dollars(price.usd)} per {price.unit}"
    return Line(
        resource.workload,
        resource.name,
        resource.type,
        what,
        "usage",
        prices=(price,),
        unit=price.unit,
        note=f"{said}; {note}" if note else said,
    )


def unpriced(resource: Resource, what: str, why: str) -> Line:
    """Make a line of something whose price is not known."""
    return Line(resource.workload, resource.name, resource.type, what, "unpriced", note=why)


def at_price(
    resource: Resource, what: str, quantity: Amount, price: Price | None, note: str = "", assumed: bool = False
) -> Line:
    """Make a priced line, or an unpriced one where there is no price."""
    if price is None:
        return unpriced(resource, what, "no price is known")
    return priced(resource, what, quantity, price, note=note, assumed=assumed)


def no_price(name: str, context: Context) -> str:
    """Say that the price of something is not known in the region."""
    return f"no price of {name} is known in {context.graph.region or 'an unknown region'}"


def number(found: Field) -> float | None:
    """Read a size or a count, also where it was written as text, as task definitions have it; none is below 0."""
    said = found.number if found.number is not None else found.text
    try:
        value = float(said) if said is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < inf else None


def counted(found: Field, otherwise: float) -> float | None:
    """Read how many there are of something; `otherwise` where nothing is said, None where it is not known yet."""
    said = number(found)
    return otherwise if said is None and not isinstance(found.value, Unknown) and not found.inside else said


def listed(found: Field) -> int | None:
    """Count the elements of a list; None where it is not known yet."""
    return None if isinstance(found.value, Unknown) or found.inside else len(found.items())


def referred(value: Value, context: Context) -> Resource | None:
    """Give the resource that a value refers to."""
    return context.graph.by_name.get(value.resource) if isinstance(value, Ref) else None


def prop(resource: Resource, name: str) -> Field:
    """Give a property of a resource."""
    return field(resource, name)


def dollars(amount: float) -> str:
    """Write an amount of US dollars: with cents, and with as many digits more as it has below ten dollars."""
    if abs(amount) >= 10:
        return f"${amount:,.2f}"
    whole, _, part = f"{amount:.12f}".rstrip("0").partition(".")
    return f"${whole}.{part.ljust(2, '0')}"


def count_words(amount: Amount) -> str:
    """Write how many: `2`, or `2 to 8`."""
    low, high = f"{amount.low:.4g}", f"{amount.high:.4g}"
    return low if low == high else f"{low} to {high}"


def tiered(quantity: float, tiers: tuple[Price, ...]) -> float:
    """Give what a quantity costs whose price falls as it grows."""
    cost = 0.0
    for number, tier in enumerate(tiers):
        end = tiers[number + 1].start if number + 1 < len(tiers) else float("inf")
        cost += max(0.0, min(quantity, end) - tier.start) * tier.usd
    return cost


__all__ = [
    "NOTHING",
    "Bounds",
    "Context",
    "Pricer",
    "Pricers",
    "at_price",
    "by_tiers",
    "count_words",
    "counted",
    "dollars",
    "listed",
    "no_price",
    "number",
    "of_workload",
    "priced",
    "prop",
    "referred",
    "tiered",
    "unpriced",
    "usage",
]
