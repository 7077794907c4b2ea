"""The prices of one region: a project's own refreshed table first, then the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from mlstage.catalog import prices
from mlstage.catalog.prices import Price, SavingsCeiling, SpotRange
from mlstage.insight.cost.model import Amount


class Table(Protocol):
    """Prices beside the catalogue's: what `mlstage prices refresh` wrote."""

    def tiers(self, service: str, item: str, region: str, component: str) -> tuple[Price, ...]:
        """Give the prices of an item by rising quantity; none where the table does not have it."""
        ...


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Looks prices up for one region."""

    region: str
    table: Table | None = None
    asked: set[tuple[str, str, str, str]] = field(default_factory=set, compare=False, repr=False)
    """What was looked up, whether it was found or not: what a refresh has to read."""

    def tiers(self, service: str, item: str, component: str) -> tuple[Price, ...]:
        """Give the prices of an item by rising quantity; none where nothing is known."""
        self.asked.add((service, item, self.region, component))
        fresh = self.table.tiers(service, item, self.region, component) if self.table else ()
        return fresh or prices.tiers(service, item, self.region, component)

    def price(self, service: str, item: str, component: str) -> Price | None:
        """Give the price of an item, that of its first tier where it has several."""
        return next(iter(self.tiers(service, item, component)), None)

    def spot(self, name: str, component: str) -> tuple[Price, Amount, SpotRange] | None:
        """Give what a type costs on demand and the dated range of Spot, in the terms of a SageMaker use or of EC2.

        SageMaker publishes no range of its own: EC2's is carried over by what SageMaker adds to EC2's price. The high
        end is the price on demand, above which AWS never charges.
        """
        machine = name.removeprefix("ml.")
        service = "AmazonEC2" if component == "OnDemand" else "AmazonSageMaker"
        on_demand, ec2 = self.price(service, name, component), self.price("AmazonEC2", machine, "OnDemand")
        home, seen = prices.price("AmazonEC2", machine, prices.HOME, "OnDemand"), prices.spot_range(machine)
        if on_demand is None or ec2 is None or home is None or seen is None:
            return None
        factor = on_demand.usd / home.usd
        low, middle = seen.minimum * factor, seen.average * factor
        return on_demand, Amount(min(low, middle), middle, on_demand.usd), seen

    def savings(self, service: str, name: str, component: str, term: str) -> tuple[Price | None, SavingsCeiling | None]:
        """Give the rate of a Savings Plan where it is known, and the most that such plans save."""
        rate = self.price(service, name, f"{component}/SavingsPlan-{term}")
        return rate, prices.savings_ceiling(service)
