"""The files that AWS publishes, which need no account: one JSON file for each offer and region, and Savings Plans."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from mlstage.catalog.prices import Price
from mlstage.catalog.refresh.queries import Key, Query, RefreshError, read, without_region

BASE: Final = "https://pricing.us-east-1.amazonaws.com"
_OFFER: Final = "/offers/v1.0/aws/{offer}/current/{region}/index.json"
_PLANS: Final = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans/current/region_index.json"
_TIMEOUT: Final = 60.0

# What SageMaker's usage types begin with, by the component of a price.
_USES: Final = {
    "Hosting": "Host",
    "Training": "Train",
    "Processing": "Processing",
    "BatchTransform": "Tsform",
    "Notebook": "Notebk",
}


class Bulk:
    """Reads prices from the files below a base address, each of which is fetched once."""

    def __init__(self, base: str = BASE) -> None:
        self._base = base.rstrip("/")
        self._offers: dict[str, Mapping[str, Any]] = {}
        self._plans: dict[str, list[dict[str, str]]] = {}

    def prices(self, asked: Query) -> tuple[Price, ...]:
        """Read one price. Raises `RefreshError`."""
        region = asked.key[2]
        document = self._offer(asked.offer, region)
        published = str(document.get("publicationDate", ""))[:10]
        source = f"AWS price list file, {asked.offer} in {region}, published {published}"
        return read(asked, _items(document, asked), published, source)

    def savings(self, key: Key, term: str) -> Price:
        """Read the rate of a SageMaker Savings Plan without upfront payment. Raises `RefreshError`."""
        _, item, region, component = key
        wanted = f"{_USES[component]}:{item}"
        found = [row for row in self._plan(region) if _is_rate(row, wanted, region, term)]
        name = f"Savings Plan of {term} for {item} ({component}, {region})"
        if len(found) != 1:
            raise RefreshError(f"{name}: {len(found)} rates match, and exactly one should")
        row = found[0]
        if row.get("Currency", "USD") != "USD" or not float(row["DiscountedRate"]) > 0:
            raise RefreshError(f"{name}: its rate is {row['DiscountedRate']} {row.get('Currency')}")
        source = f"AWS Savings Plan file, AWSMachineLearningSavingsPlans in {region}, no upfront"
        day, rate = row["EffectiveDate"][:10], float(row["DiscountedRate"])
        component = f"{component}/SavingsPlan-{term}"
        return Price("AmazonSageMaker", item, component, region, rate, "hour", 0.0, "observed", day, source, "")

    def _offer(self, offer: str, region: str) -> Mapping[str, Any]:
        path = _OFFER.format(offer=offer, region=region)
        if path not in self._offers:
            self._offers[path] = self._json(path)
        return self._offers[path]

    def _plan(self, region: str) -> list[dict[str, str]]:
        if region not in self._plans:
            index = self._json(_PLANS)
            places = {one["regionCode"]: one["versionUrl"] for one in index.get("regions", ())}
            if region not in places:
                raise RefreshError(f"AWS publishes no SageMaker Savings Plans for {region}")
            lines = self._fetch(places[region].replace("index.json", "index.csv")).decode("utf-8").splitlines()
            # A few lines about the file come before the one that names the columns.
            start = next((number for number, line in enumerate(lines) if "DiscountedRate" in line), len(lines))
            self._plans[region] = list(csv.DictReader(io.StringIO("\n".join(lines[start:]))))
        return self._plans[region]

    def _json(self, path: str) -> Mapping[str, Any]:
        try:
            found = json.loads(self._fetch(path))
        except ValueError as error:
            raise RefreshError(f"{self._base}{path} is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise RefreshError(f"{self._base}{path} is no object")
        return found

    def _fetch(self, path: str) -> bytes:
        address = urljoin(self._base + "/", path.lstrip("/"))
        if urlsplit(address).scheme not in ("http", "https"):
            raise RefreshError(f"{address} is no web address; give one such as {BASE}")
        try:
            with urlopen(Request(address, headers={"User-Agent": "mlstage"}), timeout=_TIMEOUT) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            error.close()  # it is an answer as well, with its connection
            raise RefreshError(f"{address} cannot be read: {error}") from error
        except (URLError, TimeoutError, OSError) as error:
            raise RefreshError(f"{address} cannot be read: {error}") from error


def _items(document: Mapping[str, Any], asked: Query) -> Iterator[Mapping[str, Any]]:
    """Yield products as the API has them; those that cannot be meant are left out, an offer has thousands."""
    terms = document.get("terms", {}).get("OnDemand", {})
    for sku, product in document.get("products", {}).items():
        has = {**product.get("attributes", {}), "productFamily": product.get("productFamily", "")}
        if all(has.get(name) == value for name, value in asked.server.items()):
            yield {"product": product, "terms": {"OnDemand": terms.get(sku, {})}}


def _is_rate(row: Mapping[str, str], wanted: str, region: str, term: str) -> bool:
    return (
        without_region(row.get("DiscountedUsageType") or "") == wanted
        and row.get("DiscountedRegionCode") == region
        and row.get("LeaseContractLength") == term.removesuffix("y")
        and (row.get("PurchaseOption") or "").lower() == "no upfront"
    )
