"""Networks: an existing VPC by its ids, or one of the environment's own.

An own VPC is closed: private subnets, no way to the internet, interface endpoints for the AWS services that workloads
call, and S3 by its gateway endpoint, which costs nothing. Only where a workload needs more (an image from outside of
ECR, an EKS cluster) it gets NAT gateways: one in test, one for each zone in production. What does not need that way out
stays in the security group that has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network
from typing import Final

from mlstage.graph import Options, Ref, Resource, Value
from mlstage.spec.stages import Network, OwnNetwork
from mlstage.targets.place import Place

_ANYWHERE: Final = "0.0.0.0/0"
INGRESS: Final = "aws.vpc.SecurityGroupIngressRule"
# By which EKS tells where load balancers may stand.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-elb-example.html
_ELB_TAG: Final = "kubernetes.io/role/elb"
_INTERNAL_ELB_TAG: Final = "kubernetes.io/role/internal-elb"
EGRESS: Final = "aws.vpc.SecurityGroupEgressRule"


def vpc_config(place: Place, name: str = "vpc_config") -> dict[str, Value]:
    """Give the property that puts a SageMaker resource into the stage's network, when there is one."""
    if place.network is None:
        return {}
    return {name: {"security_group_ids": security_groups(place), "subnets": subnets(place)}}


def subnets(place: Place) -> tuple[Value, ...]:
    """Give the subnets in which things of the stage run."""
    match place.network:
        case Network(subnets=ids):
            return tuple(ids)
        case OwnNetwork(zones=zones):
            return tuple(Ref(place.shared(f"subnet-{number}"), "id") for number in range(1, zones + 1))
        case None:
            return ()


def public_subnets(place: Place) -> tuple[Value, ...]:
    """Give the subnets in which a public load balancer may stand."""
    match place.network:
        case Network(public_subnets=ids):
            return tuple(ids)
        case OwnNetwork(zones=zones):
            return tuple(Ref(place.shared(f"public-{number}"), "id") for number in range(1, zones + 1))
        case None:
            return ()


def security_groups(place: Place, *, internet: bool = False) -> tuple[Value, ...]:
    """Give the security groups of things of the stage; with `internet`, the one that leads out as well."""
    match place.network:
        case Network(security_groups=ids):
            return tuple(ids)
        case OwnNetwork():
            own = Ref(place.shared("security-group"), "id")
            return (own, Ref(place.shared("internet-group"), "id")) if internet else (own,)
        case None:
            return ()


def leads_out(place: Place, *, needed: bool) -> bool:
    """Say whether a container may call the internet: because it has to, or because the author lets all do so."""
    return needed or (isinstance(place.network, OwnNetwork) and place.network.internet)


def vpc_id(place: Place) -> Value:
    """Give the VPC's id."""
    if isinstance(place.network, Network):
        return place.network.vpc
    return Ref(place.shared("vpc"), "id")


def own_network(place: Place, network: OwnNetwork) -> tuple[Resource, ...]:
    """Make a VPC with private subnets, and the ways out of it that the stage's workloads need."""
    vpc = Resource(
        place.shared("vpc"),
        "aws.ec2.Vpc",
        {"cidr_block": network.cidr, "enable_dns_hostnames": True, "enable_dns_support": True},
    )
    zones = Resource(
        place.shared("zones"),
        "aws.get_availability_zones",
        # By name, Local Zones that an account opted in to come before the region's own, and few services are there.
        {"state": "available", "filters": ({"name": "zone-type", "values": ("availability-zone",)},)},
    )
    closed = Resource(
        place.shared("default-security-group"),
        "aws.ec2.DefaultSecurityGroup",
        {"vpc_id": Ref(vpc.name, "id")},
        options=Options(comment="Without rules: what names no security group of its own reaches nothing."),
    )
    tables = [_table(place, name) for name in _table_names(place, network)]
    way_out = place.reach.internet or network.internet
    return (
        vpc,
        zones,
        *tables,
        *_subnets(place, network),
        *(_public(place, network) if way_out or place.reach.public else ()),
        *(_nat(place, network) if way_out else ()),
        closed,
        *_security(place),
        *(_internet_group(place) if way_out else ()),
        *_endpoints(place, tables),
    )


def _table_names(place: Place, network: OwnNetwork) -> tuple[str, ...]:
    """Name the private route tables: one for all zones, or one for each where each has its own NAT gateway."""
    if _nat_gateways(place, network) < 2:
        return ("routes",)
    return tuple(f"routes-{number}" for number in range(1, network.zones + 1))


def _nat_gateways(place: Place, network: OwnNetwork) -> int:
    if not (place.reach.internet or network.internet):
        return 0
    return network.zones if place.production else 1


def ways_out(place: Place) -> tuple[str, ...]:
    """Name the routes to the internet that machines need before they can work, where the network is our own."""
    if not isinstance(place.network, OwnNetwork):
        return ()
    return tuple(place.shared(f"out-{number}") for number in range(1, _nat_gateways(place, place.network) + 1))


def _table(place: Place, name: str) -> Resource:
    return Resource(place.shared(name), "aws.ec2.RouteTable", {"vpc_id": Ref(place.shared("vpc"), "id")})


def _ranges(network: OwnNetwork) -> tuple[list[IPv4Network], list[IPv4Network]]:
    """Cut the VPC's range: three quarters for private subnets, a quarter of the last for each public one."""
    whole = ip_network(network.cidr)
    assert isinstance(whole, IPv4Network)
    *private, last = whole.subnets(prefixlen_diff=2)
    return private, [*last.subnets(prefixlen_diff=2)]


def _subnet(
    place: Place, name: str, number: int, cidr: IPv4Network, table: str, *, public: bool = False
) -> tuple[Resource, Resource]:
    subnet = Resource(
        place.shared(name),
        "aws.ec2.Subnet",
        {
            "vpc_id": Ref(place.shared("vpc"), "id"),
            "cidr_block": str(cidr),
            "availability_zone": Ref(place.shared("zones"), f"names[{number - 1}]"),
            **({"tags": {_ELB_TAG if public else _INTERNAL_ELB_TAG: "1"}} if place.reach.kubernetes else {}),
        },
    )
    association = Resource(
        place.shared(f"{name}-routes"),
        "aws.ec2.RouteTableAssociation",
        {"subnet_id": Ref(subnet.name, "id"), "route_table_id": Ref(place.shared(table), "id")},
    )
    return subnet, association


def _subnets(place: Place, network: OwnNetwork) -> Iterable[Resource]:
    tables = _table_names(place, network)
    for number, cidr in zip(range(1, network.zones + 1), _ranges(network)[0], strict=False):
        yield from _subnet(place, f"subnet-{number}", number, cidr, tables[(number - 1) % len(tables)])


def _public(place: Place, network: OwnNetwork) -> Iterable[Resource]:
    """Make what stands on the internet: load balancers that are meant to, and NAT gateways."""
    vpc = Ref(place.shared("vpc"), "id")
    gateway = Resource(place.shared("internet-gateway"), "aws.ec2.InternetGateway", {"vpc_id": vpc})
    yield gateway
    yield _table(place, "public-routes")
    yield Resource(
        place.shared("to-internet"),
        "aws.ec2.Route",
        {
            "route_table_id": Ref(place.shared("public-routes"), "id"),
            "destination_cidr_block": _ANYWHERE,
            "gateway_id": Ref(gateway.name, "id"),
        },
    )
    for number, cidr in zip(range(1, network.zones + 1), _ranges(network)[1], strict=False):
        yield from _subnet(place, f"public-{number}", number, cidr, "public-routes", public=True)


def _nat(place: Place, network: OwnNetwork) -> Iterable[Resource]:
    tables = _table_names(place, network)
    for number in range(1, _nat_gateways(place, network) + 1):
        address = Resource(place.shared(f"nat-address-{number}"), "aws.ec2.Eip", {"domain": "vpc"})
        yield address
        gateway = Resource(
            place.shared(f"nat-{number}"),
            "aws.ec2.NatGateway",
            {
                "allocation_id": Ref(address.name, "id"),
                "subnet_id": Ref(place.shared(f"public-{number}"), "id"),
            },
            (place.shared("to-internet"),),
        )
        yield gateway
        yield Resource(
            place.shared(f"out-{number}"),
            "aws.ec2.Route",
            {
                "route_table_id": Ref(place.shared(tables[(number - 1) % len(tables)]), "id"),
                "destination_cidr_block": _ANYWHERE,
                "nat_gateway_id": Ref(gateway.name, "id"),
            },
        )


def _security(place: Place) -> tuple[Resource, ...]:
    group = Resource(
        place.shared("security-group"),
        "aws.ec2.SecurityGroup",
        {
            "name": place.physical("workloads", limit=255),
            "description": f"Workloads of {place.environment} among themselves and to AWS",
            "vpc_id": Ref(place.shared("vpc"), "id"),
        },
    )
    inside: dict[str, Value] = {
        "security_group_id": Ref(group.name, "id"),
        "referenced_security_group_id": Ref(group.name, "id"),
        "ip_protocol": "-1",
    }
    to_s3: dict[str, Value] = {
        "security_group_id": Ref(group.name, "id"),
        "prefix_list_id": Ref(place.shared("endpoint-s3"), "prefix_list_id"),
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
    }
    return (
        group,
        Resource(place.shared("from-workloads"), INGRESS, {**inside, "description": "From each other"}),
        Resource(place.shared("to-workloads"), EGRESS, {**inside, "description": "To each other and to endpoints"}),
        Resource(place.shared("to-s3"), EGRESS, {**to_s3, "description": "To S3 through its gateway endpoint"}),
    )


def _internet_group(place: Place) -> tuple[Resource, Resource]:
    group = Resource(
        place.shared("internet-group"),
        "aws.ec2.SecurityGroup",
        {
            "name": place.physical("internet", limit=255),
            "description": f"Workloads of {place.environment} that may call the internet",
            "vpc_id": Ref(place.shared("vpc"), "id"),
        },
    )
    out: dict[str, Value] = {
        "security_group_id": Ref(group.name, "id"),
        "cidr_ipv4": _ANYWHERE,
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "description": "To the internet through NAT, over TLS only",
    }
    return group, Resource(place.shared("internet-over-tls"), EGRESS, out)


def _endpoints(place: Place, tables: Iterable[Resource]) -> tuple[Resource, ...]:
    vpc = Ref(place.shared("vpc"), "id")
    gateway = Resource(
        place.shared("endpoint-s3"),
        "aws.ec2.VpcEndpoint",
        {
            "vpc_id": vpc,
            "service_name": f"com.amazonaws.{place.region}.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": tuple(Ref(table.name, "id") for table in tables),
        },
    )
    return (gateway, *(_interface(place, service, vpc) for service in sorted(place.reach.services)))


def _interface(place: Place, service: str, vpc: Ref) -> Resource:
    return Resource(
        place.shared(f"endpoint-{service.replace('.', '-')}"),
        "aws.ec2.VpcEndpoint",
        {
            "vpc_id": vpc,
            "service_name": f"com.amazonaws.{place.region}.{service}",
            "vpc_endpoint_type": "Interface",
            "private_dns_enabled": True,
            "subnet_ids": subnets(place),
            "security_group_ids": security_groups(place),
        },
    )
