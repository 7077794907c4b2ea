"""Objects of a cluster."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.graph import Resource, Value
from mlstage.rules.examples.sagemaker import REGISTRY


def deployment(
    *,
    replicas: int = 2,
    probed: bool = True,
    limits: Mapping[str, Value] | None = None,
    own: Mapping[str, Value] | None = None,
    exposed: Mapping[str, Value] | None = None,
    **pod: Value,
) -> tuple[Resource, Resource]:
    """Make a Deployment of one container, and a Service that brings callers to its pods.

    `own` is more of the container, `exposed` more of the Service.
    """
    labels: dict[str, Value] = {"app": "scorer"}
    container: dict[str, Value] = {
        "name": "scorer",
        "image": f"{REGISTRY}/fraud-scorer:1.7-1",
        "ports": ({"container_port": 8080},),
    }
    if probed:
        container["readiness_probe"] = {"http_get": {"path": "/ping", "port": 8080}}
    if limits:
        container["resources"] = {"limits": limits}
    container |= own or {}
    template: dict[str, Value] = {"metadata": {"labels": labels}, "spec": {"containers": (container,), **pod}}
    spec: dict[str, Value] = {"replicas": replicas, "selector": {"match_labels": labels}, "template": template}
    metadata: dict[str, Value] = {"name": "scorer", "namespace": "fraud"}
    service: dict[str, Value] = {"selector": labels, "ports": ({"port": 80, "target_port": 8080},), **(exposed or {})}
    return (
        Resource("web", "kubernetes.apps.v1.Deployment", {"metadata": metadata, "spec": spec}),
        Resource("web-service", "kubernetes.core.v1.Service", {"metadata": metadata, "spec": service}),
    )


def autoscaler(minimum: int = 2, maximum: int = 8) -> Resource:
    """Make an autoscaler of the Deployment."""
    usage: dict[str, Value] = {"name": "cpu", "target": {"type": "Utilization", "average_utilization": 60}}
    spec: dict[str, Value] = {
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "scorer"},
        "min_replicas": minimum,
        "max_replicas": maximum,
        "metrics": ({"type": "Resource", "resource": usage},),
    }
    return Resource(
        "web-scaler",
        "kubernetes.autoscaling.v2.HorizontalPodAutoscaler",
        {"metadata": {"name": "scorer", "namespace": "fraud"}, "spec": spec},
    )


def disruption_budget() -> Resource:
    """Make a budget that lets the Deployment's pods go one at a time."""
    return Resource(
        "web-budget",
        "kubernetes.policy.v1.PodDisruptionBudget",
        {
            "metadata": {"name": "scorer", "namespace": "fraud"},
            "spec": {"max_unavailable": 1, "selector": {"match_labels": {"app": "scorer"}}},
        },
    )


def claimed_volume(*, encrypted: str | None = "true", reclaim: str = "Retain") -> tuple[Resource, Resource]:
    """Make a class of EBS volumes, and a pod's claim for one of them."""
    kind: dict[str, Value] = {
        "metadata": {"name": "checkpoints"},
        "provisioner": "ebs.csi.eks.amazonaws.com",
        "parameters": {"type": "gp3", **({"encrypted": encrypted} if encrypted else {})},
        "reclaim_policy": reclaim,
        "volume_binding_mode": "WaitForFirstConsumer",
    }
    spec: dict[str, Value] = {
        "access_modes": ("ReadWriteOnce",),
        "storage_class_name": "checkpoints",
        "resources": {"requests": {"storage": "100Gi"}},
    }
    metadata: dict[str, Value] = {"name": "nightly", "namespace": "fraud"}
    return (
        Resource("checkpoints", "kubernetes.storage.v1.StorageClass", kind),
        Resource("nightly", "kubernetes.core.v1.PersistentVolumeClaim", {"metadata": metadata, "spec": spec}),
    )


def node_pool(*capacity: str, types: tuple[str, ...] = (), labels: Mapping[str, Value] | None = None) -> Resource:
    """Make a Karpenter pool of nodes that are bought so."""
    requirements: list[Value] = [
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": capacity or ("on-demand",)}
    ]
    if types:
        requirements.append({"key": "node.kubernetes.io/instance-type", "operator": "In", "values": types})
    node: dict[str, Value] = {
        "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "default"},
        "requirements": tuple(requirements),
    }
    template: dict[str, Value] = {"metadata": {"labels": labels or {"pool": "scoring"}}, "spec": node}
    return Resource(
        "pool", "kubernetes.karpenter.v1.NodePool", {"metadata": {"name": "scoring"}, "spec": {"template": template}}
    )
