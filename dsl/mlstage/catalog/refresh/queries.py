"""Which product of AWS's Price List a price is that of; anything but exactly one product is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from mlstage.catalog import _files, prices
from mlstage.catalog.prices import COMPONENTS, Price

QUERIES_FILE: Final = "price_queries.tsv"

Key = tuple[str, str, str, str]
"""Service, item, region, component: as a price is looked up."""


class RefreshError(Exception):
    """A price that could not be read; the text says which, and what was found in its place."""


class CredentialsMissingError(Exception):
    """AWS was not asked at all: there are no credentials to ask with."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `server` is what the API filters by, `wanted` what the product must have in the end."""

    key: Key
    offer: str
    server: Mapping[str, str]
    wanted: Mapping[str, str]
    usagetype: str
    unit: str

    def __str__(self) -> str:
        """Name the price that is looked for."""
        service, item, region, component = self.key
        return f"{item} ({service}, {component}, {region})"

    def matches(self, product: Mapping[str, Any]) -> bool:
        """Say whether a product of the price list is the one that is meant."""
        has = {**product.get("attributes", {}), "productFamily": product.get("productFamily", "")}
        if any(_plain(str(has.get(name, ""))) != _plain(value) for name, value in self.wanted.items()):
            return False
        return not self.usagetype or without_region(str(has.get("usagetype", ""))) == self.usagetype


def query(key: Key) -> Query | None:
    """Give the query for a price; None where mlstage does not know how AWS calls it."""
    service, item, region, component = key
    if service == "AmazonSageMaker" and item.startswith("ml.") and component in COMPONENTS:
        server = {"regionCode": region, "instanceName": item}
        wanted = {**server, "component": component, "productFamily": "ML Instance"}
        return Query(key, service, server, wanted, "", "hour")
    if service == "AmazonEC2" and component == "OnDemand":
        server = {"regionCode": region, "instanceType": item, **_LINUX}
        return Query(key, service, server, {**server, "operation": "RunInstances"}, "", "hour")
    found = _stored().get((service, item, component))
    if found is None:
        return None
    offer, family, group, usagetype = found
    wanted = {"regionCode": region, "productFamily": family, "group": group}
    wanted = {name: value for name, value in wanted.items() if value}
    home = prices.price(service, item, prices.HOME, component)
    return Query(key, offer, wanted, wanted, usagetype, home.unit if home else "")


_LINUX: Final = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}


def read(asked: Query, offered: Iterable[Mapping[str, Any]], published: str, source: str) -> tuple[Price, ...]:
    """Give the price of a query from what an offer has; `offered` are items as the API returns them.

    Raises `RefreshError` unless exactly one product matches, with one on-demand term in US dollars and the right unit.
    """
    items = list(offered)
    found = [one for one in items if asked.matches(one["product"])]
    if len(found) != 1:
        near = sorted({_words(one["product"]) for one in (found or items)})[:4]
        listed = f"; there is {' | '.join(near)}" if near else ""
        raise RefreshError(f"{asked}: {len(found)} products match, and exactly one should{listed}")
    terms = list(found[0].get("terms", {}).get("OnDemand", {}).values())
    if len(terms) != 1:
        raise RefreshError(f"{asked}: the product has {len(terms)} on-demand terms, and exactly one is expected")
    tiers = sorted(terms[0]["priceDimensions"].values(), key=lambda one: float(one["beginRange"]))
    return tuple(_price(asked, tier, published, source) for tier in tiers)


def _price(asked: Query, tier: Mapping[str, Any], published: str, source: str) -> Price:
    service, item, region, component = asked.key
    usd = tier.get("pricePerUnit", {}).get("USD")
    if usd is None or not float(usd) > 0:
        raise RefreshError(f"{asked}: its price is {tier.get('pricePerUnit')}, not an amount of US dollars above 0")
    if not _same_unit(str(tier.get("unit", "")), asked.unit):
        raise RefreshError(f"{asked}: AWS gives it per {tier.get('unit')!r}, and {asked.unit!r} is expected")
    start = float(tier["beginRange"])
    return Price(service, item, component, region, float(usd), asked.unit, start, "observed", published, source, "")


def _words(product: Mapping[str, Any]) -> str:
    has = product.get("attributes", {})
    said = [has.get(name, "") for name in ("instanceName", "component", "group", "usagetype")]
    return " ".join(part for part in said if part) or str(product.get("productFamily", "a product without attributes"))


def _plain(text: str) -> str:
    """Compare without case, blanks and hyphens: AWS writes `Batch Transform` and `BatchTransform`."""
    return re.sub(r"[\s_-]+", "", text).lower()


# A region's prefix: USE1-, EUC1-, APS3-, or UGW1-.
_PREFIX: Final = re.compile(r"^[A-Z]{2,4}\d?-")


def without_region(usagetype: str) -> str:
    """Give a usage type without the prefix of its region."""
    return _PREFIX.sub("", usagetype)


def _same_unit(theirs: str, ours: str) -> bool:
    """Compare units: `Hrs` is an hour, `GB-Mo` a GB-month, `Lambda-GB-Second` a GB-second."""
    if ours.endswith("-month") and ours != "GB-month":
        return True  # alarms, keys and dashboards are counted in units that say nothing
    text = re.sub(r"[^a-z]", "", theirs.lower())
    text = re.sub(r"hrs?$|hours?$", "hour", text)
    text = re.sub(r"(mo|month)$", "month", text)
    text = re.sub(r"s$", "", text)
    return text.endswith(re.sub(r"[^a-z]", "", ours.lower()).removesuffix("s"))


@cache
def _stored() -> dict[tuple[str, str, str], tuple[str, str, str, str]]:
    return {
        (service, item, component): (offer, family, group, usagetype)
        for service, item, component, offer, family, group, usagetype in _files.rows(QUERIES_FILE)
    }
