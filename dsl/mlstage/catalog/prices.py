"""What AWS charges, each figure with its basis, its date and its source; what is not known is None, never 0.

AWS publishes SageMaker's prices where this project could not read them, so most of them are worked out from EC2's price
for the same machine: `Price.basis` says so, and no such figure may be shown as AWS's own. A price for one use
(component) says nothing about another: it is looked up, or worked out, for the use that was asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import Final, Literal, TypeAlias, cast

from mlstage.catalog import _files
from mlstage.catalog.instances import Use, instance, instance_names
from mlstage.catalog.regions import partition

Basis: TypeAlias = Literal["observed", "derived", "derived-assumed"]

PRICES_FILE: Final = "prices.tsv"
EC2_FILE: Final = "ec2_on_demand.tsv"
SPOT_FILE: Final = "ec2_spot.tsv"
RATIOS_FILE: Final = "sagemaker_ratios.tsv"
SAVINGS_FILE: Final = "savings.tsv"

HOME: Final = "us-east-1"
"""The region that every price is known in first."""

EVERYWHERE: Final = "*"
"""In place of a region: the price is one and the same in all regions of the commercial partition."""

COMPONENTS: Final[dict[str, Use]] = {
    "Hosting": "hosting",
    "Training": "training",
    "Processing": "processing",
    "BatchTransform": "transform",
    "Notebook": "notebook",
}
"""SageMaker's components that are charged by the instance hour, and the use that each is the price of."""

NOTICE: Final = (
    'AWS says of its price lists: "This pricing list is for informational purposes only. All prices are subject to the'
    ' additional terms included in the pricing pages on http://aws.amazon.com."'
)
"""To be shown wherever a price is shown."""

# Flat fees, which do not follow what machines cost in a region: elsewhere than where they were seen, nothing is known.
_FLAT_UNITS: Final = frozenset({"request", "notification", "transition", "alarm-month", "dashboard-month", "key-month"})


@dataclass(frozen=True, slots=True)
class Price:
    """One price in one region."""

    service: str
    """AWS's service code, such as `AmazonSageMaker`."""
    item: str
    component: str
    region: str
    usd: float
    unit: str
    start: float
    """The quantity in a month from which it holds; above 0 for the later tiers of a price."""
    basis: Basis
    date: str
    """As of when; of a price that was worked out, the date of its older part."""
    source: str
    note: str
    """How it was worked out, or what it does not cover; may be empty."""


@dataclass(frozen=True, slots=True)
class SpotRange:
    """What EC2 Spot cost in us-east-1, USD an hour; SageMaker's managed Spot training has prices of its own."""

    name: str
    minimum: float
    """Of the zones, on the day."""
    average: float
    """Over the month, so that it may lie outside the day's bounds."""
    maximum: float
    interruption: str
    """Share of instances that AWS took back in a month, such as `5-10%`; may be empty."""
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class RegionalFactor:
    """What a type costs in a region as a multiple of its price in us-east-1."""

    value: float
    basis: Basis
    date: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class SavingsCeiling:
    """The most that a Savings Plan can save; rates for single types are not known."""

    plan: str
    fraction: float
    date: str
    source: str


def price(service: str, item: str, region: str, component: str) -> Price | None:
    """Return the price of an item, that of its first tier where it has several; None where it is not known."""
    return next(iter(tiers(service, item, region, component)), None)


@cache
def tiers(service: str, item: str, region: str, component: str) -> tuple[Price, ...]:
    """Return the prices of an item by rising quantity; most have one, unknown ones none."""
    if found := _rows(service, item, component, region):
        return found
    worked_out: Price | None = None
    if service == "AmazonEC2" and component == "OnDemand":
        worked_out = _ec2(item, region)
    elif service == "AmazonSageMaker" and component in COMPONENTS and item.startswith("ml."):
        worked_out = _sagemaker(item, region, component)
    else:
        return tuple(_elsewhere(_rows(service, item, component, HOME), region))
    return (worked_out,) if worked_out else ()


@cache
def spot_range(name: str) -> SpotRange | None:
    """Return what an EC2 type cost on Spot; None where it is not known."""
    fields = _files.row(SPOT_FILE, name)
    if fields is None:
        return None
    minimum, average, maximum = map(float, fields[1:4])
    (source,) = _files.sources_of(SPOT_FILE).values()
    return SpotRange(name, minimum, average, maximum, fields[4], source.date, str(source))


@cache
def savings_ceiling(service: str) -> SavingsCeiling | None:
    """Return the most that the Savings Plan for a service can save."""
    fields = _files.row(SAVINGS_FILE, service)
    if fields is None:
        return None
    source = _files.sources_of(SAVINGS_FILE)[fields[3]]
    return SavingsCeiling(fields[2], float(fields[1]), source.date, str(source))


def ec2_regions() -> tuple[str, ...]:
    """Return the regions that EC2 prices are known for."""
    return tuple(_files.note(EC2_FILE, "columns").split()[1:])


@cache
def regional_factor(name: str, region: str) -> RegionalFactor | None:
    """Return what an EC2 type costs in `region` as a multiple of us-east-1, from prices of one day.

    Where the type itself is not known there, its family answers (a family costs the same multiple in all sizes), and
    then, as an assumption, the middle of all families.
    """
    source = _files.sources_of(EC2_FILE)["ec2instances"]
    if region == HOME:
        return RegionalFactor(1.0, "observed", source.date, str(source), "")
    family = name.partition(".")[0]
    same = [factor for other, factor in _factors(region) if other.partition(".")[0] == family]
    if same:
        return RegionalFactor(median(same), "derived", source.date, str(source), f"as {family} in other sizes")
    return _middle_factor(region)


def _middle_factor(region: str) -> RegionalFactor | None:
    source = _files.sources_of(EC2_FILE)["ec2instances"]
    every = [factor for _, factor in _factors(region)]
    if not every:
        return None
    note = f"the middle of {len(every)} types in {region}"
    return RegionalFactor(median(every), "derived-assumed", source.date, str(source), note)


def all_prices() -> Iterator[Price]:
    """Yield every price there is: those stored, EC2's in each region, and SageMaker's in us-east-1."""
    for fields in _files.rows(PRICES_FILE):
        yield _price(fields)
    for fields in _files.rows(EC2_FILE):
        for region, usd in zip(ec2_regions(), fields[1:], strict=True):
            if usd and (found := _ec2(fields[0], region)):
                yield found
    for name in instance_names():
        for component in COMPONENTS:
            if not _rows("AmazonSageMaker", name, component, HOME) and (found := _sagemaker(name, HOME, component)):
                yield found


def _rows(service: str, item: str, component: str, region: str) -> tuple[Price, ...]:
    """Return what is stored for a region, by rising quantity."""
    found = [*_stored(service, item, component, region)]
    if not found and partition(region) == "aws":
        found = [replace(one, region=region) for one in _stored(service, item, component, EVERYWHERE)]
    return tuple(sorted(found, key=lambda one: one.start))


def _elsewhere(home: Iterable[Price], region: str) -> Iterator[Price]:
    """Carry prices that are known in us-east-1 over to another region, at what EC2's machines cost there."""
    factor = _middle_factor(region) if partition(region) == "aws" and region != HOME else None
    for one in home:
        if factor is not None and one.unit not in _FLAT_UNITS:
            note = f"${one.usd:g} in {HOME} x {factor.value:.4g} ({factor.note}, EC2, {factor.date})"
            usd = float(f"{one.usd * factor.value:.6g}")
            yield replace(one, region=region, usd=usd, basis="derived-assumed", note=note)


def _stored(service: str, item: str, component: str, region: str) -> Iterator[Price]:
    start = f"\n{service}\t{item}\t{component}\t{region}\t"
    content = _files.text(PRICES_FILE)
    place = content.find(start)
    while place >= 0:
        end = content.index("\n", place + 1)
        yield _price(content[place + 1 : end].split("\t"))
        place = content.find(start, end)


def _price(fields: list[str]) -> Price:
    service, item, component, region, usd, unit, start, basis, date, source, note = fields
    said = _files.sources_of(PRICES_FILE)[source]
    return Price(
        service=service,
        item=item,
        component=component,
        region=region,
        usd=float(usd),
        unit=unit,
        start=float(start),
        basis=cast("Basis", basis),
        date=date,
        source=f"{said.what} ({said.licence})",
        note=note,
    )


def _ec2(name: str, region: str) -> Price | None:
    fields = _files.row(EC2_FILE, name)
    regions = ec2_regions()
    if fields is None:
        return None
    if region in regions and (usd := fields[1 + regions.index(region)]):
        source = _files.sources_of(EC2_FILE)[_files.note(EC2_FILE, "said-by").split()[regions.index(region)]]
        return _hourly("AmazonEC2", name, "OnDemand", region, float(usd), "observed", source, "")
    home = fields[1 + regions.index(HOME)]
    factor = regional_factor(name, region) if partition(region) == "aws" else None
    if not home or factor is None:
        return None
    source = _files.sources_of(EC2_FILE)["karpenter"]
    note = f"${home} in {HOME} x {factor.value:.4g} ({factor.note}, {factor.date})"
    usd_there = round(float(home) * factor.value, 5)
    return _hourly("AmazonEC2", name, "OnDemand", region, usd_there, factor.basis, source, note)


def _sagemaker(name: str, region: str, component: str) -> Price | None:
    """Work SageMaker's price out from EC2's for the same machine, for a use that takes the type."""
    machine = instance(name)
    if machine is None or COMPONENTS[component] not in machine.uses:
        return None
    ec2 = price("AmazonEC2", machine.ec2_name, region, "OnDemand")
    keys = (name, machine.family) if machine.accelerator else (name, machine.family, "*")
    ratio = next((found for key in keys if (found := _files.row(RATIOS_FILE, key))), None)
    if ec2 is None or ratio is None:
        return None
    _, multiple, basis, why, source = ratio
    # The multiples were seen in AWS's commercial regions only.
    assumed = "derived-assumed" in (basis, ec2.basis) or partition(region) != "aws"
    said_by = _files.sources_of(RATIOS_FILE)[source]
    return Price(
        service="AmazonSageMaker",
        item=name,
        component=component,
        region=region,
        usd=round(ec2.usd * float(multiple), 4),
        unit="hour",
        start=0.0,
        basis="derived-assumed" if assumed else "derived",
        date=min(ec2.date, said_by.date),
        source=f"{ec2.source}; {said_by}",
        note=f"EC2's ${ec2.usd:g} of {ec2.date} x {float(multiple):.4g} ({why}); not a price that AWS publishes",
    )


def _hourly(
    service: str, item: str, component: str, region: str, usd: float, basis: Basis, source: _files.Source, note: str
) -> Price:
    said_by = f"{source.what} ({source.licence})"
    return Price(service, item, component, region, usd, "hour", 0.0, basis, source.date, said_by, note)


@cache
def _factors(region: str) -> tuple[tuple[str, float], ...]:
    """Return the types with a price in us-east-1 and in `region`, and the multiple between them."""
    regions = ec2_regions()
    if region not in regions:
        return ()
    home, there = 1 + regions.index(HOME), 1 + regions.index(region)
    return tuple(
        (fields[0], float(fields[there]) / float(fields[home]))
        for fields in _files.rows(EC2_FILE)
        if fields[there] and fields[home]
    )
