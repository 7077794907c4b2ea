"""Where what callers wait for is placed: the subnets or zones of each, and whether they are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import YES, Field, Truth, field
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.functions import FUNCTION, functions_of
from mlstage.rules.views.models import models
from mlstage.rules.views.nodes import placement_of
from mlstage.rules.views.pods import pods_of
from mlstage.rules.views.services import SERVICE, Capacity, Service
from mlstage.rules.views.zones import group_is_in_one_zone, is_one_zone

BALANCER = "aws.lb.LoadBalancer"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one resource is placed."""

    resource: Resource
    at: Field
    is_realtime: Truth
    is_one_zone: Truth


def placements(graph: Graph) -> Iterator[Placement]:
    """Yield every place where something that callers may wait for is put."""
    yield from _of_endpoints(graph)
    yield from _of_services(graph)
    for balancer in graph.of(BALANCER):
        subnets = field(balancer, "subnets")
        yield Placement(balancer, subnets, YES, is_one_zone(graph, subnets))
    yield from _of_deployments(graph)
    functions = functions_of(graph)
    for function in graph.of(FUNCTION):
        subnets = field(function, "vpc_config")["subnet_ids"]
        yield Placement(function, subnets, functions.answers_callers(function), is_one_zone(graph, subnets))


def _of_endpoints(graph: Graph) -> Iterator[Placement]:
    """Yield those of endpoints. A model outside of a VPC runs in one of SageMaker's own, which spreads over zones."""
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            for model in models(graph, served.variant).link.resources:
                subnets = field(model, "vpc_config")["subnets"]
                yield Placement(model, subnets, endpoint.is_realtime, is_one_zone(graph, subnets))


def _of_services(graph: Graph) -> Iterator[Placement]:
    capacity = Capacity(graph)
    for resource in graph.of(SERVICE):
        service = Service(resource)
        subnets = field(resource, "network_configuration")["subnets"]
        yield Placement(resource, subnets, service.is_realtime, is_one_zone(graph, subnets))
        for group in capacity.groups(service):
            at, one = group_is_in_one_zone(graph, group)
            yield Placement(group, at, service.is_realtime, one)


def _of_deployments(graph: Graph) -> Iterator[Placement]:
    pods, nodes = pods_of(graph), placement_of(graph)
    for deployment in pods.deployments:
        at, one = nodes.is_one_zone(deployment)
        yield Placement(deployment, at, pods.is_realtime(deployment), one)
