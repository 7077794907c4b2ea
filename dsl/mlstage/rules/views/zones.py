"""Availability zones: whether what is placed in some subnets stands in one zone only."""

from __future__ import annotations

from mlstage.graph import Graph, Resource, Unknown, Value
from mlstage.rules.truth import NO, YES, Field, Truth, field, truth
from mlstage.rules.views.links import follow

SUBNET = "aws.ec2.Subnet"


def is_one_zone(graph: Graph, subnets: Field) -> Truth:
    """Say whether subnets are of one zone: a single one, or several that name the same zone.

    Subnets of other stacks are taken for those of different zones; nothing says where nothing is set.
    """
    if subnets.value is None:
        return NO
    if not isinstance(subnets.value, tuple):
        return subnets.gap()
    listed = subnets.items()
    if len(listed) == 1:
        return YES
    links = [follow(graph, item, SUBNET) for item in listed]
    if any(not link.resources for link in links):
        return NO
    # Before they exist, all that is known may be of which subnets the whole list is made.
    found = {subnet.name: _zone(subnet) for link in links for subnet in link.resources}
    zones = list(found.values())
    if any(isinstance(zone, Unknown) for zone in zones):
        return subnets.gap("the availability zones of its subnets are not known yet")
    return truth(None not in zones and all(zone == zones[0] for zone in zones))


def group_is_in_one_zone(graph: Graph, group: Resource) -> tuple[Field, Truth]:
    """Say whether an auto-scaling group starts machines in one zone only, and which field says so."""
    zones = field(group, "availability_zones")
    if zones.value is None:
        subnets = field(group, "vpc_zone_identifiers")
        return subnets, is_one_zone(graph, subnets)
    return zones, truth(len(zones.value) == 1) if isinstance(zones.value, tuple) else zones.gap()


def _zone(subnet: Resource) -> Value:
    zone = subnet.props.get("availability_zone")
    return subnet.props.get("availability_zone_id") if zone is None else zone
