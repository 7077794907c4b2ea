"""Networks: an existing VPC by its ids, or one of the environment's own."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

from mlstage.graph import Ref, Resource, Value
from mlstage.spec.stages import Network, OwnNetwork
from mlstage.targets.place import Place

# What SageMaker's notebooks and jobs call: its API and runtime, logs, metrics, images, keys, identity.
_SERVICES: Final = (
    "ecr.api",
    "ecr.dkr",
    "kms",
    "logs",
    "monitoring",
    "sagemaker.api",
    "sagemaker.runtime",
    "sts",
)


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


def security_groups(place: Place) -> tuple[Value, ...]:
    """Give the security groups of things of the stage."""
    match place.network:
        case Network(security_groups=ids):
            return tuple(ids)
        case OwnNetwork():
            return (Ref(place.shared("security-group"), "id"),)
        case None:
            return ()


def own_network(place: Place, network: OwnNetwork) -> tuple[Resource, ...]:
    """Make a VPC with private subnets, no way to the internet, and endpoints for what SageMaker calls."""
    vpc = Resource(
        place.shared("vpc"),
        "aws.ec2.Vpc",
        {"cidr_block": network.cidr, "enable_dns_hostnames": True, "enable_dns_support": True},
    )
    zones = Resource(place.shared("zones"), "aws.get_availability_zones", {"state": "available"})
    table = Resource(place.shared("routes"), "aws.ec2.RouteTable", {"vpc_id": Ref(vpc.name, "id")})
    return (vpc, zones, table, *_subnets(place, network), *_security(place), *_endpoints(place))


def _subnets(place: Place, network: OwnNetwork) -> tuple[Resource, ...]:
    ranges = ip_network(network.cidr).subnets(prefixlen_diff=2)
    made: list[Resource] = []
    for number, cidr in zip(range(1, network.zones + 1), ranges, strict=False):
        subnet = Resource(
            place.shared(f"subnet-{number}"),
            "aws.ec2.Subnet",
            {
                "vpc_id": Ref(place.shared("vpc"), "id"),
                "cidr_block": str(cidr),
                "availability_zone": Ref(place.shared("zones"), f"names[{number - 1}]"),
            },
        )
        association = Resource(
            place.shared(f"subnet-{number}-routes"),
            "aws.ec2.RouteTableAssociation",
            {"subnet_id": Ref(subnet.name, "id"), "route_table_id": Ref(place.shared("routes"), "id")},
        )
        made += [subnet, association]
    return tuple(made)


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
    ingress, egress = "aws.vpc.SecurityGroupIngressRule", "aws.vpc.SecurityGroupEgressRule"
    return (
        group,
        Resource(place.shared("from-workloads"), ingress, {**inside, "description": "From each other"}),
        Resource(place.shared("to-workloads"), egress, {**inside, "description": "To each other and to endpoints"}),
        Resource(place.shared("to-s3"), egress, {**to_s3, "description": "To S3 through its gateway endpoint"}),
    )


def _endpoints(place: Place) -> tuple[Resource, ...]:
    vpc = Ref(place.shared("vpc"), "id")
    gateway = Resource(
        place.shared("endpoint-s3"),
        "aws.ec2.VpcEndpoint",
        {
            "vpc_id": vpc,
            "service_name": f"com.amazonaws.{place.region}.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": (Ref(place.shared("routes"), "id"),),
        },
    )
    return (gateway, *(_interface(place, service, vpc) for service in _SERVICES))


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
