"""The load balancer before a service: in the VPC unless it is exposed, under TLS once there is a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from mlstage.graph import Ref, Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.stages import Network, OwnNetwork
from mlstage.spec.targets import Ecs
from mlstage.targets.network import EGRESS, INGRESS, public_subnets, subnets, vpc_id
from mlstage.targets.place import Place

# Elastic Load Balancing: names of load balancers and target groups have 32 characters, of which a hash takes nine.
_READABLE: Final = 23
_POLICY: Final = (
    "ELBSecurityPolicy-TLS13-1-2-2021-06"  # AWS's own recommendation: TLS 1.3, and 1.2 with forward secrecy
)
_HTTP: Final = 80
_HTTPS: Final = 443
# Ours: how long a task that is to stop may still answer what it was asked.
_DRAINING_S: Final = 60


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer, its target group, and the security groups on both sides."""

    balancer: Resource
    group: Resource
    listeners: tuple[Resource, ...]
    service_group: Resource
    others: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Security groups first."""
        return (*self.others, self.service_group, self.balancer, self.group, *self.listeners)


def balancer(place: Place, workload: str, kept: str, on: Ecs) -> Balancer:
    """Make a load balancer that forwards to a target group which tasks join."""
    public = known(on.exposed) == "internet"
    before, behind, rules = _groups(place, workload, on)
    made = Resource(
        place.name(workload, "balancer"),
        "aws.lb.LoadBalancer",
        {
            "name": place.physical(kept, limit=_READABLE),
            "load_balancer_type": "application",
            "internal": not public,
            "subnets": public_subnets(place) if public else subnets(place),
            "security_groups": (Ref(before.name, "id"),),
            "drop_invalid_header_fields": True,
            "enable_deletion_protection": place.production,
        },
        workload=workload,
    )
    group = target_group(place, workload, kept, on)
    return Balancer(made, group, tuple(_listeners(place, workload, on, made, group)), behind, (before, *rules))


def target_group(place: Place, workload: str, kept: str, on: Ecs, *, second: bool = False) -> Resource:
    """Make a target group that tasks join; the `second` is for the tasks of the next version.

    A target group belongs to one load balancer for good. One that moves to the internet, or back, is another load
    balancer, so its groups have other names, and are made beside those that still serve.
    """
    parts = (kept, *(["next"] if second else []), *(["public"] if known(on.exposed) == "internet" else []))
    return Resource(
        place.name(workload, "next-targets" if second else "targets"),
        "aws.lb.TargetGroup",
        {
            "name": place.physical(*parts, limit=_READABLE),
            "vpc_id": vpc_id(place),
            "target_type": "ip",
            "protocol": "HTTP",
            "port": known(on.port),
            "deregistration_delay": _DRAINING_S,
            "load_balancing_algorithm_type": "least_outstanding_requests",
            "health_check": {
                "path": known(on.health),
                "port": "traffic-port",
                "matcher": "200",
                "interval": 15,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
        },
        workload=workload,
    )


def _listeners(place: Place, workload: str, on: Ecs, made: Resource, group: Resource) -> Iterator[Resource]:
    """Listen on port 80 and, with a certificate, on 443; the one that forwards comes first.

    Each port keeps its listener: a certificate that comes or goes changes what port 80 does, and never asks for a
    second listener on a port that is still taken.
    """
    forward: dict[str, Value] = {"type": "forward", "target_group_arn": Ref(group.name, "arn")}
    plain: dict[str, Value] = {"port": _HTTP, "protocol": "HTTP"}
    certificate = known(on.certificate)
    if certificate is None:
        yield _listener(place, workload, "listener", made, plain, forward)
        return
    secure: dict[str, Value] = {
        "port": _HTTPS,
        "protocol": "HTTPS",
        "ssl_policy": _POLICY,
        "certificate_arn": certificate,
    }
    tls = _listener(place, workload, "tls-listener", made, secure, forward)
    yield tls
    redirect: dict[str, Value] = {
        "type": "redirect",
        "redirect": {"protocol": "HTTPS", "port": str(_HTTPS), "status_code": "HTTP_301"},
    }
    yield replace(_listener(place, workload, "listener", made, plain, redirect), depends_on=(tls.name,))


def _listener(
    place: Place, workload: str, part: str, made: Resource, at: dict[str, Value], action: dict[str, Value]
) -> Resource:
    props: dict[str, Value] = {"load_balancer_arn": Ref(made.name, "arn"), **at, "default_actions": (action,)}
    return Resource(place.name(workload, part), "aws.lb.Listener", props, workload=workload)


def _groups(place: Place, workload: str, on: Ecs) -> tuple[Resource, Resource, tuple[Resource, ...]]:
    """Make the two security groups, and the rules that let callers in and nothing else."""
    before = _group(place, workload, "balancer-group", f"Load balancer of {place.environment}/{workload}")
    behind = _group(place, workload, "service-group", f"Tasks of {place.environment}/{workload}")
    port = known(on.port)
    to_tasks: dict[str, Value] = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    passing = Resource(
        place.name(workload, "balancer-to-tasks"),
        EGRESS,
        {
            "security_group_id": Ref(before.name, "id"),
            "referenced_security_group_id": Ref(behind.name, "id"),
            **to_tasks,
            "description": "To the tasks",
        },
        workload=workload,
    )
    taking = Resource(
        place.name(workload, "tasks-from-balancer"),
        INGRESS,
        {
            "security_group_id": Ref(behind.name, "id"),
            "referenced_security_group_id": Ref(before.name, "id"),
            **to_tasks,
            "description": "From the load balancer only",
        },
        workload=workload,
    )
    return before, behind, (*_callers(place, workload, on, before), passing, taking)


def _group(place: Place, workload: str, part: str, description: str) -> Resource:
    return Resource(
        place.name(workload, part),
        "aws.ec2.SecurityGroup",
        {
            "name": place.physical(workload, part, limit=255),
            "description": description,
            "vpc_id": vpc_id(place),
        },
        workload=workload,
    )


def _callers(place: Place, workload: str, on: Ecs, before: Resource) -> Iterator[Resource]:
    """Let callers in, by a rule for each of them and each port.

    Its name says whom and where: named by its place in a list, it would become the next one's when one before it goes,
    which AWS refuses while that one's own rule is there.
    """
    ports = [_HTTP] if known(on.certificate) is None else [_HTTPS, _HTTP]
    for caller in dict.fromkeys(_who(place, on)):
        for port in ports:
            kind = "cidr_ipv4" if "/" in caller else "referenced_security_group_id"
            yield Resource(
                place.name(workload, f"from-{re.sub(r'[./]', '-', caller)}-to-{port}"),
                INGRESS,
                {
                    "security_group_id": Ref(before.name, "id"),
                    kind: caller,
                    "ip_protocol": "tcp",
                    "from_port": port,
                    "to_port": port,
                    "description": "From callers",
                },
                workload=workload,
            )


def _who(place: Place, on: Ecs) -> tuple[str, ...]:
    """Say who may call: whom the author names, or whatever the exposure means."""
    if named := known(on.callers):
        return tuple(named)
    if known(on.exposed) == "internet":
        return ("0.0.0.0/0",)
    if isinstance(place.network, Network):  # its range is not known here, its security groups are
        return tuple(place.network.security_groups)
    assert isinstance(place.network, OwnNetwork), place
    return (place.network.cidr,)
