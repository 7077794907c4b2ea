"""EC2's machines: single ones, groups of them, and volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import Amount, Line
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    count_words,
    no_price,
    number,
    priced,
    prop,
    unpriced,
    usage,
)
from mlstage.rules.truth import Field, field
from mlstage.rules.views.links import follow

_SERVICE: Final = "AmazonEC2"
_TEMPLATE: Final = "aws.ec2.LaunchTemplate"
_IOPS_INCLUDED: Final = {"gp3": 3000.0, "io1": 0.0, "io2": 0.0}
_THROUGHPUT_INCLUDED: Final = 125.0


def machine(resource: Resource, context: Context) -> Iterator[Line]:
    """Price one instance and its volumes."""
    name = prop(resource, "instance_type").text
    spot = prop(resource, "instance_market_options")["market_type"].text == "spot"
    yield from hours(resource, name, Amount.exactly(1.0), context, spot=spot)
    for block in (*prop(resource, "root_block_device").items(), *prop(resource, "ebs_block_devices").items()):
        yield from _disk(resource, block["volume_type"], block["volume_size"], Amount.exactly(1.0), context)


def group(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an Auto Scaling group between its bounds."""
    low, high = number(prop(resource, "min_size")) or 0.0, number(prop(resource, "max_size")) or 0.0
    desired = number(prop(resource, "desired_capacity"))
    counts = Amount(low, min(max(low if desired is None else desired, low), high), high)
    names, _, spot = _launched(resource, context)
    note = "" if low == high else "expected at its desired size"
    if not names:
        yield unpriced(resource, "machines of the group", "its instance types are not known")
        return
    if len(names) > 1:
        note = "; ".join(part for part in (note, f"the first of {len(names)} types that it may use") if part)
    yield from hours(resource, names[0], counts, context, spot=spot, note=note, assumed=low != high)
    yield from disks(resource, counts, context)


def first_type(resource: Resource, context: Context) -> tuple[str | None, bool]:
    """Give the first type that a group may launch, and whether on Spot."""
    names, _, spot = _launched(resource, context)
    return (names[0] if names else None), spot


def disks(resource: Resource, counts: Amount, context: Context) -> Iterator[Line]:
    """Price the volumes that a group's machines start with."""
    _, template, _ = _launched(resource, context)
    for mapping in prop(template, "block_device_mappings").items() if template else ():
        ebs = mapping["ebs"]
        yield from _disk(resource, ebs["volume_type"], ebs["volume_size"], counts, context)


def hours(
    resource: Resource,
    name: str | None,
    counts: Amount,
    context: Context,
    *,
    spot: bool = False,
    note: str = "",
    assumed: bool = False,
) -> Iterator[Line]:
    """Price a number of machines of one type, all month."""
    if name is None:
        yield unpriced(resource, "machine", "its instance type is not known")
        return
    price = context.book.price(_SERVICE, name, "OnDemand")
    label = f"{count_words(counts)} x {name}"
    if price is None:
        yield unpriced(resource, label, no_price(name, context))
        return
    rate = None
    if spot and (found := context.book.spot(name, "OnDemand")):
        _, rate, seen = found
        words = f"Spot: ${rate.low:.4g} to ${rate.high:.4g} an hour, range of {seen.date}"
        note = "; ".join(part for part in (note, words) if part)
    elif spot:
        note = "; ".join(part for part in (note, "Spot, whose price is not known: at the most on demand") if part)
    yield priced(resource, label, counts * HOURS_A_MONTH, price, rate=rate, note=note, assumed=assumed)


def _launched(resource: Resource, context: Context) -> tuple[list[str], Resource | None, bool]:
    """Give the types that a group may launch, the template behind them, and whether on Spot."""
    mixed = prop(resource, "mixed_instances_policy")
    chosen = (
        mixed["launch_template"]["launch_template_specification"] if mixed.value else prop(resource, "launch_template")
    )
    named = chosen["launch_template_id"] if mixed.value else chosen["id"]
    if named.value is None:
        named = chosen["launch_template_name"] if mixed.value else chosen["name"]
    template = next(iter(follow(context.graph, named, _TEMPLATE).resources), None)
    overrides = [one["instance_type"].text for one in mixed["launch_template"]["overrides"].items()]
    names = [name for name in overrides if name]
    if template is not None and not names:
        names = [name for name in (prop(template, "instance_type").text,) if name]
    share = mixed["instances_distribution"]["on_demand_percentage_above_base_capacity"].number
    spot = (share is not None and share < 100) or (
        template is not None and field(template, "instance_market_options")["market_type"].text == "spot"
    )
    return names, template, spot


def volume(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an EBS volume."""
    one = Amount.exactly(1.0)
    kind = prop(resource, "type").text or "gp2"
    yield from _disk(resource, prop(resource, "type"), prop(resource, "size"), one, context)
    iops, included = number(prop(resource, "iops")), _IOPS_INCLUDED.get(kind)
    if iops is not None and included is not None and iops > included:
        price = context.book.price(_SERVICE, f"ebs-{kind}", "Iops")
        yield at_price(resource, f"{iops:g} IOPS", Amount.exactly(iops - included), price)
    speed = number(prop(resource, "throughput"))
    if speed is not None and kind == "gp3" and speed > _THROUGHPUT_INCLUDED:
        price = context.book.price(_SERVICE, "ebs-gp3", "Throughput")
        yield at_price(resource, f"{speed:g} MB/s", Amount.exactly(speed - _THROUGHPUT_INCLUDED), price)


def _disk(resource: Resource, kind: Field, size: Field, counts: Amount, context: Context) -> Iterator[Line]:
    name, gigabytes = kind.text or "gp2", number(size)
    price = context.book.price(_SERVICE, f"ebs-{name}", "Storage")
    if gigabytes is None:
        yield usage(resource, f"{name} volume", price, "its size is not known")
    else:
        yield at_price(resource, f"{gigabytes:g} GB {name} volume", counts * gigabytes, price)


PRICERS: Pricers = {
    "aws.ec2.Instance": machine,
    "aws.ebs.Volume": volume,
}
