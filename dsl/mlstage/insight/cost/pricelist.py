"""What is known of the prices of single things: by use, with basis, date and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from mlstage.catalog import _files, prices
from mlstage.catalog.instances import Instance, instance
from mlstage.catalog.prices import COMPONENTS, NOTICE, Price
from mlstage.insight.blocks import Block, Items, Table, Words
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost import book
from mlstage.insight.cost.pricing import dollars
from mlstage.insight.cost.warnings import warnings


def known(name: str) -> bool:
    """Say whether there is an instance type, or something else with a price, of this name."""
    return instance(name) is not None or bool(_others(name))


def found(name: str, region: str, table: book.Table | None) -> list[Price]:
    """Give every price of a thing in a region: of a type, for each use that takes it."""
    shelf = book.PriceBook(region, table)
    machine = instance(name)
    keys = _keys(machine) if machine else _others(name)
    return [price for key in keys for price in shelf.tiers(*key)]


def blocks(names: Sequence[str], region: str, today: date, table: book.Table | None) -> Iterator[Block]:
    """Lay the prices of things out for people."""
    every: list[Price] = []
    for name in names:
        listed = found(name, region, table)
        every += listed
        yield Words(f"{name} in {region}", heading=2)
        if not listed:
            yield Words("No price is known.")
        else:
            yield _table(listed)
            yield Items("Sources", tuple(_said(listed)))
        if extra := tuple(_extra(name)):
            yield Items("Beside the price on demand", extra)
    if mind := tuple(warnings(every, today)):
        yield Items("Mind", mind)
    yield Words(NOTICE)


def as_data(names: Sequence[str], region: str, today: date, table: book.Table | None) -> dict[str, Any]:
    """Give the prices of things as plain data."""
    every = {name: found(name, region, table) for name in names}
    return {
        "version": 1,
        "region": region,
        "prices": {name: [asdict(price) for price in listed] for name, listed in every.items()},
        "spot": {name: asdict(seen) for name in names if (seen := prices.spot_range(name.removeprefix("ml.")))},
        "warnings": list(warnings([price for listed in every.values() for price in listed], today)),
        "notice": NOTICE,
    }


def _keys(machine: Instance) -> list[tuple[str, str, str]]:
    uses = [("AmazonSageMaker", machine.name, component) for component in (*COMPONENTS, "Training-Warm-Pool")]
    return [*uses, ("AmazonEC2", machine.ec2_name, "OnDemand")]


def _others(name: str) -> list[tuple[str, str, str]]:
    rows = (fields[:3] for fields in _files.rows(prices.PRICES_FILE) if fields[1] == name)
    return list(dict.fromkeys((service, item, component) for service, item, component in rows))


def _table(listed: list[Price]) -> Table:
    rows = []
    for price in listed:
        month = f"{price.usd * HOURS_A_MONTH:,.2f}" if price.unit == "hour" else ""
        above = f" above {price.start:,.0f}" if price.start else ""
        what = f"{price.component}{above}"
        rows.append((price.service, what, f"{dollars(price.usd)}/{price.unit}", month, price.basis, price.date))
    headings = ("service", "for", "price", f"{HOURS_A_MONTH:g} hours", "basis", "date")
    return Table("", headings, tuple(rows), right=(2, 3))


def _said(listed: list[Price]) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for price in listed:
        text = f"{price.source}{f': {price.note}' if price.note else ''}"
        said.setdefault(text, []).append(price.component)
    for text, components in said.items():
        yield f"{', '.join(dict.fromkeys(components))}: {text}"


def _extra(name: str) -> Iterator[str]:
    if instance(name) is None:
        return
    if seen := prices.spot_range(name.removeprefix("ml.")):
        yield (
            f"EC2 Spot in us-east-1: ${seen.minimum:g} to ${seen.maximum:g} an hour over the zones, ${seen.average:g}"
            f" on average over the month; {seen.interruption or 'no figure'} taken back in a month"
            f" ({seen.date}; {seen.source})"
        )
    service = "AmazonSageMaker" if name.startswith("ml.") else "AmazonEC2"
    if ceiling := prices.savings_ceiling(service):
        less = f"at most {ceiling.fraction:.0%} less; the rate of this type is not known"
        yield f"{ceiling.plan}: {less} ({ceiling.source})"
