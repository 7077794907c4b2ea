"""A pod: its container with what it asks of a node, the identity that it works under, and its secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Purchase
from mlstage.spec.targets import Eks
from mlstage.spec.text import gigabytes_up, megabytes
from mlstage.targets import checkpoints, iam
from mlstage.targets.containers import MODEL_DIRECTORY, UNPACK, Container
from mlstage.targets.eks.cluster import SECRETS_ADD_ON
from mlstage.targets.eks.naming import Cluster, object_name
from mlstage.targets.eks.pools import ARCHITECTURES, POOL_LABEL, Pool, logical_name, pool_name, pool_of

_SECRETS: Final = "secrets"
_SHARED_MEMORY: Final = "shared-memory"
_MODEL: Final = "model"
_CHECKPOINTS: Final = "checkpoints"
# A new volume is root's. Its group is one that the processes of the pod are in, whichever user the image has.
_MAY_WRITE: Final[dict[str, Value]] = {"fs_group": 1000, "fs_group_change_policy": "OnRootMismatch"}
# Assumed, not AWS's: what of a machine a pod surely gets, beside the system, the agents and what the kubelet keeps.
_OF_MACHINE: Final = 0.75
# Half of a pod's memory at most is for what its processes share, as PyTorch's data loaders do.
_SHARED_OF_MEMORY: Final = 0.5
# No way to more rights than it starts with. Not without all capabilities: servers of SageMaker's kind start as root and
# give that up by themselves (nginx), for which they need some.
_CONTAINED: Final[dict[str, Value]] = {"allow_privilege_escalation": False, "capabilities": {"drop": ("NET_RAW",)}}
# EC2, on Spot: two minutes' notice, all of which a container may use to save what it has.
GRACE_S: Final = 120


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a pod is to AWS: a service account that a role is associated with."""

    account: Resource
    association: Resource
    role: iam.Role

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The role first, the association last."""
        return (*self.role.resources, self.account, self.association)


def identity(cluster: Cluster, workload: str, kept: str, on: Eks, statements: Iterable[iam.Statement]) -> Identity:
    """Make a workload's service account, with a role for what `statements` allow and nothing else."""
    place, name = cluster.place, object_name(kept)
    may = [*statements, *iam.use_key(place), *_read_secrets(on)]
    about = f"Pods of {place.environment}/{workload}"
    role = iam.role(place, workload, "pod-role", "pods.eks", may, about, session_tags=True)
    account = cluster.object(
        place.name(workload, "account"),
        "core.v1.ServiceAccount",
        name,
        {"automount_service_account_token": False},
        workload=workload,
    )
    association = Resource(
        place.name(workload, "identity"),
        "aws.eks.PodIdentityAssociation",
        {
            "cluster_name": cluster.ref("name"),
            "namespace": cluster.namespace,
            "service_account": name,
            "role_arn": role.arn,
        },
        (role.policy.name,),
        workload=workload,
    )
    return Identity(account, association, role)


def _read_secrets(on: Eks) -> Iterator[iam.Statement]:
    arns = known(on.secrets).values()
    yield from iam.read_secrets(arns)
    if described := sorted({arn for arn in arns if ":secretsmanager:" in arn}):
        yield iam.allow("DescribeSecrets", ["secretsmanager:DescribeSecret"], described)


def secret_class(cluster: Cluster, workload: str, kept: str, on: Eks) -> tuple[Resource, ...]:
    """Say which secrets the driver fetches when a pod starts, and under which names the container finds them."""
    secrets = sorted(known(on.secrets).items())
    if not secrets:
        return ()
    name = object_name(kept)
    fetched = [_fetched(variable, arn) for variable, arn in secrets]
    kept_as: dict[str, Value] = {
        "secretName": name,
        "type": "Opaque",
        "data": tuple({"objectName": variable, "key": variable} for variable, _ in secrets),
    }
    spec: dict[str, Value] = {
        "provider": "aws",
        # The driver reads YAML, of which JSON is a part.
        "parameters": {"objects": json.dumps(fetched), "usePodIdentity": "true", "region": cluster.place.region},
        "secretObjects": (kept_as,),
    }
    needs = [cluster.shared(SECRETS_ADD_ON)] if cluster.existing is None else []
    logical = cluster.place.name(workload, "secrets")
    type_ = "secretsstore.v1.SecretProviderClass"
    return (cluster.object(logical, type_, name, {"spec": spec}, workload=workload, needs=needs),)


def _fetched(variable: str, arn: str) -> dict[str, str]:
    if ":ssm:" in arn:
        # The provider takes an ARN for secrets, and a name for parameters.
        name = "/" + arn.partition(":parameter/")[2]
        return {"objectName": name, "objectType": "ssmparameter", "objectAlias": variable}
    return {"objectName": arn, "objectAlias": variable}


@dataclass(frozen=True, slots=True)
class Pod:
    """What a pod is made of; `template` writes it."""

    cluster: Cluster
    kept: str
    on: Eks
    purchase: Purchase
    container: Container
    shares_memory: bool = False
    keeps: bool = False
    """Whether a volume of its own holds its checkpoints."""

    @property
    def pool(self) -> Pool | None:
        """The class of nodes that it runs on; None for Auto Mode's own."""
        return pool_of(self.on, self.purchase, self.container.architecture)

    @property
    def needs(self) -> tuple[str, ...]:
        """Name what must be there before a pod starts: its nodes, so that they outlive it, too."""
        pool = self.pool
        return (logical_name(self.cluster, pool),) if pool else ()

    def spec(self, first: dict[str, Value], **more: Value) -> dict[str, Value]:
        """Write the pod's specification; `first` is what its container has beyond what every container has."""
        return {
            "service_account_name": object_name(self.kept),
            "automount_service_account_token": False,
            "enable_service_links": False,
            "termination_grace_period_seconds": GRACE_S,
            "security_context": {"seccomp_profile": {"type": "RuntimeDefault"}, **(_MAY_WRITE if self.keeps else {})},
            "node_selector": self._selector(),
            **({"tolerations": self._tolerations()} if self.pool and self.pool.accelerators else {}),
            **({"init_containers": (self._unpacking(),)} if self._unpacks else {}),
            "containers": ({**self._container(), **first},),
            **({"volumes": volumes} if (volumes := tuple(self._volumes())) else {}),
            **more,
        }

    def _selector(self) -> dict[str, Value]:
        pool = self.pool
        if pool is None:
            return {"kubernetes.io/arch": ARCHITECTURES[self.container.architecture]}
        return {POOL_LABEL: pool_name(self.cluster, pool)}

    def _tolerations(self) -> tuple[Value, ...]:
        pool = self.pool
        accelerators = pool.accelerators if pool else {}
        return tuple({"key": key, "operator": "Exists", "effect": "NoSchedule"} for key in accelerators)

    def _container(self) -> dict[str, Value]:
        made: dict[str, Value] = {
            "name": object_name(self.kept),
            "image": self.container.image,
            "env": tuple(self.environment()),
            "resources": self._resources(),
            "security_context": _CONTAINED,
        }
        if self.container.entry_point:
            made["command"] = tuple(self.container.entry_point)
        if self.container.command:
            made["args"] = tuple(self.container.command)
        if mounts := tuple(self._mounts()):
            made["volume_mounts"] = mounts
        return made

    def environment(self) -> Iterator[Value]:
        """Yield the container's variables: what it is told, and its secrets by reference."""
        for name, value in sorted(self.container.variables.items()):
            yield {"name": name, "value": value}
        for name in sorted(known(self.on.secrets)):
            key: dict[str, Value] = {"name": object_name(self.kept), "key": name}
            yield {"name": name, "value_from": {"secret_key_ref": key}}

    def _resources(self) -> dict[str, Value]:
        """Ask for CPU and memory, and be stopped at the memory; CPU beyond what was asked for is lent, not cut off."""
        memory = f"{self.memory_mb}Mi"
        requests: dict[str, Value] = {"cpu": f"{int(self.vcpus * 1000)}m", "memory": memory}
        if storage := known(self.on.storage):
            # The disk is the node's, and is not all the pod's.
            requests["ephemeral-storage"] = f"{max(1, int(gigabytes_up(storage) * _OF_MACHINE))}Gi"
        return {"requests": requests, "limits": {"memory": memory, **(self.pool.accelerators if self.pool else {})}}

    @property
    def vcpus(self) -> float:
        """The vCPUs that are asked for, or what a pod surely gets of its machine."""
        asked, facts = known(self.on.cpu), self.pool.facts if self.pool else None
        if asked is not None:
            return asked
        return facts.vcpu * _OF_MACHINE if facts else 1

    @property
    def memory_mb(self) -> int:
        """The memory that is asked for, or what a pod surely gets of its machine."""
        asked, facts = known(self.on.memory), self.pool.facts if self.pool else None
        if asked is not None:
            return int(megabytes(asked))
        return int(facts.memory_mib * _OF_MACHINE) if facts else 1024

    @property
    def _unpacks(self) -> bool:
        return bool(self.container.artifact and known(self.on.unpack))

    def _unpacking(self) -> dict[str, Value]:
        return {
            "name": "unpack",
            "image": known(self.on.unpack),
            "command": ("sh", "-c", UNPACK),
            "env": ({"name": "MLSTAGE_MODEL_ARTIFACT", "value": self.container.artifact},),
            "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
            "security_context": _CONTAINED,
            "volume_mounts": ({"name": _MODEL, "mount_path": MODEL_DIRECTORY},),
        }

    def _mounts(self) -> Iterator[Value]:
        if self._unpacks:
            yield {"name": _MODEL, "mount_path": MODEL_DIRECTORY, "read_only": True}
        if self.shares_memory:
            yield {"name": _SHARED_MEMORY, "mount_path": "/dev/shm"}
        if self.keeps:
            yield {"name": _CHECKPOINTS, "mount_path": checkpoints.DIRECTORY}
        if known(self.on.secrets):
            yield {"name": _SECRETS, "mount_path": "/mnt/secrets", "read_only": True}

    def _volumes(self) -> Iterator[Value]:
        if self._unpacks:
            yield {"name": _MODEL, "empty_dir": {}}
        if self.shares_memory:
            # Kubernetes gives a container 64 MiB of it, which data loaders with workers fill at once.
            limit = f"{int(self.memory_mb * _SHARED_OF_MEMORY)}Mi"
            yield {"name": _SHARED_MEMORY, "empty_dir": {"medium": "Memory", "size_limit": limit}}
        if self.keeps:
            yield {"name": _CHECKPOINTS, "persistent_volume_claim": {"claim_name": object_name(self.kept)}}
        if known(self.on.secrets):
            attributes: dict[str, Value] = {"secretProviderClass": object_name(self.kept)}
            csi: dict[str, Value] = {"driver": "secrets-store.csi.k8s.io", "read_only": True}
            yield {"name": _SECRETS, "csi": {**csi, "volume_attributes": attributes}}
