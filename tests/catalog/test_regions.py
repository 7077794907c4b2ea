"""AWS's regions and their partitions."""

import pytest

from mlstage import catalog


@pytest.mark.parametrize(
    ("name", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        # Not in the list: placed by AWS's pattern of names.
        ("eu-west-9", "aws"),
        ("us-gov-south-1", "aws-us-gov"),
        ("moon-base-1", None),
        ("us-east-1a", None),
        ("eu-west-9\n", None),
        ("", None),
    ],
)
def test_partition(name: str, partition: str | None) -> None:
    assert catalog.partition(name) == partition


def test_region() -> None:
    found = catalog.region("cn-north-1")
    assert found is not None
    assert (found.partition, found.dns_suffix) == ("aws-cn", "amazonaws.com.cn")
    assert catalog.region("eu-west-9") is None


def test_pseudo_regions_are_none() -> None:
    assert [name for name in catalog.regions() if "global" in name] == []
    assert catalog.regions("aws-cn") == ("cn-north-1", "cn-northwest-1")
    assert {"us-east-1", "eu-central-1", "ap-southeast-2"} <= set(catalog.regions("aws"))


@pytest.mark.parametrize(
    ("name", "first"),
    [("us-east1", "us-east-1"), ("eu-centra-1", "eu-central-1"), ("US-West-2", "us-west-2"), ("useast-1", "us-east-1")],
)
def test_nearest_region(name: str, first: str) -> None:
    assert catalog.nearest_region(name)[0] == first
