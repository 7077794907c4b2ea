"""AWS's regions and the partition each lies in; an ARN and a host name depend on the partition."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from mlstage.catalog import _files
from mlstage.catalog.similar import closest

REGIONS_FILE: Final = "regions.json"


@dataclass(frozen=True, slots=True)
class Region:
    """One AWS region."""

    name: str
    partition: str
    """`aws`, `aws-cn`, `aws-us-gov`, …: the second part of every ARN in the region."""
    dns_suffix: str
    description: str


def region(name: str) -> Region | None:
    """Return a region that is known by name."""
    return _regions().get(name)


def regions(partition: str | None = None) -> tuple[str, ...]:
    """Return the names of all regions, sorted; with `partition`, of those in it."""
    return tuple(sorted(name for name, found in _regions().items() if partition in (None, found.partition)))


def partition(name: str) -> str | None:
    """Return the partition of a region; one newer than the list is placed by AWS's own pattern of names."""
    if found := region(name):
        return found.partition
    return next((one["id"] for one in _data()["partitions"] if re.fullmatch(one["pattern"], name, re.ASCII)), None)


def nearest_region(name: str, *, count: int = 3) -> tuple[str, ...]:
    """Return the region names most like a misspelt one, best first."""
    return closest(name.strip().lower(), regions(), count=count)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_files.text(REGIONS_FILE))
    return data


@cache
def _regions() -> dict[str, Region]:
    return {
        name: Region(name, one["id"], one["dns_suffix"], description)
        for one in _data()["partitions"]
        for name, description in one["regions"].items()
    }
