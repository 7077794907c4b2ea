"""SageMaker models: the images that a variant runs, what they are built for, and how large the model is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.models import architecture
from mlstage.graph import Graph, Group, Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field
from mlstage.rules.views.endpoints import Variant
from mlstage.rules.views.links import Link, follow

MODEL: Final = "aws.sagemaker.Model"

# Weights in half precision, as accelerators hold them.
_BYTES_PER_PARAMETER: Final = 2
# Where the containers of AWS and of Hugging Face are told which model of the hub to load.
_HUB: Final = ("HF_MODEL_ID", "SM_HF_MODEL_ID")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a model is, in MB, and what says so."""

    mb: float
    because: str


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one variant that are in this stack, or why there are none."""

    link: Link

    def images(self) -> Iterator[Field]:
        """Yield the images of all containers."""
        for model in self.link.resources:
            for container in _containers(model):
                yield container["image"]

    def runs(self, pattern: re.Pattern[str]) -> Truth:
        """Say whether one of the images has a name that a pattern is found in."""
        if not self.link.resources:
            return self.link.gap() if self.link.field.value is not None else NO
        return any_of(names(image, pattern) for image in self.images())

    def size(self, group: Group | None) -> Size | None:
        """Find the size: from what the author said, a tag, or the name of a model of the hub."""
        said = group.facts.get("model_mb") if group else None
        if isinstance(said, (int, float)):
            return Size(said, "as the spec says")
        for model in self.link.resources:
            tag = field(model, "tags")["mlstage:model-mb"]
            if tag.text and re.fullmatch(r"\d+(\.\d+)?", tag.text):
                return Size(float(tag.text), "as its tag says")
            for container in _containers(model):
                if found := _from_hub(container):
                    return found
        return None


def models(graph: Graph, variant: Variant) -> Models:
    """Find the models of a variant."""
    return Models(follow(graph, variant.at["model_name"], MODEL))


def names(image: Field, pattern: re.Pattern[str]) -> Truth:
    """Say whether the name of an image, without its registry, has something that a pattern finds."""
    return image.satisfies(lambda address: pattern.search(address.partition("/")[2] or address) is not None)


def words(*listed: str) -> re.Pattern[str]:
    """Make a pattern that finds one of these words between separators: `xgboost` in `fraud-xgboost:1.7-1`."""
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, listed))})(?![a-z])", re.IGNORECASE)


def _containers(model: Resource) -> Iterator[Field]:
    yield from field(model, "primary_container").items()
    yield from field(model, "containers").items()


def _from_hub(container: Field) -> Size | None:
    environment = container["environment"]
    for variable in _HUB:
        name = environment[variable].text
        known = architecture(name.rpartition("/")[2]) if name else None
        if known:
            mb = known.parameters * _BYTES_PER_PARAMETER
            return Size(mb, f"{known.parameters:g} million parameters of {name} in half precision")
    return None
