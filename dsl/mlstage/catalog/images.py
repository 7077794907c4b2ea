"""AWS's own container images for SageMaker: which framework versions there are, and their addresses by region."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from mlstage.catalog import _files
from mlstage.catalog.regions import region as region_named

IMAGES_FILE: Final = "images.tsv"
REGISTRIES_FILE: Final = "image_registries.tsv"

Scope: TypeAlias = Literal["inference", "training", "monitoring"]
Processor: TypeAlias = Literal["cpu", "gpu", "graviton", "neuron", "neuronx"]


@dataclass(frozen=True, slots=True)
class OwnImage:
    """One image of AWS's own; `version` is the full one."""

    framework: str
    scope: Scope
    processor: Processor
    version: str
    repository: str
    tag: str
    registries: str

    def address(self, region: str) -> str | None:
        """Give the image's address in a region; None where AWS does not hold it there."""
        account = _accounts(self.registries).get(region)
        known = region_named(region)
        if account is None or known is None:
            return None
        return f"{account}.dkr.ecr.{region}.{known.dns_suffix}/{self.repository}:{self.tag}"


def own_image(framework: str, scope: Scope, processor: Processor, version: str) -> OwnImage | None:
    """Find an image; a version that leaves out its last parts stands for the newest that begins like it."""
    fitting = [one for one in own_images(framework) if (one.scope, one.processor) == (scope, processor)]
    fitting = [one for one in fitting if one.version == version or re.match(rf"{re.escape(version)}[.-]", one.version)]
    return max(fitting, key=lambda one: (one.version == version, _number(one.version)), default=None)


@cache
def own_images(framework: str) -> tuple[OwnImage, ...]:
    """Return all images of a framework, oldest version first."""
    found = [_read(fields) for fields in _files.rows(IMAGES_FILE) if fields[0].startswith(f"{framework}/")]
    return tuple(sorted(found, key=lambda one: (_number(one.version), one.scope, one.processor)))


@cache
def registry_accounts() -> frozenset[str]:
    """Return the accounts in which AWS keeps its own images, in any region."""
    rows = _files.rows(REGISTRIES_FILE)
    return frozenset(pair.partition("=")[2] for fields in rows for pair in fields[1].split(" "))


def _read(fields: list[str]) -> OwnImage:
    key, repository, tag, registries = fields
    framework, scope, processor, version = key.split("/")
    return OwnImage(framework, scope, processor, version, repository, tag, registries)  # type: ignore[arg-type]


@cache
def _accounts(registries: str) -> dict[str, str]:
    fields = _files.row(REGISTRIES_FILE, registries)
    return dict(pair.split("=", 1) for pair in fields[1].split(" ")) if fields else {}


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
