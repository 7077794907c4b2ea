"""Which cluster a workload goes to, and what its objects are called there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Options, Ref, Resource, Value
from mlstage.passes.names import physical_name
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Eks
from mlstage.targets.place import Place

_CLUSTER_LIMIT: Final = 100  # EKS, CreateCluster: name
_LABEL_LIMIT: Final = 63  # Kubernetes: labels, and names of namespaces and services
# Kubernetes: what a CronJob makes has eleven letters more than itself.
OBJECT_LIMIT: Final = 52
LOOK_UP: Final = "eks.get_cluster"
METRICS_ADD_ON: Final = "metrics-add-on"
LOGS_ADD_ON: Final = "logs-add-on"


def on_eks(on: object) -> Eks:
    """Give a workload's target as what it must be once this target was chosen."""
    assert isinstance(on, Eks), on
    return on


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: the environment's own, or an existing one by its name."""

    place: Place
    existing: str | None = None

    @property
    def name(self) -> str:
        """Its name in AWS."""
        return self.existing or self.place.physical(limit=_CLUSTER_LIMIT)

    @property
    def logical(self) -> str:
        """The logical name of the resource, or of the look-up, that it is known by."""
        return self.shared("eks-cluster")

    @property
    def provider(self) -> str:
        """The logical name of what reaches its API."""
        return self.shared("kubernetes")

    @property
    def namespace(self) -> str:
        """The namespace of the environment in this stack."""
        return self.place.physical(limit=_LABEL_LIMIT)

    @property
    def namespace_object(self) -> str:
        """The logical name of the namespace."""
        return self.shared("namespace")

    def shared(self, *parts: str) -> str:
        """Name, logically, something that workloads share in this cluster."""
        return self.place.shared("-".join([*([self.existing.lower()] if self.existing else []), *parts]))

    def ref(self, attribute: str) -> Ref:
        """Refer to what the cluster, made or looked up, is known by."""
        return Ref(self.logical, attribute)

    def object(
        self,
        logical: str,
        type_: str,
        name: str,
        props: dict[str, Value],
        *,
        workload: str = "",
        needs: Sequence[str] = (),
        annotations: dict[str, Value] | None = None,
        namespaced: bool = True,
        comment: str = "",
    ) -> Resource:
        """Make an object of the cluster, in the environment's namespace unless it belongs to the whole cluster."""
        metadata: dict[str, Value] = {"name": name, "labels": labels(self.place, workload)}
        if namespaced:
            metadata["namespace"] = self.namespace
        if annotations:
            metadata["annotations"] = annotations
        return Resource(
            logical,
            f"kubernetes.{type_}",
            {"metadata": metadata, **props},
            (*([self.namespace_object] if namespaced else []), *needs),
            Options(provider=self.provider, comment=comment),
            workload=workload,
        )


def cluster_of(place: Place, on: Eks) -> Cluster:
    """Give the cluster that a workload goes to."""
    return Cluster(place, known(on.cluster))


def object_name(kept: str) -> str:
    """Name a workload's objects in its namespace."""
    return physical_name(kept, limit=OBJECT_LIMIT)


def labels(place: Place, workload: str) -> dict[str, Value]:
    """Give the labels that Kubernetes recommends, by which people and tools find what belongs together."""
    found: dict[str, Value] = {
        "app.kubernetes.io/managed-by": "mlstage",
        "app.kubernetes.io/part-of": place.environment,
    }
    return {**selector(workload), **found} if workload else found


def selector(workload: str) -> dict[str, Value]:
    """Give the label that a workload's pods are found by; a workload's name never changes once pods carry it."""
    return {"app.kubernetes.io/name": workload}
