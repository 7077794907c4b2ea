"""Nodes: which pool a workload's pods run on, and the pools that the environment makes for them.

Auto Mode's own `general-purpose` pool has x86_64 machines on demand. Everything else gets a pool of its class: the same
machines, bought the same way, with disks of the same size. Machines with accelerators are tainted, so that only pods
that ask for accelerators get there.
https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.graph import Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Purchase, Spot
from mlstage.spec.stages import Network
from mlstage.spec.targets import Eks
from mlstage.spec.text import gigabytes_up
from mlstage.targets.eks.cluster import node_role_name
from mlstage.targets.eks.naming import Cluster
from mlstage.targets.machines import chip_of

POOL_LABEL: Final = "mlstage/pool"
GPU: Final = "nvidia.com/gpu"
NEURON: Final = "aws.amazon.com/neuron"
ARCHITECTURES: Final = {"x86_64": "amd64", "arm64": "arm64"}
_NAME_LIMIT: Final = 63
# Auto Mode replaces a node after 21 days at the latest, and by default after 14: a job must end before.
# https://docs.aws.amazon.com/eks/latest/userguide/automode-learn-instances.html
OLDEST_NODE_S: Final = 14 * 24 * 3600
# Ours: what a pool grows to beyond what its workloads need, while pods are exchanged.
_SURGE: Final = 2


@dataclass(frozen=True, slots=True)
class Pool:
    """A class of nodes; pods of the same class share them."""

    types: tuple[str, ...]
    architecture: str
    spot: bool
    disk_gb: int | None

    @property
    def facts(self) -> Instance | None:
        """The machine asked for; None where any will do."""
        return instance(self.types[0]) if self.types else None

    @property
    def part(self) -> str:
        """What the pool is called within its environment: its accelerator, its machine, and how it is bought."""
        facts = self.facts
        kind = "cpu"
        if facts is not None and facts.accelerator is not None:
            kind = "neuron" if chip_of(facts) else "gpu"
        words = [kind, *(name.replace(".", "-") for name in self.types)]
        words += [ARCHITECTURES[self.architecture]] if not self.types else []
        words += ["spot"] if self.spot else []
        return "-".join([*words, *([f"{self.disk_gb}gb"] if self.disk_gb else [])])

    @property
    def accelerators(self) -> dict[str, Value]:
        """What a pod asks for to get all accelerators of one machine."""
        facts = self.facts
        if facts is None or facts.accelerator is None:
            return {}
        return {NEURON if chip_of(facts) else GPU: str(facts.accelerator.count)}


@dataclass(frozen=True, slots=True)
class Use:
    """A workload's use of a pool: `most` pods at once."""

    pool: Pool
    most: int
    vcpus: float


def pool_of(on: Eks, purchase: Purchase, architecture: str) -> Pool | None:
    """Give the class of nodes that a workload needs; None for the pool that Auto Mode brings."""
    name, storage = known(on.instance), known(on.storage)
    types = (name, *known(on.fallbacks)) if name else ()
    disk = gigabytes_up(storage) if storage else None
    pool = Pool(types, architecture, isinstance(purchase, Spot), disk)
    plain = not types and architecture == "x86_64" and not pool.spot and disk is None
    return None if plain else pool


def pool_name(cluster: Cluster, pool: Pool) -> str:
    """Name a pool in its cluster."""
    return cluster.place.physical(pool.part, limit=_NAME_LIMIT)


def logical_name(cluster: Cluster, pool: Pool) -> str:
    """Name a pool's object, logically."""
    return cluster.shared("pool", pool.part)


def pools(cluster: Cluster, uses: Iterable[Use]) -> Iterator[Resource]:
    """Make the pools that workloads use, each once."""
    by_pool: dict[Pool, list[Use]] = {}
    for use in uses:
        by_pool.setdefault(use.pool, []).append(use)
    for pool, theirs in by_pool.items():
        if pool.disk_gb is not None:
            yield _node_class(cluster, pool, pool.disk_gb)
        yield _node_pool(cluster, pool, theirs)


def _node_pool(cluster: Cluster, pool: Pool, uses: Iterable[Use]) -> Resource:
    accelerated = bool(pool.accelerators)
    node: dict[str, Value] = {
        "nodeClassRef": {
            "group": "eks.amazonaws.com",
            "kind": "NodeClass",
            "name": pool_name(cluster, pool) if pool.disk_gb else "default",
        },
        "requirements": tuple(_requirements(pool)),
        "expireAfter": f"{OLDEST_NODE_S // 3600}h",
        # Then pods go, ready or not; until then, a pod that may not be disturbed keeps its node.
        "terminationGracePeriod": "48h",
    }
    if accelerated:
        node["taints"] = tuple({"key": key, "value": "true", "effect": "NoSchedule"} for key in pool.accelerators)
    spec: dict[str, Value] = {
        "template": {"metadata": {"labels": {POOL_LABEL: pool_name(cluster, pool)}}, "spec": node},
        "limits": _limits(pool, uses),
        # A model on an accelerator takes minutes to load: its node is not exchanged for a slightly better one.
        "disruption": {
            "consolidationPolicy": "WhenEmpty" if accelerated else "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m" if accelerated else "1m",
            "budgets": ({"nodes": "1"},),
        },
    }
    return cluster.object(
        logical_name(cluster, pool),
        "karpenter.v1.NodePool",
        pool_name(cluster, pool),
        {"spec": spec},
        namespaced=False,
        needs=[_class_name(cluster, pool)] if pool.disk_gb else [],
    )


def _requirements(pool: Pool) -> Iterator[Value]:
    # Spot with on demand behind it: Karpenter takes Spot while there is any, and the job runs in any case.
    capacity = ("spot", "on-demand") if pool.spot else ("on-demand",)
    yield {"key": "karpenter.sh/capacity-type", "operator": "In", "values": capacity}
    yield {"key": "kubernetes.io/arch", "operator": "In", "values": (ARCHITECTURES[pool.architecture],)}
    if pool.types:
        yield {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": pool.types}
    else:
        yield {"key": "eks.amazonaws.com/instance-category", "operator": "In", "values": ("c", "m", "r")}
        yield {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": ("4",)}


def _limits(pool: Pool, uses: Iterable[Use]) -> dict[str, Value]:
    """Say where a pool ends, so that a mistake in a number of pods does not buy machines without end."""
    listed = list(uses)
    facts = pool.facts
    if facts is None:
        # A machine may be half empty, and bigger than the pod.
        needed = sum(use.most * max(use.vcpus, 1) for use in listed)
        return {"cpu": str(int(-(-needed * 2 * _SURGE // 1)))}
    largest = max((found.vcpu for name in pool.types if (found := instance(name))), default=facts.vcpu)
    return {"cpu": str(largest * _SURGE * sum(use.most for use in listed))}


def _class_name(cluster: Cluster, pool: Pool) -> str:
    return cluster.shared("nodes", pool.part)


def _node_class(cluster: Cluster, pool: Pool, disk_gb: int) -> Resource:
    """Make a class of nodes with disks of another size than Auto Mode's 80 GiB; all else is as in its own class."""
    place = cluster.place
    spec: dict[str, Value] = {
        "role": node_role_name(place),
        "subnetSelectorTerms": _subnet_terms(cluster),
        "securityGroupSelectorTerms": ({"tags": {"aws:eks:cluster-name": cluster.name}},),
        "ephemeralStorage": {"size": f"{disk_gb}Gi"},
    }
    return cluster.object(
        _class_name(cluster, pool), "eks.v1.NodeClass", pool_name(cluster, pool), {"spec": spec}, namespaced=False
    )


def _subnet_terms(cluster: Cluster) -> tuple[Value, ...]:
    place = cluster.place
    if isinstance(place.network, Network):
        return tuple({"id": subnet} for subnet in place.network.subnets)
    tags = {"mlstage:environment": place.environment, "mlstage:stack": place.stack}
    return ({"tags": {**tags, "kubernetes.io/role/internal-elb": "1"}},)
