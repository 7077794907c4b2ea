"""Networks: the ways out of a VPC, what goes through them, and whether anything can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, YES, Field, Truth, all_of, any_of, field
from mlstage.rules.views.links import Pointers, follow
from mlstage.rules.views.tenants import OTHERS, Tenant, tenants

NAT: Final = "aws.ec2.NatGateway"
_VPC: Final = "aws.ec2.Vpc"
_TABLE: Final = "aws.ec2.RouteTable"
_GROUP: Final = "aws.ec2.SecurityGroup"
_ENDPOINT: Final = "aws.ec2.VpcEndpoint"
_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_PRIVATE_6: Final = IPv6Network("fc00::/7")


@dataclass(frozen=True)
class NatGateway:
    """A NAT gateway. `vpc` is its VPC, where that is in this stack; `hidden` says why it is not found."""

    resource: Resource
    network: _Network
    vpc: Resource | None
    hidden: Truth

    @property
    def subnet(self) -> Field:
        """The subnet that it stands in."""
        return field(self.resource, "subnet_id")

    @property
    def is_public(self) -> Truth:
        """Whether it leads to the internet."""
        return ~field(self.resource, "connectivity_type").is_one_of("private")

    def carries(self, service: str) -> Truth:
        """Say whether what goes to S3 or DynamoDB goes through it: no gateway endpoint takes it off its routes."""
        if self.vpc is None:
            return self.hidden
        tables = self.network.tables_to(self.resource)
        gateways = self.network.endpoints.to(self.vpc)
        taken = (_leads_to(one, service) & self._is_on(one, tables) for one in gateways)
        unplaced = (field(one, "vpc_id").gap() & _leads_to(one, service) for one in self.network.endpoints.open)
        return ~any_of((*taken, *unplaced))

    def uses(self, service: str) -> bool:
        """Say whether the role of something that runs in its VPC is allowed calls of a service."""
        return any(service in one.services for one in self.tenants)

    @cached_property
    def tenants(self) -> tuple[Tenant, ...]:
        """What runs in its VPC, as far as security groups of the VPC show it."""
        if self.vpc is None:
            return ()
        here = {group.name for group in self.network.groups.to(self.vpc)}
        return tuple(one for one in self.network.tenants if any(group.name in here for group in one.groups))

    @property
    def is_idle(self) -> Truth:
        """Whether nothing can go through it: no security group of its VPC lets anything out of it.

        Decided only where all that runs in the VPC is of kinds whose security groups are known; what other stacks place
        in it cannot be seen from here.
        """
        if self.vpc is None or not self.tenants or self.network.has_others:
            return NO
        if len(self.tenants) < len(self.network.tenants) or not all(one.is_plain for one in self.tenants):
            return NO
        return ~any_of(self.network.lets_out(group) for group in self.network.groups.to(self.vpc))

    @property
    def missing(self) -> tuple[str, ...]:
        """The services that what runs in its VPC calls, and for which the VPC has no interface endpoint."""
        there = self.network.endpoints.to(self.vpc) if self.vpc else ()
        named = {name for one in there if (name := _service(one))}
        return tuple(sorted({service for one in self.tenants for service in one.through_endpoints} - named))

    @property
    def zones(self) -> int:
        """In how many zones an interface endpoint would stand: in each that something runs in, at least one."""
        return max((one.subnets for one in self.tenants), default=1)

    def _is_on(self, endpoint: Resource, tables: tuple[Resource, ...]) -> Truth:
        """Say whether a gateway endpoint is on all routes that lead here; where none are known, it is taken to be."""
        return all_of(self.network.is_on(endpoint, table) for table in tables)


class _Network:
    """What there is of networks in a graph, by what it belongs to."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.endpoints = Pointers(graph.of(_ENDPOINT), "vpc_id")
        self.groups = Pointers(graph.of(_GROUP), "vpc_id")
        self.tenants = tuple(tenants(graph))
        self.has_others = bool(graph.of(*OTHERS)) or any(one.type.startswith("kubernetes.") for one in graph.resources)
        self._associations = Pointers(graph.of("aws.ec2.VpcEndpointRouteTableAssociation"), "vpc_endpoint_id")
        self._routes = Pointers(graph.of("aws.ec2.Route"), "nat_gateway_id")
        self._rules = Pointers(graph.of("aws.vpc.SecurityGroupEgressRule"), "security_group_id")
        self._old_rules = Pointers(graph.of("aws.ec2.SecurityGroupRule"), "security_group_id")

    def tables_to(self, nat: Resource) -> tuple[Resource, ...]:
        """Give the route tables of which a route leads to a NAT gateway."""
        found = [
            table
            for route in self._routes.to(nat)
            for table in follow(self.graph, field(route, "route_table_id"), _TABLE).resources
        ]
        for table in self.graph.of(_TABLE):
            ways = (one["nat_gateway_id"] for one in field(table, "routes").items())
            if any(nat in follow(self.graph, way, NAT).resources for way in ways):
                found.append(table)
        return tuple({id(table): table for table in found}.values())

    def is_on(self, endpoint: Resource, table: Resource) -> Truth:
        """Say whether a gateway endpoint is on a route table."""
        listed = field(endpoint, "route_table_ids")
        named = [*listed.items(), *(field(one, "route_table_id") for one in self._associations.to(endpoint))]
        if any(table in follow(self.graph, one, _TABLE).resources for one in named):
            return YES
        return any_of(one.gap() for one in named if not follow(self.graph, one, _TABLE).known)

    def lets_out(self, group: Resource) -> Truth:
        """Say whether a security group lets anything out to addresses that are nobody's own.

        The AWS provider takes away the rule that AWS gives every new group, which lets out everything.
        """
        ranges = [
            place
            for rule in field(group, "egress").items()
            for key in ("cidr_blocks", "ipv6_cidr_blocks")
            for place in rule[key].items()
        ]
        ranges += [field(one, key) for one in self._rules.to(group) for key in ("cidr_ipv4", "cidr_ipv6")]
        for one in self._old_rules.to(group):
            if field(one, "type").text != "ingress":
                ranges += [*field(one, "cidr_blocks").items(), *field(one, "ipv6_cidr_blocks").items()]
        unplaced = (*self._rules.open, *self._old_rules.open)
        return any_of(place.satisfies(_is_outside) for place in ranges) | any_of(
            field(one, "security_group_id").gap() for one in unplaced
        )


def nat_gateways(graph: Graph) -> Iterator[NatGateway]:
    """Yield the NAT gateways of a graph."""
    network = _Network(graph)
    for resource in graph.of(NAT):
        subnets = follow(graph, field(resource, "subnet_id"), "aws.ec2.Subnet")
        if not subnets.resources:
            yield NatGateway(resource, network, None, subnets.gap())
            continue
        networks = follow(graph, field(subnets.resources[0], "vpc_id"), _VPC)
        vpc = networks.resources[0] if networks.resources else None
        yield NatGateway(resource, network, vpc, NO if vpc else networks.gap())


def _leads_to(endpoint: Resource, service: str) -> Truth:
    kind = field(endpoint, "vpc_endpoint_type")
    gateway = kind.is_absent() | kind.is_one_of("Gateway")
    return gateway & field(endpoint, "service_name").satisfies(lambda name: name.endswith(f".{service}"))


def _service(endpoint: Resource) -> str:
    """Give the service that an interface endpoint leads to, such as `ecr.api`."""
    name = field(endpoint, "service_name").text or ""
    # com.amazonaws.us-east-1.ecr.api, and com.amazonaws.us-east-1.ecr-fips.api where that is asked for.
    return name.split(".", 3)[-1] if name.count(".") >= 3 else ""


def _is_outside(text: str) -> bool:
    """Say whether a range reaches beyond the addresses that private networks have."""
    try:
        asked = ip_network(text, strict=False)
    except ValueError:
        return True
    if isinstance(asked, IPv4Network):
        return not any(asked.subnet_of(own) for own in _PRIVATE)
    return not asked.subnet_of(_PRIVATE_6)
