"""An endpoint's update is refused while a scalable target is registered on a variant that it removes or re-types.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (read 2026-11): the target must be
deregistered first and registered again afterwards. Changing a variant's model alone is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.behaviours.sagemaker_endpoints import (
    CONFIGURATION,
    ENDPOINT,
    TARGET,
    variant_of,
    variants,
)
from mlstage.offline.provider.world import World


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.operation != "update" or change.token != ENDPOINT:
        return
    before = variants(world, change.old.get("endpointConfigName")) or {}
    after = variants(world, change.new.get("endpointConfigName"))
    if after is None:
        return
    blocked = set()
    for target in world.things(TARGET):
        place = variant_of(target.facts.get("resourceId"))
        if place and target.region == change.region and place[0] == change.id:
            variant = place[1]
            if variant not in after or (variant in before and before[variant] != after[variant]):
                blocked.add(variant)
    if blocked:
        names = ", ".join(sorted(blocked))
        yield (
            f'ValidationException: The variant(s) "[{names}]" must be deregistered as scalable target with AWS Auto'
            " Scaling before they can be removed or have their instance type updated."
        )


BEHAVIOUR: Final = Behaviour(
    {ENDPOINT: ("endpointConfigName",), CONFIGURATION: ("productionVariants",), TARGET: ("resourceId",)}, _refuses
)
