"""How callers reach a service: by one name in the cluster or by a load balancer, and past the network policy."""

from __future__ import annotations

from typing import Final

from mlstage.graph import Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.stages import Network
from mlstage.spec.targets import Eks
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets.eks.naming import Cluster, object_name, selector
from mlstage.targets.network import public_subnets, subnets
from mlstage.targets.place import Place

PORT: Final = "http"
_SERVICE_PORT: Final = 80
_TLS_PORT: Final = 443
_BALANCER: Final = "service.beta.kubernetes.io/aws-load-balancer"


def service(spec: RealtimeEndpoint, cluster: Cluster, on: Eks) -> Resource:
    """Give callers one name for all pods: inside the cluster, or with a load balancer before them."""
    kept = spec.formerly or spec.name
    certificate = known(on.certificate)
    port = _TLS_PORT if certificate else _SERVICE_PORT
    inside = known(on.exposed) == "cluster"
    service: dict[str, Value] = {
        "type": "ClusterIP" if inside else "LoadBalancer",
        "selector": selector(kept),
        "ports": ({"name": PORT, "port": port, "target_port": PORT},),
    }
    if not inside:
        service["load_balancer_class"] = "eks.amazonaws.com/nlb"
        if callers := known(on.callers):
            service["load_balancer_source_ranges"] = tuple(callers)
    return cluster.object(
        cluster.place.name(spec.name, "service" if inside else "balancer"),
        "core.v1.Service",
        object_name(kept),
        {"spec": service},
        workload=spec.name,
        needs=[cluster.place.name(spec.name, "deployment")],
        annotations=None if inside else _balancer(cluster.place, on),
    )


def _balancer(place: Place, on: Eks) -> dict[str, Value]:
    """Say which network load balancer Auto Mode is to make.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
    """
    public = known(on.exposed) == "internet"
    said: dict[str, Value] = {
        f"{_BALANCER}-scheme": "internet-facing" if public else "internal",
        f"{_BALANCER}-nlb-target-type": "ip",
        f"{_BALANCER}-healthcheck-protocol": "http",
        f"{_BALANCER}-healthcheck-path": known(on.health),
    }
    if isinstance(place.network, Network):
        # Auto Mode finds subnets by tags, which an existing network need not have.
        ids = public_subnets(place) if public else subnets(place)
        said[f"{_BALANCER}-subnets"] = ",".join(map(str, ids))
    if certificate := known(on.certificate):
        said[f"{_BALANCER}-ssl-cert"] = certificate
        said[f"{_BALANCER}-ssl-ports"] = PORT
    return dict(sorted(said.items()))


def lets_in(spec: RealtimeEndpoint, cluster: Cluster, on: Eks) -> Resource:
    """Let callers in to the one port: pods of this cluster, and what the load balancer lets through.

    That one calls pods from addresses of its own; who may call it is a matter of its security group.
    """
    kept = spec.formerly or spec.name
    outside = () if known(on.exposed) == "cluster" else ("0.0.0.0/0",)
    callers: tuple[Value, ...] = (
        {"namespace_selector": {}},
        *({"ip_block": {"cidr": cidr}} for cidr in outside),
    )
    rule: dict[str, Value] = {"from_": callers, "ports": ({"port": PORT, "protocol": "TCP"},)}
    return cluster.object(
        cluster.place.name(spec.name, "callers"),
        "networking.v1.NetworkPolicy",
        object_name(kept),
        {"spec": {"pod_selector": {"match_labels": selector(kept)}, "policy_types": ("Ingress",), "ingress": (rule,)}},
        workload=spec.name,
    )
