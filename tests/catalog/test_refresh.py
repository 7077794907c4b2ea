"""Today's prices from AWS: exactly one product, one term, the right unit, or a refusal that says what was there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from mlstage.catalog.refresh.api import Api
from mlstage.catalog.refresh.bulk import Bulk
from mlstage.catalog.refresh.queries import CredentialsMissingError, Key, Query, RefreshError, query, without_region

HOSTING: Key = ("AmazonSageMaker", "ml.m5.xlarge", "us-east-1", "Hosting")
NAT: Key = ("AmazonEC2", "nat-gateway", "us-east-1", "Hours")
FILTERS = [
    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
    {"Type": "TERM_MATCH", "Field": "instanceName", "Value": "ml.m5.xlarge"},
]


def tier(usd: object, unit: str = "Hrs", start: str = "0", currency: str = "USD") -> dict[str, Any]:
    return {"unit": unit, "beginRange": start, "endRange": "Inf", "pricePerUnit": {currency: str(usd)}}


def terms(*tiers: Mapping[str, Any]) -> dict[str, Any]:
    return {"OnDemand": {"X.JRTC": {"priceDimensions": {f"X.JRTC.{n}": one for n, one in enumerate(tiers)}}}}


def product(family: str = "ML Instance", /, **attributes: str) -> dict[str, Any]:
    return {"sku": "X", "productFamily": family, "attributes": attributes}


def machine(component: str = "Hosting", usd: object = "0.2300000000", **tier_values: str) -> dict[str, Any]:
    """Write a product of SageMaker's offer as the API returns it."""
    has = {"regionCode": "us-east-1", "instanceName": "ml.m5.xlarge", "component": component}
    usage = {"Hosting": "USE1-Host:ml.m5.xlarge"}.get(component, f"USE1-{component}:ml.m5.xlarge")
    made = product(**has, usagetype=usage)
    return {"product": made, "terms": terms(tier(usd, **tier_values)), "publicationDate": "2026-11-20T17:02:31Z"}


def asked(key: Key = HOSTING) -> Query:
    found = query(key)
    assert found is not None
    return found


@pytest.fixture
def pricing() -> Any:
    credentials = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return boto3.client("pricing", region_name="us-east-1", **credentials)


def answer(stub: Stubber, *items: Mapping[str, Any], token: str = "", **expected: Any) -> None:
    """Have AWS answer one page, if it is asked for just this."""
    said: dict[str, Any] = {"PriceList": [json.dumps(one) for one in items], "FormatVersion": "aws_v1"}
    wanted = {"ServiceCode": "AmazonSageMaker", "FormatVersion": "aws_v1", "Filters": FILTERS, **expected}
    stub.add_response("get_products", {**said, "NextToken": token} if token else said, wanted)


# The API


def test_a_price_is_that_of_the_component_that_was_asked_for(pricing: Any) -> None:
    with Stubber(pricing) as stub:
        # Every use of a type is another product, and pages come one after the other.
        answer(stub, machine("Training", "0.2310"), machine("Processing", "0.2320"), token="more")
        answer(stub, machine("Hosting"), machine("Batch Transform", "0.2330"), NextToken="more")
        (found,) = Api(pricing).prices(asked())
        stub.assert_no_pending_responses()
    assert (found.usd, found.unit, found.basis, found.date) == (0.23, "hour", "observed", "2026-11-20")
    assert found.source == "AWS Price List API, AmazonSageMaker, published 2026-11-20"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "ml.m5.xlarge (AmazonSageMaker, Hosting, us-east-1): 0 products match, and exactly one should"),
        ([machine("Training")], "0 products match, and exactly one should; there is ml.m5.xlarge Training"),
        ([machine(), machine()], "2 products match, and exactly one should; there is ml.m5.xlarge Hosting"),
        ([machine(usd="0")], "its price is {'USD': '0'}, not an amount of US dollars above 0"),
        ([machine(currency="CNY")], "its price is {'CNY': '0.2300000000'}, not an amount of US dollars"),
        ([machine(unit="Quantity")], "AWS gives it per 'Quantity', and 'hour' is expected"),
        ([{**machine(), "terms": {}}], "the product has 0 on-demand terms, and exactly one is expected"),
        ([{**machine(), "terms": {"Reserved": {}}}], "the product has 0 on-demand terms"),
    ],
    ids=["nothing", "another use", "two", "zero", "yuan", "unit", "no terms", "reserved only"],
)
def test_anything_but_one_price_is_refused(pricing: Any, items: list[dict[str, Any]], said: str) -> None:
    with Stubber(pricing) as stub:
        answer(stub, *items)
        with pytest.raises(RefreshError) as error:
            Api(pricing).prices(asked())
    assert said in str(error.value)


def test_tiers_come_by_rising_quantity(pricing: Any) -> None:
    key: Key = ("AWSLambda", "duration-x86_64", "us-east-1", "OnDemand")
    made = product("Serverless", regionCode="us-east-1", group="AWS-Lambda-Duration", usagetype="Lambda-GB-Second")
    several = terms(tier("0.0000133334", "Lambda-GB-Second", "6000000000"), tier("0.0000166667", "Lambda-GB-Second"))
    item = {"product": made, "terms": several, "publicationDate": "2026-11-20"}
    with Stubber(pricing) as stub:
        stub.add_response("get_products", {"PriceList": [json.dumps(item)], "FormatVersion": "aws_v1"})
        found = Api(pricing).prices(asked(key))
    assert [(one.start, one.usd) for one in found] == [(0, 0.0000166667), (6e9, 0.0000133334)]


def test_what_aws_refuses_is_told_in_its_words(pricing: Any) -> None:
    with Stubber(pricing) as stub:
        stub.add_client_error("get_products", "AccessDeniedException", "not authorized to perform pricing:GetProducts")
        with pytest.raises(RefreshError, match="not authorized to perform pricing:GetProducts"):
            Api(pricing).prices(asked())


def test_without_credentials_nothing_was_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.session.Session().client("pricing", region_name="us-east-1")
    with pytest.raises(CredentialsMissingError):
        Api(client).prices(asked())


def test_regions_are_taken_off_usage_types_and_nothing_else() -> None:
    found = [without_region(text) for text in ("USE1-Host:ml.m5.xlarge", "EUC1-NatGateway-Hours", "NatGateway-Hours")]
    assert found == ["Host:ml.m5.xlarge", "NatGateway-Hours", "NatGateway-Hours"]


# The files


class Files:
    """A web server on this machine with files by their paths, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        known = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known.asked.append(self.path)
                content = known.files.get(self.path)
                self.send_response(200 if content is not None else 404)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path: str, content: object) -> None:
        self.files[path] = content.encode() if isinstance(content, str) else json.dumps(content).encode()


@pytest.fixture
def files() -> Iterator[Files]:
    made = Files()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


SAGEMAKER = "/offers/v1.0/aws/AmazonSageMaker/current/us-east-1/index.json"
PLANS = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans/current/region_index.json"
PLAN = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans/20261101/us-east-1/index"


def offer(*items: dict[str, Any]) -> dict[str, Any]:
    """Write the file of an offer from items as the API has them."""
    skus = [f"SKU{number}" for number in range(len(items))]
    return {
        "publicationDate": "2026-11-21T00:00:00Z",
        "products": {sku: one["product"] for sku, one in zip(skus, items, strict=True)},
        "terms": {"OnDemand": {sku: one["terms"]["OnDemand"] for sku, one in zip(skus, items, strict=True)}},
    }


def test_a_file_has_the_same_price_and_is_read_once(files: Files) -> None:
    files.put(SAGEMAKER, offer(machine("Training", "0.9"), machine("Hosting")))
    bulk = Bulk(files.address)
    (found,) = bulk.prices(asked())
    (other,) = bulk.prices(asked((*HOSTING[:3], "Training")))
    assert (found.usd, other.usd) == (0.23, 0.9)
    assert found.source == "AWS price list file, AmazonSageMaker in us-east-1, published 2026-11-21"
    assert files.asked == [SAGEMAKER]


def test_a_file_without_the_price_is_refused(files: Files) -> None:
    files.put(SAGEMAKER, offer(machine("Training")))
    with pytest.raises(RefreshError, match="0 products match, and exactly one should"):
        Bulk(files.address).prices(asked())


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read: HTTP Error 404"), ("<html>", "is no JSON"), ("[]", "is no object")]
)
def test_what_is_no_offer_is_refused_with_its_address(files: Files, content: str | None, said: str) -> None:
    if content is not None:
        files.put(SAGEMAKER, content)
    with pytest.raises(RefreshError) as error:
        Bulk(files.address).prices(asked())
    assert f"{files.address}{SAGEMAKER}" in str(error.value) and said in str(error.value)


@pytest.mark.parametrize("base", ["file:///etc", "ftp://somewhere"])
def test_only_the_web_is_read(base: str) -> None:
    with pytest.raises(RefreshError, match="is no web address"):
        Bulk(base).prices(asked())


RATES = """\
"FormatVersion","v1.0"
"Disclaimer","This pricing list is for informational purposes only."
SKU,DiscountedUsageType,DiscountedRegionCode,LeaseContractLength,PurchaseOption,DiscountedRate,Currency,EffectiveDate
1,USE1-Host:ml.m5.xlarge,us-east-1,1,No Upfront,0.1679,USD,2026-11-01T00:00:00Z
2,USE1-Host:ml.m5.xlarge,us-east-1,3,No Upfront,0.1150,USD,2026-11-01T00:00:00Z
3,USE1-Host:ml.m5.xlarge,us-east-1,1,All Upfront,0.1600,USD,2026-11-01T00:00:00Z
4,USE1-Train:ml.m5.xlarge,us-east-1,1,No Upfront,0.1700,USD,2026-11-01T00:00:00Z
5,USE1-Host:ml.m5.large,us-east-1,1,No Upfront,0.0840,USD,2026-11-01T00:00:00Z
6,USE1-Host:ml.m5.large,us-east-1,1,No Upfront,0.0850,USD,2026-11-01T00:00:00Z
"""


@pytest.fixture
def rates(files: Files) -> Bulk:
    files.put(PLANS, {"regions": [{"regionCode": "us-east-1", "versionUrl": f"{PLAN}.json"}]})
    files.put(f"{PLAN}.csv", RATES)
    return Bulk(files.address)


@pytest.mark.parametrize(
    ("component", "term", "usd"), [("Hosting", "1y", 0.1679), ("Hosting", "3y", 0.115), ("Training", "1y", 0.17)]
)
def test_the_rate_of_a_savings_plan_is_that_of_its_use_and_term(
    rates: Bulk, component: str, term: str, usd: float
) -> None:
    found = rates.savings((*HOSTING[:3], component), term)
    assert (found.usd, found.component, found.date) == (usd, f"{component}/SavingsPlan-{term}", "2026-11-01")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (("AmazonSageMaker", "ml.m5.large", "us-east-1", "Hosting"), "2 rates match, and exactly one should"),
        (("AmazonSageMaker", "ml.c5.large", "us-east-1", "Hosting"), "0 rates match, and exactly one should"),
        (("AmazonSageMaker", "ml.m5.xlarge", "eu-west-9", "Hosting"), "AWS publishes no SageMaker Savings Plans for"),
    ],
)
def test_any_other_number_of_rates_is_refused(rates: Bulk, key: Key, said: str) -> None:
    with pytest.raises(RefreshError, match=said):
        rates.savings(key, "1y")
