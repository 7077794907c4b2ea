"""What the catalogue says of prices: whose they are, and that no figure stands for something that it is not."""

import re
from pathlib import Path

import pytest

from mlstage import catalog
from mlstage.catalog import _files, prices
from mlstage.catalog.prices import COMPONENTS, Price, price

CROSS_CHECK = Path(__file__).parent / "cross_check.tsv"


def known(service: str, item: str, region: str, component: str) -> Price:
    found = price(service, item, region, component)
    assert found is not None, (service, item, region, component)
    return found


def test_every_price_is_above_nothing_and_says_since_when_and_by_whom() -> None:
    seen = 0
    for one in prices.all_prices():
        seen += 1
        assert one.usd > 0, one
        assert one.basis in {"observed", "derived", "derived-assumed"}, one
        assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", one.date), one
        assert len(one.source) > 10, one
        assert one.unit, one
        # What is worked out says how.
        assert one.note or one.basis == "observed", one
    assert seen > 4000


def test_each_price_stands_once() -> None:
    keys = [(one.service, one.item, one.region, one.component, one.start) for one in prices.all_prices()]
    assert sorted(keys) == sorted(set(keys))


def test_no_record_without_a_public_link_is_shown() -> None:
    for one in prices.all_prices():
        assert "without a public link" not in one.source, one


def test_ec2_on_demand_is_observed() -> None:
    found = known("AmazonEC2", "g5.xlarge", "us-east-1", "OnDemand")
    assert (found.usd, found.basis, found.date, found.unit) == (1.006, "observed", "2026-07-20", "hour")
    there = known("AmazonEC2", "m5.xlarge", "eu-west-1", "OnDemand")
    assert (there.usd, there.basis, there.date) == (0.214, "observed", "2025-05-28")
    gov = known("AmazonEC2", "m5.xlarge", "us-gov-west-1", "OnDemand")
    assert (gov.usd, gov.basis, gov.date) == (0.242, "observed", "2026-08-24")


def test_p4d_and_p5_cost_what_they_cost_after_the_cut() -> None:
    assert known("AmazonEC2", "p4d.24xlarge", "us-east-1", "OnDemand").usd == 21.957642
    assert known("AmazonEC2", "p5.48xlarge", "us-east-1", "OnDemand").usd == 55.04
    # Before the cut eu-west-1 had 35.40; what is said now is worked out from today's price.
    there = known("AmazonEC2", "p4d.24xlarge", "eu-west-1", "OnDemand")
    assert there.basis == "derived-assumed"
    assert 22 < there.usd < 27
    assert prices.spot_range("p4d.24xlarge") is None
    assert known("AmazonSageMaker", "ml.p4d.24xlarge", "us-east-1", "Hosting").usd == pytest.approx(25.25, abs=0.01)


def test_a_type_unknown_in_a_region_costs_what_its_family_does_there() -> None:
    columns = _files.note(prices.EC2_FILE, "columns").split()
    fields = _files.row(prices.EC2_FILE, "m5.metal")
    assert fields is not None
    assert fields[columns.index("eu-west-1")] == ""
    found = known("AmazonEC2", "m5.metal", "eu-west-1", "OnDemand")
    assert found.basis == "derived"
    assert found.usd == pytest.approx(4.608 * 0.214 / 0.192, rel=0.002)
    assert "m5" in found.note


def test_where_nothing_is_known_there_is_no_price() -> None:
    assert price("AmazonEC2", "m5.xlarge", "cn-north-1", "OnDemand") is None
    assert price("AmazonEC2", "m5.xlarge", "me-south-1", "OnDemand") is None
    assert price("AmazonEC2", "m5.xlrage", "us-east-1", "OnDemand") is None
    assert price("AmazonEC2", "m5.xlarge", "us-east-1", "Hosting") is None
    # Nobody was found to publish what SageMaker takes for its newest machines.
    for name in ("ml.p5e.48xlarge", "ml.trn2.48xlarge", "ml.p6e-gb200.36xlarge"):
        assert price("AmazonSageMaker", name, "us-east-1", "Hosting") is None


def test_every_other_type_has_a_price_for_each_of_its_uses() -> None:
    missing = set()
    for name in catalog.instance_names():
        machine = catalog.instance(name)
        assert machine is not None
        for component, use in COMPONENTS.items():
            if use in machine.uses and price("AmazonSageMaker", name, "us-east-1", component) is None:
                missing.add(name)
    assert missing == {"ml.p5e.48xlarge", "ml.trn2.48xlarge", "ml.p6e-gb200.36xlarge"}


def test_sagemaker_prices_are_never_shown_as_aws_own() -> None:
    found = known("AmazonSageMaker", "ml.m5.xlarge", "us-east-1", "Training")
    assert (found.usd, found.basis, found.component) == (0.23, "derived", "Training")
    assert "not a price that AWS publishes" in found.note
    # The multiple is the older part of it.
    assert found.date == "2025-01-26"
    assert "2025-01-26" in found.source
    assumed = known("AmazonSageMaker", "ml.c7g.xlarge", "us-east-1", "Hosting")
    assert assumed.basis == "derived-assumed"
    observed = {
        (one.item, one.component, one.region)
        for one in prices.all_prices()
        if one.service == "AmazonSageMaker" and one.basis == "observed"
    }
    # AWS's own word is a real bill of eu-west-1, and what infracost's tests computed from the price list.
    machines = {(item, use, region) for item, use, region in observed if item.startswith("ml.")}
    assert {one for one in machines if one[2] == "us-east-1"} == {
        ("ml.m5.large", "Hosting", "us-east-1"),
        ("ml.m5.xlarge", "Hosting", "us-east-1"),
    }
    assert {region for _, _, region in machines} == {"eu-west-1", "us-east-1"}


def test_a_price_for_one_use_does_not_stand_for_another() -> None:
    bill = known("AmazonSageMaker", "ml.m5.xlarge", "eu-west-1", "Hosting")
    assert (bill.usd, bill.basis, bill.date) == (0.257, "observed", "2023-12")
    # The bill has g5.xlarge for training only: hosting is worked out, though it comes to the same.
    assert known("AmazonSageMaker", "ml.g5.xlarge", "eu-west-1", "Training").basis == "observed"
    assert known("AmazonSageMaker", "ml.g5.xlarge", "eu-west-1", "Hosting").basis == "derived"
    # The bill has ml.m5.large in Studio; no notebook instance takes that type.
    assert known("AmazonSageMaker", "ml.m5.large", "eu-west-1", "Studio-Notebook").usd == 0.128
    assert price("AmazonSageMaker", "ml.m5.large", "eu-west-1", "Notebook") is None
    # t3 is a notebook type and hosts nothing.
    assert known("AmazonSageMaker", "ml.t3.medium", "us-east-1", "Notebook").basis == "derived"
    assert price("AmazonSageMaker", "ml.t3.medium", "us-east-1", "Hosting") is None


def test_multiples_are_assumed_outside_the_commercial_partition() -> None:
    assert known("AmazonSageMaker", "ml.m5.xlarge", "us-gov-west-1", "Hosting").basis == "derived-assumed"


def test_ours_agree_with_what_others_read() -> None:
    """Within 0.5% of AWS's price list of 2026, for every type and use that others read there."""
    components = {"Hosting": "Hosting", "Studio-JupyterLab": "Training"}
    checked = 0
    for line in CROSS_CHECK.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, region, component, usd, _ = line.split("\t")
        ours = price("AmazonSageMaker", name, region, components[component])
        if ours is None:
            # Studio takes a few types that do not train.
            machine = catalog.instance(name)
            assert machine is not None
            assert "training" not in machine.uses, name
            continue
        assert ours.usd == pytest.approx(float(usd), rel=0.005), name
        checked += 1
    assert checked > 25


def test_lambda_tiers() -> None:
    found = prices.tiers("AWSLambda", "duration-x86_64", "us-east-1", "OnDemand")
    assert [(tier.start, tier.usd) for tier in found] == [
        (0, 0.0000166667),
        (6e9, 0.000015),
        (15e9, 0.0000133334),
    ]
    assert known("AWSLambda", "duration-x86_64", "us-east-1", "OnDemand") == found[0]
    assert known("AWSLambda", "concurrency-x86_64", "us-east-1", "Provisioned").basis == "derived"


def test_fargate() -> None:
    assert known("AmazonECS", "fargate-vcpu-x86_64", "us-east-1", "OnDemand").basis == "observed"
    arm = known("AmazonECS", "fargate-vcpu-arm64", "us-east-1", "OnDemand")
    assert (arm.usd, arm.basis) == (0.03238, "derived")


def test_spot_ranges() -> None:
    found = prices.spot_range("g5.xlarge")
    assert found is not None
    assert 0 < found.minimum <= found.average <= found.maximum <= 1.006
    assert found.date == "2025-05-28"
    assert prices.spot_range("m8i.large") is None
    for fields in _files.rows(prices.SPOT_FILE):
        on_demand = known("AmazonEC2", fields[0], "us-east-1", "OnDemand").usd
        minimum, average, maximum = map(float, fields[1:4])
        assert 0 < minimum <= maximum <= on_demand, fields
        assert 0 < average < on_demand, fields


def test_regional_factors() -> None:
    same = prices.regional_factor("m5.xlarge", "us-west-2")
    assert same is not None
    assert (same.value, same.basis) == (1.0, "derived")
    assumed = prices.regional_factor("trn2.48xlarge", "sa-east-1")
    assert assumed is not None
    assert assumed.basis == "derived-assumed"
    assert 1.4 < assumed.value < 1.8
    assert prices.regional_factor("m5.xlarge", "moon-1") is None


def test_serverless_inference_was_seen_at_one_size() -> None:
    seen = known("AmazonSageMaker", "serverless-2048", "us-east-1", "Serverless")
    assert (seen.usd, seen.unit, seen.basis) == (0.00004, "second", "observed")
    assert known("AmazonSageMaker", "serverless-6144", "us-east-1", "Serverless").basis == "derived"
    # As with Lambda, keeping a place warm costs a quarter of running in it.
    warm = known("AmazonSageMaker", "serverless-2048", "us-east-1", "ServerlessProvisioned")
    assert warm.usd == pytest.approx(seen.usd / 4)


def test_other_prices_are_carried_over_to_other_regions_as_an_assumption() -> None:
    there = known("AmazonEC2", "nat-gateway", "eu-central-1", "Hours")
    assert there.basis == "derived-assumed"
    assert 0.045 < there.usd < 0.055
    assert "$0.045 in us-east-1" in there.note
    assert [tier.start for tier in prices.tiers("AWSLambda", "duration-x86_64", "eu-west-1", "OnDemand")] == [
        0,
        6e9,
        15e9,
    ]
    # The bill of eu-west-1 knows better than the carried-over price.
    assert known("AmazonSageMaker", "volume", "eu-west-1", "Training").basis == "observed"
    # Volumes and data are no machines, although their components are those of machines.
    for item, component in (("volume", "Hosting"), ("volume", "Notebook"), ("data-processed", "Hosting")):
        assert known("AmazonSageMaker", item, "eu-central-1", component).basis == "derived-assumed"


def test_flat_fees_are_not_carried_over() -> None:
    assert price("AWSLambda", "requests", "eu-central-1", "OnDemand") is None
    assert price("AmazonCloudWatch", "alarm", "eu-central-1", "Standard") is None
    # A key costs the same everywhere, says AWS's page, which means its commercial regions.
    assert known("AWSKMS", "key", "eu-central-1", "Standard").usd == 1
    assert price("AWSKMS", "key", "cn-north-1", "Standard") is None


def test_savings_ceilings() -> None:
    found = prices.savings_ceiling("AmazonSageMaker")
    assert found is not None
    assert (found.fraction, found.plan) == (0.64, "SageMaker Savings Plan")
    assert prices.savings_ceiling("AmazonEKS") is None


def test_every_row_names_a_source_of_its_file() -> None:
    for fields in _files.rows(prices.PRICES_FILE):
        assert len(fields) == len(_files.note(prices.PRICES_FILE, "columns").split()), fields
        assert fields[9] in _files.sources_of(prices.PRICES_FILE), fields
    for fields in _files.rows(prices.RATIOS_FILE):
        assert fields[4] in _files.sources_of(prices.RATIOS_FILE), fields
        assert 1.0 < float(fields[1]) < 1.5, fields
        assert fields[2] in {"derived", "derived-assumed"}, fields


def test_the_notice_of_aws() -> None:
    assert "for informational purposes only" in prices.NOTICE
