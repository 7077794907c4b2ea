"""EC2's machines: single ones, groups of them, and volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH
from mlstage.insight.cost.model import NOTHING, Amount, Line, in_words
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    count_words,
    counted,
    no_price,
    number,
    priced,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.savings import savings_rate
from mlstage.rules.truth import Field
from mlstage.rules.views.groups import overrides, template_of
from mlstage.rules.views.links import follow

_SERVICE: Final = "AmazonEC2"
_TEMPLATE: Final = "aws.ec2.LaunchTemplate"
_IOPS_INCLUDED: Final = {"gp3": 3000.0, "io1": 0.0, "io2": 0.0}
_IOPS_PRICED: Final = {"io2": 32_000.0}
"""Up to how many the catalogue's price holds."""
_THROUGHPUT_INCLUDED: Final = 125.0
_DEDICATED: Final = ("dedicated", "host")
_ONE: Final = Amount.exactly(1.0)
SPOT_UNKNOWN: Final = "Spot, whose price is not known: at the most on demand"


def machine(resource: Resource, context: Context) -> Iterator[Line]:
    """Price one instance, its volumes and its public address."""
    name = prop(resource, "instance_type").text
    if (tenancy := prop(resource, "tenancy").text) in _DEDICATED:
        yield unpriced(resource, f"1 x {name}, {tenancy}", "no price of dedicated machines is known")
    else:
        spot = prop(resource, "instance_market_options")["market_type"].text == "spot"
        yield from hours(resource, name, _ONE, context, spot=spot, note="priced as Linux")
    root = prop(resource, "root_block_device").items()
    if not root:
        yield unpriced(resource, "root volume", "its image decides its size")
    for block in (*root, *prop(resource, "ebs_block_devices").items()):
        yield from _disk(resource, block, "volume_", _ONE, context)
    if prop(resource, "associate_public_ip_address").value is True:
        price = context.book.price("AmazonVPC", "public-ipv4", "InUse")
        yield at_price(resource, "public IPv4 address", Amount.exactly(HOURS_A_MONTH), price)


def group(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an Auto Scaling group between its bounds."""
    low, high = counted(prop(resource, "min_size"), 0.0), counted(prop(resource, "max_size"), 0.0)
    names, _ = _launched(resource, context)
    if not names:
        yield unpriced(resource, "machines of the group", "its instance types are not known")
        return
    if low is None or high is None:
        yield unpriced(resource, f"machines of the group, {names[0]}", "how many there are is not known")
        return
    counts, note = _between(low, number(prop(resource, "desired_capacity")), high)
    yield from bought(resource, names[0], counts, context, note=_first_of(names, note), assumed=low != high)
    yield from disks(resource, counts, context)


def node_group(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the machines of an EKS node group between its bounds, and their disks."""
    sizes = prop(resource, "scaling_config")
    template = next(iter(follow(context.graph, _named(prop(resource, "launch_template")), _TEMPLATE).resources), None)
    names = [name for one in prop(resource, "instance_types").items() if (name := one.text)]
    if not names and template is not None and (named := prop(template, "instance_type").text):
        names = [named]
    low, high = counted(sizes["min_size"], 0.0), counted(sizes["max_size"], 0.0)
    if not names or low is None or high is None:
        yield unpriced(resource, "nodes", "their instance type or their number is not known")
        return
    counts, note = _between(low, number(sizes["desired_size"]), high)
    spot = prop(resource, "capacity_type").text == "SPOT"
    words = _first_of(names, note)
    yield from hours(resource, names[0], counts, context, spot=spot, note=words, assumed=low != high)
    if template is not None:
        yield from _template_disks(resource, template, counts, context)
    else:
        yield unpriced(resource, "disk of each node", "EKS chooses its kind")


def _between(low: float, desired: float | None, high: float) -> tuple[Amount, str]:
    counts = Amount(low, min(max(low if desired is None else desired, low), high), high)
    return counts, "" if low == high else "expected at its desired size"


def _first_of(names: list[str], note: str) -> str:
    choice = f"the first of {len(names)} types that it may use" if len(names) > 1 else ""
    return in_words(note, choice)


def bought(
    resource: Resource,
    name: str | None,
    counts: Amount,
    context: Context,
    *,
    note: str = "",
    assumed: bool = False,
) -> Iterator[Line]:
    """Price the machines of a group as it buys them: a part on demand, and the rest on Spot."""
    base, share = _on_demand(resource, context)
    firm = Amount(
        *(min(one, base + max(0.0, one - base) * share) for one in (counts.low, counts.expected, counts.high))
    )
    spare = counts - firm
    if firm.high or not spare.high:
        yield from hours(resource, name, firm, context, note=note, assumed=assumed)
    if spare.high:
        yield from hours(resource, name, spare, context, spot=True, note=note, assumed=assumed)


def first_type(resource: Resource, context: Context) -> tuple[str | None, bool]:
    """Give the first type that a group may launch, and whether it buys any on Spot."""
    names, _ = _launched(resource, context)
    return (names[0] if names else None), _on_demand(resource, context)[1] < 1


def disks(resource: Resource, counts: Amount, context: Context) -> Iterator[Line]:
    """Price the volumes that a group's machines start with."""
    _, template = _launched(resource, context)
    if template is not None:
        yield from _template_disks(resource, template, counts, context)


def _template_disks(resource: Resource, template: Resource, counts: Amount, context: Context) -> Iterator[Line]:
    for mapping in prop(template, "block_device_mappings").items():
        if mapping["ebs"].value is not None:
            yield from _disk(resource, mapping["ebs"], "volume_", counts, context)


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
    label = f"{count_words(counts)} x {name}"
    yield from _hours(resource, name, label, counts * HOURS_A_MONTH, context, spot=spot, note=note, assumed=assumed)


def job_hours(
    resource: Resource,
    name: str | None,
    total: Amount | None,
    together: float,
    context: Context,
    *,
    spot: bool = False,
    note: str = "",
    assumed: bool = False,
) -> Iterator[Line]:
    """Price so many hours of machines of one type a month, of which `together` run while there is work.

    None are hours of which nobody knows how many: they are paid by use.
    """
    label = f"{together:.4g} x {name} while its jobs run"
    if total is None and name is not None and (price := context.book.price(_SERVICE, name, "OnDemand")) is not None:
        words = ("each machine" if together > 1 else "", "less on Spot" if spot else "", note)
        yield usage(resource, label, price, in_words(*words))
        return
    yield from _hours(resource, name, label, total or NOTHING, context, spot=spot, note=note, assumed=assumed)


def _hours(
    resource: Resource,
    name: str | None,
    label: str,
    total: Amount,
    context: Context,
    *,
    spot: bool,
    note: str,
    assumed: bool,
) -> Iterator[Line]:
    if name is None:
        yield unpriced(resource, "machine", "its instance type is not known")
        return
    price = context.book.price(_SERVICE, name, "OnDemand")
    if price is None:
        yield unpriced(resource, label, no_price(name, context))
        return
    rate = None
    if spot and (found := context.book.spot(name, "OnDemand")):
        _, rate, seen = found
        words = f"Spot: ${rate.low:.4g} to ${rate.high:.4g} an hour, range of {seen.date}"
        note = in_words(note, words)
    elif spot:
        note = in_words(note, SPOT_UNKNOWN)
    else:
        rate, words = savings_rate(resource, "OnDemand", price, context)
        note = in_words(note, words)
    yield priced(resource, label, total, price, rate=rate, note=note, assumed=assumed)


def _named(chosen: Field) -> Field:
    """Give what names a launch template: its id, or else its name."""
    return chosen["id"] if chosen["id"].value is not None else chosen["name"]


def _launched(resource: Resource, context: Context) -> tuple[list[str], Resource | None]:
    """Give the types that a group may launch, and the template behind them."""
    link = template_of(context.graph, resource)
    template = next(iter(link.resources), None) if link is not None else None
    names = [name for one in overrides(resource) if (name := one.text)]
    if template is not None and not names:
        names = [name for name in (prop(template, "instance_type").text,) if name]
    return names, template


def _on_demand(resource: Resource, context: Context) -> tuple[float, float]:
    """Give how many machines of a group are bought on demand in any case, and which part of the others."""
    _, template = _launched(resource, context)
    if template is not None and prop(template, "instance_market_options")["market_type"].text == "spot":
        return 0.0, 0.0
    mixed = prop(resource, "mixed_instances_policy")["instances_distribution"]
    share = mixed["on_demand_percentage_above_base_capacity"].number
    return float(mixed["on_demand_base_capacity"].number or 0), 1.0 if share is None else share / 100


def volume(resource: Resource, context: Context) -> Iterator[Line]:
    """Price an EBS volume."""
    yield from _disk(resource, Field(resource, "", resource.props), "", _ONE, context)


def _disk(resource: Resource, at: Field, prefix: str, counts: Amount, context: Context) -> Iterator[Line]:
    """Price volumes with what of their speed is paid for; `prefix` is what their keys begin with."""
    kind, gigabytes = at[f"{prefix}type"].text or "gp2", number(at[f"{prefix}size"])
    price = context.book.price(_SERVICE, f"ebs-{kind}", "Storage")
    if gigabytes is None:
        yield usage(resource, f"{kind} volume", price, "its size is not known")
    else:
        yield at_price(resource, f"{gigabytes:g} GB {kind} volume", counts * gigabytes, price)
    iops, included = number(at["iops"]), _IOPS_INCLUDED.get(kind)
    if iops is not None and included is not None and iops > included:
        most = _IOPS_PRICED.get(kind, iops)
        each = context.book.price(_SERVICE, f"ebs-{kind}", "Iops")
        yield at_price(resource, f"{min(iops, most) - included:g} IOPS", counts * (min(iops, most) - included), each)
        if iops > most:
            yield unpriced(resource, f"{iops - most:g} IOPS above {most:g}", "they cost less; no price is known")
    speed = number(at["throughput"])
    if speed is not None and kind == "gp3" and speed > _THROUGHPUT_INCLUDED:
        each = context.book.price(_SERVICE, "ebs-gp3", "Throughput")
        yield at_price(
            resource, f"{speed - _THROUGHPUT_INCLUDED:g} MB/s", counts * (speed - _THROUGHPUT_INCLUDED), each
        )


PRICERS: Pricers = {
    "aws.ec2.Instance": machine,
    "aws.ebs.Volume": volume,
    "aws.eks.NodeGroup": node_group,
}
