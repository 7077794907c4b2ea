"""A VPC with everything that makes it up as one node: what runs in it says so by a mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.diagram.model import Node
from mlstage.insight.diagram.paint import Context, Painters, Piece
from mlstage.insight.diagram.words import plural, short_name
from mlstage.rules.truth import field

VPC: Final = "aws.ec2.Vpc"
# What belongs to a VPC, and whether its number is worth a line.
_PARTS: Final = {
    "aws.ec2.Subnet": "subnet",
    "aws.ec2.VpcEndpoint": "VPC endpoint",
    "aws.ec2.NatGateway": "NAT gateway",
    "aws.ec2.InternetGateway": "internet gateway",
    "aws.ec2.SecurityGroup": "security group",
    "aws.ec2.DefaultSecurityGroup": "",
    "aws.ec2.RouteTable": "",
    "aws.ec2.RouteTableAssociation": "",
    "aws.ec2.Route": "",
    "aws.ec2.Eip": "",
    "aws.vpc.SecurityGroupIngressRule": "",
    "aws.vpc.SecurityGroupEgressRule": "",
}


def vpc(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a VPC by its range and the number of its parts."""
    parts = _parts(resource, context)
    counts = {word: sum(_PARTS[one.type] == word for one in parts) for word in _PARTS.values() if word}
    lines = [plural(word, count) for word, count in counts.items() if count]
    if not counts["internet gateway"]:
        lines.append("no way to the internet")
    cidr = field(resource, "cidr_block").text
    title = cidr or short_name(resource, context.graph)
    names = tuple(one.name for one in parts)
    yield Node(resource.name, "network", "VPC", title, tuple(lines), (), resource.workload, names)


def _parts(resource: Resource, context: Context) -> list[Resource]:
    """Find what refers to the VPC, directly or through another part of it."""
    members = {resource.name}
    parts = context.graph.of(*_PARTS)
    found: list[Resource] = []
    grown = True
    while grown:
        new = [one for one in parts if one.name not in members and not members.isdisjoint(one.needs())]
        members.update(one.name for one in new)
        found += new
        grown = bool(new)
    return found


PAINTERS: Painters = {VPC: vpc}
