"""A cluster keeps capacity that its services use, and a capacity provider stays while a cluster lists it.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCapacityProvider.html (read 2026-11). AWS looks at
tasks; here every service has some.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import World

_LIST: Final = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_PROVIDER: Final = "aws:ecs/capacityProvider:CapacityProvider"
_SERVICE: Final = "aws:ecs/service:Service"


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.token == _LIST and change.operation != "create":
        listed = change.new.get("capacityProviders") or [] if change.operation == "update" else []
        if _used_in(str(change.old.get("clusterName")), change.region, world) - set(listed):
            yield "ResourceInUseException: The specified capacity provider is in use and cannot be removed."
    if change.token == _PROVIDER and change.operation == "delete":
        lists = [one.facts for one in world.things(_LIST) if one.region == change.region]
        if any(change.old.get("name") in (facts.get("capacityProviders") or []) for facts in lists):
            yield "ClientException: The specified capacity provider is associated with a cluster and cannot be deleted."


def _used_in(cluster: str, region: str, world: World) -> set[str]:
    """Name the capacity that services of a cluster ask for; a service names its cluster by name or ARN."""
    used: set[str] = set()
    for service in world.things(_SERVICE):
        if service.region == region and str(service.facts.get("cluster")).rpartition("/")[2] == cluster:
            asked: list[dict[str, Any]] = service.facts.get("capacityProviderStrategies") or []
            used |= {str(one.get("capacityProvider")) for one in asked}
    return used


BEHAVIOUR: Final = Behaviour(
    {
        _LIST: ("clusterName", "capacityProviders"),
        _PROVIDER: ("name",),
        _SERVICE: ("cluster", "capacityProviderStrategies"),
    },
    _refuses,
)
