"""What answers callers, whatever runs it: an endpoint's instances, a service's tasks, a Deployment's pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import YES, Answer, Field, Truth, all_of, field, when
from mlstage.rules.views.endpoints import Endpoint, endpoints
from mlstage.rules.views.machines import is_burstable
from mlstage.rules.views.once import once
from mlstage.rules.views.pods import Pods, pods_of
from mlstage.rules.views.scaling import Scaling, scaling_of
from mlstage.rules.views.services import SERVICE, Service


@dataclass(frozen=True, slots=True)
class Part:
    """A number of equal instances, tasks or pods, and what changes it.

    `count` is what it starts with and `minimum` what is certain. `can_scale` says whether its number could follow the
    load at all; `default` is the number where nothing is said.
    """

    count: Field
    minimum: Field
    is_scaled: Truth
    can_scale: Truth = YES
    default: int = 1


@dataclass(frozen=True, slots=True)
class Fleet:
    """All that answers the callers of one endpoint or service; `unit` is what AWS calls one of it.

    `is_counted` says whether it runs in a number of units at all: what is serverless does not. Of a fleet without
    parts, only what hides them is known.
    """

    resource: Resource
    unit: str
    is_realtime: Truth
    is_counted: Truth
    parts: tuple[Part, ...]
    hidden: Field | None = None

    def unseen(self) -> Iterator[Answer]:
        """Yield what hides a fleet without parts."""
        if not self.parts and self.hidden and self.is_realtime.value is None:
            yield from when(self.is_realtime, self.hidden, "")


@once
def fleets(graph: Graph) -> tuple[Fleet, ...]:
    """Give every fleet of a graph."""
    return tuple(_fleets(graph))


def _fleets(graph: Graph) -> Iterator[Fleet]:
    for endpoint in endpoints(graph):
        yield _of_endpoint(endpoint)
    scaling = scaling_of(graph, "ecs")
    for resource in graph.of(SERVICE):
        yield _of_service(Service(resource), scaling)
    pods = pods_of(graph)
    for resource in pods.deployments:
        yield _of_deployment(resource, pods)


def _of_endpoint(endpoint: Endpoint) -> Fleet:
    variants = [served.variant for served in endpoint.served]
    parts = (
        Part(
            served.variant.initial_count,
            served.minimum,
            served.is_scaled,
            served.variant.on_instances & ~is_burstable(served.variant.instance_type),
        )
        for served in endpoint.served
    )
    return Fleet(
        endpoint.resource,
        "instance",
        endpoint.is_realtime,
        all_of(variant.on_instances for variant in variants),
        tuple(parts),
        endpoint.link.field,
    )


def _of_service(service: Service, scaling: Scaling) -> Fleet:
    resource = service.resource
    targets = scaling.targets(resource)
    count, is_scaled = field(resource, "desired_count"), scaling.is_scaled(resource, targets)
    least = field(targets[0], "min_capacity") if targets and is_scaled.value else count
    return Fleet(
        resource,
        "task",
        service.is_realtime,
        # One task on each machine is as many as there are machines.
        ~field(resource, "scheduling_strategy").is_one_of("DAEMON"),
        (Part(count, least, is_scaled, default=0),),
    )


def _of_deployment(resource: Resource, pods: Pods) -> Fleet:
    scalers = pods.scalers(resource)
    count = field(resource, "spec")["replicas"]
    least = field(scalers[0], "spec")["min_replicas"] if scalers else count
    part = Part(count, least, pods.is_scaled(resource))
    return Fleet(resource, "pod", pods.is_realtime(resource), YES, (part,))
