"""Among which instance types EC2 may choose, wherever machines are started for containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, field
from mlstage.rules.views.compute import BATCH
from mlstage.rules.views.groups import GROUP, chooses_by_need, machine_types, template_types
from mlstage.rules.views.nodes import NODE_GROUP, NODES, Nodes
from mlstage.rules.views.services import PROVIDER

_SECOND: Final = "a second instance type with the same kind of accelerator"


@dataclass(frozen=True, slots=True)
class Choice:
    """The types that a resource may start. `is_by_need` says that it describes what it needs instead.

    `instead` is what to write where there is one type alone.
    """

    resource: Resource
    kinds: tuple[Field, ...]
    is_by_need: Truth = NO
    instead: str = _SECOND


def choices(graph: Graph) -> Iterator[Choice]:
    """Yield what is started of machines in a graph, and among which types."""
    for resource in graph.of(*NODES):
        yield Choice(resource, tuple(_of_nodes(graph, resource)))
    for group in graph.of(GROUP):
        instead = "further types as `overrides` of its mixed instances policy"
        yield Choice(group, tuple(machine_types(graph, group)), chooses_by_need(group), instead)
    for environment in graph.of(BATCH):
        listed = field(environment, "compute_resources")["instance_types"].items()
        yield Choice(environment, _types(listed))
    for provider in graph.of(PROVIDER):
        template = field(provider, "managed_instances_provider")["instance_launch_template"]
        listed = template["instance_requirements"]["allowed_instance_types"].items()
        yield Choice(provider, _types(listed))


def _types(listed: tuple[Field, ...]) -> tuple[Field, ...]:
    """Give types alone: `g5` is all sizes of a family, `g5.*` as well, and `optimal` what AWS Batch finds."""
    wider = any(one.text is not None and ("." not in one.text or "*" in one.text) for one in listed)
    return () if wider else listed


def _of_nodes(graph: Graph, resource: Resource) -> Iterator[Field]:
    nodes = Nodes(resource)
    listed = tuple(nodes.instance_types())
    yield from listed
    if resource.type == NODE_GROUP and not listed:
        yield from template_types(graph, field(resource, "launch_template"))
    elif not listed and (kind := nodes.only_type):
        yield kind
