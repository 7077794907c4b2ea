"""Clusters: one that an environment's tasks on Fargate share, and one for each workload that has machines of its own.

A cluster lists its capacity, and ECS takes nothing off that list that tasks still use. In a shared cluster, whoever
removes one workload's machines, or moves it to Fargate, would be refused: the list is changed before the service goes.
With a cluster of its own, a workload goes with its service, its capacity and its machines, in that order.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Ref, Resource, Value
from mlstage.targets.place import Place

ON_DEMAND: Final = "FARGATE"
SPOT: Final = "FARGATE_SPOT"
_NAME_LIMIT: Final = 255  # ECS, CreateCluster: clusterName


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where tasks run: the cluster of `workload`, or the one that the environment's tasks on Fargate share."""

    place: Place
    workload: str = ""

    @property
    def logical(self) -> str:
        """The cluster's logical name."""
        return self.place.name(self.workload, "cluster")

    @property
    def capacity(self) -> str:
        """Name, logically, the list of its capacity, without which no task starts."""
        return self.place.name(self.workload, "cluster-capacity")

    @property
    def name(self) -> str:
        """The cluster's name in AWS."""
        return self.place.physical(*([self.workload] if self.workload else []), limit=_NAME_LIMIT)

    @property
    def arn(self) -> Ref:
        """The cluster's ARN."""
        return Ref(self.logical, "arn")

    def service_name(self, kept: str) -> str:
        """Name a service in AWS: other on machines than on Fargate, so that the new one is up before the old goes."""
        return self.place.physical(kept, *(["machines"] if self.workload else []), limit=_NAME_LIMIT)

    def resources(self, providers: Sequence[Value]) -> tuple[Resource, Resource]:
        """Make the cluster, with capacity providers of which the first is the default."""
        made = Resource(
            self.logical,
            "aws.ecs.Cluster",
            {
                "name": self.name,
                # Counts of running tasks come from Container Insights: backlog per task needs them.
                "settings": ({"name": "containerInsights", "value": "enabled"},),
            },
            workload=self.workload,
        )
        capacity: dict[str, Value] = {
            "cluster_name": Ref(made.name, "name"),
            "capacity_providers": tuple(providers),
            "default_capacity_provider_strategies": ({"capacity_provider": providers[0], "weight": 1},),
        }
        return made, Resource(self.capacity, "aws.ecs.ClusterCapacityProviders", capacity, workload=self.workload)


def shared_cluster(place: Place) -> tuple[Resource, Resource]:
    """Make the cluster of an environment's tasks on Fargate."""
    return Cluster(place).resources([ON_DEMAND, SPOT])
