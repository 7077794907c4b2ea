"""What an environment's tasks share: one cluster, and the capacity that it may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mlstage.graph import Ref, Resource, Value
from mlstage.targets.place import Place

CLUSTER: Final = "cluster"
CAPACITY: Final = "cluster-capacity"
ON_DEMAND: Final = "FARGATE"
SPOT: Final = "FARGATE_SPOT"
_NAME_LIMIT: Final = 255  # ECS, CreateCluster: clusterName


def cluster_name(place: Place) -> str:
    """Give the cluster's name in AWS."""
    return place.physical(limit=_NAME_LIMIT)


def cluster(place: Place, providers: Sequence[str]) -> tuple[Resource, Resource]:
    """Make the cluster with Fargate and, by their logical names, the capacity providers of machines."""
    made = Resource(
        place.shared(CLUSTER),
        "aws.ecs.Cluster",
        {
            "name": cluster_name(place),
            # Counts of running tasks come from Container Insights: backlog per task needs them.
            "settings": ({"name": "containerInsights", "value": "enabled"},),
        },
    )
    names: list[Value] = [ON_DEMAND, SPOT, *(Ref(provider, "name") for provider in providers)]
    capacity: dict[str, Value] = {
        "cluster_name": Ref(made.name, "name"),
        "capacity_providers": tuple(names),
        "default_capacity_provider_strategies": ({"capacity_provider": ON_DEMAND, "weight": 1},),
    }
    return made, Resource(place.shared(CAPACITY), "aws.ecs.ClusterCapacityProviders", capacity)
