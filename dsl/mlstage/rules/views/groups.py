"""Auto-scaling groups: the machines that they start, and whether those are bought as Spot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import UNKNOWN, Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field
from mlstage.rules.views.links import Link, follow

GROUP: Final = "aws.autoscaling.Group"
TEMPLATE: Final = "aws.ec2.LaunchTemplate"


def group_is_spot(graph: Graph, group: Resource) -> Truth:
    """Say whether some machines of a group are Spot instances."""
    share = field(group, "mixed_instances_policy")["instances_distribution"]["on_demand_percentage_above_base_capacity"]
    link = template_of(graph, group)
    if link is None:
        by_template: Truth = NO
    elif not link.resources:
        by_template = link.gap()
    else:
        markets = [field(template, "instance_market_options") for template in link.resources]
        by_template = any_of(market["market_type"].is_one_of("spot") for market in markets)
    return (share.is_given() & share.is_below(100)) | by_template


def template_of(graph: Graph, group: Resource) -> Link | None:
    """Find the launch template of a group, which names it itself or in its mixed instances policy."""
    mixed = field(group, "mixed_instances_policy")["launch_template"]["launch_template_specification"]
    template = field(group, "launch_template")
    named = (*_names(template), mixed["launch_template_id"], mixed["launch_template_name"])
    found = next((one for one in named if one.value is not None), None)
    return None if found is None else follow(graph, found, TEMPLATE)


def _names(template: Field) -> tuple[Field, Field]:
    return template["id"], template["name"]


def overrides(group: Resource) -> tuple[Field, ...]:
    """Give the instance types among which a group chooses, where it lists them."""
    listed = field(group, "mixed_instances_policy")["launch_template"]["overrides"].items()
    return tuple(kind for item in listed if (kind := item["instance_type"]).value is not None)


def chooses_by_need(group: Resource) -> Truth:
    """Say whether a group describes what its machines must have, so that EC2 chooses among all that have it."""
    listed = field(group, "mixed_instances_policy")["launch_template"]["overrides"].items()
    return any_of(item["instance_requirements"].is_given() for item in listed)


def machine_types(graph: Graph, group: Resource) -> Iterator[Field]:
    """Yield the instance types of a group: those that it lists, else the one of its launch template."""
    listed = overrides(group)
    if listed:
        yield from listed
        return
    yield from _types_of(template_of(graph, group))


def template_types(graph: Graph, template: Field) -> Iterator[Field]:
    """Yield the instance types of the launch template that a block names."""
    found = next((one for one in _names(template) if one.value is not None), None)
    yield from _types_of(None if found is None else follow(graph, found, TEMPLATE))


def _types_of(link: Link | None) -> Iterator[Field]:
    if link is not None and not link.resources:
        yield Field(link.field.resource, link.field.path, UNKNOWN)
    for template in link.resources if link else ():
        yield field(template, "instance_type")
