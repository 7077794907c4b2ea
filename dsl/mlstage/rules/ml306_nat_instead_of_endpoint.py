"""ML306: NAT that is paid for what an endpoint carries for nothing."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.networks import nat_gateways


@stack_rule(
    id="ML306",
    name="nat-instead-of-endpoint",
    title="NAT gateway that carries what a gateway endpoint carries for nothing",
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix='a gateway endpoint for S3 in the VPC: `vpc_endpoint_type="Gateway"`,'
    ' `service_name="com.amazonaws.<region>.s3"`, with the route tables of the private subnets',
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    ),
)
def nat_instead_of_endpoint(graph: Graph, about: About) -> Iterator[Answer]:
    """Models and training data come from S3 by the terabyte; through NAT every gigabyte is paid, by gateway none.

    A NAT gateway costs by the hour and by the gigabyte. Gateway endpoints for S3 cost neither, and keep the traffic off
    the internet. Objected to is a public NAT gateway in a VPC of this stack that has no such endpoint. Where nothing
    but AWS's own services is called, interface endpoints can replace the NAT gateway altogether.
    """
    for nat in nat_gateways(graph):
        yield from when(
            nat.is_public & ~nat.has_s3_endpoint,
            nat.subnet,
            f"{about.call(nat.resource)} carries what goes to S3: its VPC has no gateway endpoint for it",
        )


def _network(*more: Resource) -> tuple[Resource, ...]:
    return (
        Resource("network", "aws.ec2.Vpc", {"cidr_block": "10.0.0.0/16"}),
        Resource("public", "aws.ec2.Subnet", {"vpc_id": Ref("network", "id"), "cidr_block": "10.0.0.0/24"}),
        Resource("address", "aws.ec2.Eip", {"domain": "vpc"}),
        Resource(
            "out",
            "aws.ec2.NatGateway",
            {"subnet_id": Ref("public", "id"), "allocation_id": Ref("address", "id")},
        ),
        *more,
    )


@nat_instead_of_endpoint.bad("out", "subnet_id")
def everything_through_nat() -> Graph:
    """A NAT gateway, and no endpoint."""
    return examples.in_production_stack(*_network())


@nat_instead_of_endpoint.good()
def gateway_beside_nat() -> Graph:
    """A NAT gateway for the internet, and a gateway endpoint for S3."""
    endpoint = Resource(
        "to-s3",
        "aws.ec2.VpcEndpoint",
        {
            "vpc_id": Ref("network", "id"),
            "service_name": "com.amazonaws.us-east-1.s3",
            "vpc_endpoint_type": "Gateway",
        },
    )
    return examples.in_production_stack(*_network(endpoint))
