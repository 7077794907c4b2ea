"""What the behaviours of SageMaker's endpoints share: names in ids, and the variants of a configuration."""

from __future__ import annotations

import re
from typing import Any, Final

from mlstage.offline.provider.world import World

ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TARGET: Final = "aws:appautoscaling/target:Target"
POLICY: Final = "aws:appautoscaling/policy:Policy"


def variant_of(resource_id: object) -> tuple[str, str] | None:
    """Read endpoint and variant out of a scalable target's resource id; `None` if it is none of SageMaker's."""
    found = re.fullmatch(r"endpoint/([^/]+)/variant/([^/]+)", str(resource_id))
    return (found.group(1), found.group(2)) if found else None


def machines(world: World, configuration: object) -> list[str]:
    """List the instance types of a configuration's variants; a serverless one has none."""
    return [str(machine) for machine in (variants(world, configuration) or {}).values() if machine]


def is_serverless(world: World, configuration: object) -> bool | None:
    """Tell whether a configuration is for a serverless endpoint; `None` if it is not known here."""
    found = variants(world, configuration)
    return None if found is None else not machines(world, configuration)


def variants(world: World, configuration: object) -> dict[str, Any] | None:
    """Map the variants of an endpoint configuration to their instance types; `None` if it is not known here."""
    thing = next((thing for thing in world.things(CONFIGURATION) if thing.id == configuration), None)
    if thing is None:
        return None
    listed = thing.facts.get("productionVariants", [])
    # A variant without a name gets one from the provider, which nobody can register a target on beforehand.
    return {str(item.get("variantName", "")): item.get("instanceType") for item in listed}
