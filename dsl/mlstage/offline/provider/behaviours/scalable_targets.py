"""A scalable target needs an endpoint and variant that exist, a scaling policy needs a target.

Deregistering a target deletes its policies, and deleting an endpoint deregisters its targets
(https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.behaviours.sagemaker_endpoints import ENDPOINT, POLICY, TARGET, variant_of, variants
from mlstage.offline.provider.world import Thing, World

_PLACE: Final = ("serviceNamespace", "resourceId", "scalableDimension")


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.operation == "delete":
        return
    if change.token == TARGET:
        yield from _without_variant(change, world)
    if change.token == POLICY:
        place = tuple(change.new.get(name) for name in _PLACE)
        targets = [t for t in world.things(TARGET) if t.region == change.region]
        if place not in [tuple(target.facts.get(name) for name in _PLACE) for target in targets]:
            yield (
                f"ObjectNotFoundException: No scalable target registered for service namespace: {place[0]},"
                f" resource ID: {place[1]}, scalable dimension: {place[2]}"
            )


def _without_variant(change: Change, world: World) -> Iterator[str]:
    place = variant_of(change.new.get("resourceId"))
    if place is None:
        return
    name, variant = place
    endpoint = next((t for t in world.things(ENDPOINT) if (t.id, t.region) == (name, change.region)), None)
    if endpoint is None:
        yield f'ValidationException: Could not find endpoint "{name}", which scalable target {place} names.'
        return
    known = variants(world, endpoint.facts.get("endpointConfigName"))
    if known is not None and variant not in known and "" not in known:
        listed = ", ".join(sorted(known))
        yield f'ValidationException: Endpoint "{name}" has no variant "{variant}"; it has {listed}.'


def _takes_along(change: Change, world: World) -> Iterator[Thing]:
    if change.token == TARGET:
        place = [change.old.get(name) for name in _PLACE]
        targets = [[t.facts.get(name) for name in _PLACE] for t in world.things(TARGET) if t.region == change.region]
        if targets.count(place) > 1:
            return  # a second registration of the same target: AWS has one, and it stays with its policies
        for policy in world.things(POLICY):
            if policy.region == change.region and [policy.facts.get(name) for name in _PLACE] == place:
                yield policy
    if change.token == ENDPOINT:
        for thing in (*world.things(TARGET), *world.things(POLICY)):
            place_of = variant_of(thing.facts.get("resourceId"))
            if thing.region == change.region and place_of and place_of[0] == change.id:
                yield thing


BEHAVIOUR: Final = Behaviour(
    {TARGET: _PLACE, POLICY: _PLACE, ENDPOINT: ("endpointConfigName",)}, _refuses, _takes_along
)
