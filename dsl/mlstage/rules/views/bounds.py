"""The bounds between which something scales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.rules.truth import Field, field
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.scaling import TARGET

AUTOSCALER: Final = "kubernetes.autoscaling.v2.HorizontalPodAutoscaler"
BOUNDED: Final = (TARGET, CONFIGURATION, AUTOSCALER)


def bounds(resource: Resource) -> Iterator[tuple[Field, Field]]:
    """Yield minimum and maximum of all that scales in a resource of one of the `BOUNDED` types."""
    if resource.type == TARGET:
        yield field(resource, "min_capacity"), field(resource, "max_capacity")
    elif resource.type == AUTOSCALER:
        spec = field(resource, "spec")
        yield spec["min_replicas"], spec["max_replicas"]
    else:
        for variant in Configuration(resource).variants():
            scaling = variant.managed_scaling
            yield scaling["min_instance_count"], scaling["max_instance_count"]
