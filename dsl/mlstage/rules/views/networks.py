"""Networks: the ways out of a VPC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import Field, Truth, any_of, field
from mlstage.rules.views.links import Pointers, follow


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway, and whether its VPC has a gateway endpoint for S3."""

    resource: Resource
    has_s3_endpoint: Truth

    @property
    def subnet(self) -> Field:
        """The subnet that it stands in."""
        return field(self.resource, "subnet_id")

    @property
    def is_public(self) -> Truth:
        """Whether it leads to the internet."""
        return ~field(self.resource, "connectivity_type").is_one_of("private")


def nat_gateways(graph: Graph) -> Iterator[NatGateway]:
    """Yield the NAT gateways of a graph."""
    endpoints = Pointers(graph.of("aws.ec2.VpcEndpoint"), "vpc_id")
    for resource in graph.of("aws.ec2.NatGateway"):
        yield NatGateway(resource, _has_endpoint(graph, resource, endpoints))


def _has_endpoint(graph: Graph, nat: Resource, endpoints: Pointers) -> Truth:
    subnets = follow(graph, field(nat, "subnet_id"), "aws.ec2.Subnet")
    if not subnets.resources:
        return subnets.gap()
    answers: list[Truth] = []
    for subnet in subnets.resources:
        networks = follow(graph, field(subnet, "vpc_id"), "aws.ec2.Vpc")
        if not networks.resources:
            answers.append(networks.gap())
        answers += [_is_to_s3(endpoint) for network in networks.resources for endpoint in endpoints.to(network)]
    answers += [field(one, "vpc_id").gap() & _is_to_s3(one) for one in endpoints.open]
    return any_of(answers)


def _is_to_s3(endpoint: Resource) -> Truth:
    kind = field(endpoint, "vpc_endpoint_type")
    gateway = kind.is_absent() | kind.is_one_of("Gateway")
    return gateway & field(endpoint, "service_name").satisfies(lambda name: name.endswith(".s3"))
