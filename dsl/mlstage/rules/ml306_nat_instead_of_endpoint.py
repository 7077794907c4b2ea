"""ML306: NAT that is paid for what an endpoint carries for nothing, or for nothing at all."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.prices import HOME, Price, price
from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.networks import NatGateway, nat_gateways

_HOURS_A_MONTH: Final = 730


@stack_rule(
    id="ML306",
    name="nat-instead-of-endpoint",
    title="NAT gateway that carries what a gateway endpoint carries for nothing, or that nothing can use",
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix='a gateway endpoint for S3 in the VPC: `vpc_endpoint_type="Gateway"`,'
    ' `service_name="com.amazonaws.<region>.s3"`, with the route tables of the private subnets',
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    ),
)
def nat_instead_of_endpoint(graph: Graph, about: About) -> Iterator[Answer]:
    """Models and training data come from S3 by the terabyte; through NAT every gigabyte is paid, by gateway none.

    A NAT gateway costs by the hour and by the gigabyte. Gateway endpoints for S3 and DynamoDB cost neither, and keep
    the traffic off the internet. Objected to is a public NAT gateway in a VPC of this stack that has no such endpoint
    for S3, or one that is not on the route tables from which a route leads to the gateway, which carries nothing then;
    for DynamoDB the same where the role of something in the VPC may call it.

    Objected to as well is a NAT gateway that nothing can use: what runs in the VPC are ECS services, functions, models
    and machines of AWS Batch, and no security group of the VPC lets anything out to addresses that are not private.
    What these call of AWS goes through interface endpoints, and the gateway can go. That is said where it saves money:
    an interface endpoint is paid by the hour in each zone, so that those which are missing may cost more than the
    gateway. For the same reason nothing is said of interface endpoints beside a NAT gateway that is needed: how many
    gigabytes go to ECR, CloudWatch Logs, SageMaker, Secrets Manager or STS is not in any resource. In us-east-1 NAT was
    $0.045 an hour and $0.045 a gigabyte (2024-07-01), an interface endpoint $0.01 an hour in each zone and $0.01 a
    gigabyte (2024-10-18; both from Infracost's tests, computed from AWS's price list): in two zones an endpoint pays
    off from 417 gigabytes a month on.
    """
    for nat in nat_gateways(graph):
        called = about.call(nat.resource)
        for service, uses in (("S3", True), ("DynamoDB", nat.uses("dynamodb"))):
            yield from when(
                truth(uses) & nat.is_public & nat.carries(service.lower()),
                nat.subnet,
                f"{called} carries what goes to {service}: its VPC has no gateway endpoint for it"
                " on all routes that lead there",
                instead="" if service == "S3" else "a gateway endpoint for DynamoDB, as for S3",
            )
        yield from _idle(nat, graph, about)


def _idle(nat: NatGateway, graph: Graph, about: About) -> Iterator[Answer]:
    own, each = _hourly("AmazonEC2", "nat-gateway", graph), _hourly("AmazonVPC", "interface-endpoint", graph)
    if own is None or each is None:
        return
    needed = len(nat.missing) * nat.zones * each.usd
    first = f"; first interface endpoints for {', '.join(nat.missing)} (${needed * _HOURS_A_MONTH:,.0f} a month)"
    yield from when(
        truth(own.usd > needed) & nat.is_public & nat.is_idle,
        nat.subnet,
        f"{about.call(nat.resource)} leads out what no security group of its VPC lets out, for"
        f" ${own.usd * _HOURS_A_MONTH:,.0f} a month (${own.usd:g} an hour, {own.date})",
        instead=f"no NAT gateway{first if nat.missing else ''}",
    )


def _hourly(service: str, item: str, graph: Graph) -> Price | None:
    return price(service, item, graph.region or HOME, "Hours") or price(service, item, HOME, "Hours")


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
        Resource("private-routes", "aws.ec2.RouteTable", {"vpc_id": Ref("network", "id")}),
        Resource(
            "to-nat",
            "aws.ec2.Route",
            {
                "route_table_id": Ref("private-routes", "id"),
                "destination_cidr_block": "0.0.0.0/0",
                "nat_gateway_id": Ref("out", "id"),
            },
        ),
        *more,
    )


def _to_s3(*tables: str) -> Resource:
    placed: dict[str, Value] = {"route_table_ids": tuple(Ref(name, "id") for name in tables)} if tables else {}
    props: dict[str, Value] = {
        "vpc_id": Ref("network", "id"),
        "service_name": "com.amazonaws.us-east-1.s3",
        "vpc_endpoint_type": "Gateway",
        **placed,
    }
    return Resource("to-s3", "aws.ec2.VpcEndpoint", props)


def _worker(cidr: str) -> tuple[Resource, ...]:
    group: dict[str, Value] = {"vpc_id": Ref("network", "id"), "description": "Workers"}
    out: dict[str, Value] = {
        "security_group_id": Ref("workers", "id"),
        "cidr_ipv4": cidr,
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
    }
    subnet: dict[str, Value] = {"vpc_id": Ref("network", "id"), "cidr_block": "10.0.1.0/24"}
    task, service = job_examples.worker()
    placed: Value = {"subnets": (Ref("private", "id"),), "security_groups": (Ref("workers", "id"),)}
    return (
        Resource("workers", "aws.ec2.SecurityGroup", group),
        Resource("workers-out", "aws.vpc.SecurityGroupEgressRule", out),
        Resource("private", "aws.ec2.Subnet", subnet),
        task,
        service.with_props(network_configuration=placed),
    )


@nat_instead_of_endpoint.bad("out", "subnet_id")
def everything_through_nat() -> Graph:
    """A NAT gateway, and no endpoint."""
    return examples.in_production_stack(*_network())


@nat_instead_of_endpoint.bad("out", "subnet_id")
def endpoint_on_no_route() -> Graph:
    """A NAT gateway, and an endpoint for S3 that is on no route table."""
    return examples.in_production_stack(*_network(_to_s3()))


@nat_instead_of_endpoint.bad("out", "subnet_id")
def nothing_may_leave() -> Graph:
    """A NAT gateway in a VPC whose one security group lets nothing out of it."""
    return examples.in_production_stack(*_network(_to_s3("private-routes"), *_worker("10.0.0.0/16")))


@nat_instead_of_endpoint.good()
def gateway_beside_nat() -> Graph:
    """A NAT gateway for the internet, which may be called, and a gateway endpoint for S3."""
    return examples.in_production_stack(*_network(_to_s3("private-routes"), *_worker("0.0.0.0/0")))
