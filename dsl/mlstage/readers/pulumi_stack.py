"""The resources of a Pulumi stack as a graph, whoever wrote the program and in whatever language.

Names of resources are unique in a graph, but not in a stack, where the type and the parent distinguish them too: a name
that several have is followed by the type. Links hold as the engine knows them (`property_dependencies`), and values
that are known stay values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mlstage.graph import Graph, Group, Options, Resource, by_token
from mlstage.readers.pulumi_values import read_properties
from mlstage.rules.levels import TIER_TAGS

# The component that a generated program makes the parent of a workload's resources.
_WORKLOAD: Final = "mlstage:workload:"


@dataclass(frozen=True, slots=True)
class EngineResource:
    """A resource as the engine has it, its properties still under Pulumi's names.

    `custom` is false for components, which only group others. `protect` keeps the engine from deleting it.
    """

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    custom: bool = True
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A graph, and the URN behind each of its resources' names; `config` is the stack's, where a file tells it."""

    graph: Graph
    urns: Mapping[str, str]
    config: Mapping[str, str] = field(default_factory=dict)


def stack_of(urn: str) -> str:
    """Give the stack's name, which every URN carries."""
    return urn.split("::", 1)[0].removeprefix("urn:pulumi:")


def project_of(urn: str) -> str:
    """Give the project's name, which every URN carries."""
    parts = urn.split("::", 2)
    return parts[1] if len(parts) > 1 else ""


def name_of(urn: str) -> str:
    """Give a resource's logical name."""
    return urn.split("::", 3)[-1]


def read_stack(resources: Sequence[EngineResource], tier: str = "", stack: str = "") -> Reading:
    """Read a whole stack."""
    judged = [r for r in resources if r.custom and not r.type.startswith("pulumi:")]
    parents = {r.urn: r for r in resources}
    names = _unique_names(judged)
    groups = {group.name: group for r in resources if (group := _group(r.type, r.name)) is not None}
    read = tuple(_read(r, names, _workload(r.parent, parents)) for r in judged)
    found = stack or next((stack_of(r.urn) for r in resources), "")
    graph = Graph(read, stack=found, tier=tier, groups=tuple(groups.values()))
    return Reading(graph, {name: urn for urn, name in names.items()})


def read_resource(resource: EngineResource, tier: str = "") -> Graph:
    """Read one resource alone, as the engine shows it before it is made; its parent is known by URN only."""
    names = {resource.urn: resource.name}
    parent_type = _own_type(resource.parent)
    group = _group(parent_type, name_of(resource.parent)) if resource.parent else None
    read = _read(resource, names, group.name if group else "")
    return Graph((read,), stack=stack_of(resource.urn), tier=tier, groups=(group,) if group else ())


def shared_tags(graph: Graph) -> dict[str, str]:
    """Give the tags that may tell the tier, as far as all resources that carry one agree on it."""
    found: dict[str, set[str]] = {}
    for resource in graph.resources:
        for key in ("tags", "tags_all"):
            tags = resource.props.get(key)
            for name, value in tags.items() if isinstance(tags, Mapping) else ():
                if name.casefold() in TIER_TAGS and isinstance(value, str):
                    found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in sorted(found.items()) if len(values) == 1}


def _read(resource: EngineResource, names: Mapping[str, str], workload: str) -> Resource:
    info = by_token(resource.type)
    type_name = info.name if info else resource.type
    sources = {
        key: tuple(names[urn] for urn in urns if urn in names) for key, urns in resource.property_dependencies.items()
    }
    by_property = {urn for urns in resource.property_dependencies.values() for urn in urns}
    return Resource(
        name=names[resource.urn],
        type=type_name,
        props=read_properties(type_name, resource.properties, sources),
        depends_on=tuple(sorted(names[u] for u in {*resource.dependencies} - by_property if u in names)),
        options=Options(protect=resource.protect),
        workload=workload,
    )


def _unique_names(resources: Iterable[EngineResource]) -> dict[str, str]:
    """Name each URN: by its name, by name and type where that is taken, or else by the whole URN."""
    resources = tuple(resources)
    plain = Counter(r.name for r in resources)
    typed = Counter((r.name, r.type) for r in resources)
    names: dict[str, str] = {}
    for resource in resources:
        if plain[resource.name] == 1:
            names[resource.urn] = resource.name
        elif typed[resource.name, resource.type] == 1:
            names[resource.urn] = f"{resource.name} ({resource.type})"
        else:
            names[resource.urn] = resource.urn
    return names


def _workload(parent: str, parents: Mapping[str, EngineResource]) -> str:
    seen: set[str] = set()
    while parent in parents and parent not in seen:
        seen.add(parent)
        found = parents[parent]
        if found.type.startswith(_WORKLOAD):
            return found.name
        parent = found.parent
    return ""


def _group(type_token: str, name: str) -> Group | None:
    return Group(name, type_token.removeprefix(_WORKLOAD)) if type_token.startswith(_WORKLOAD) else None


def _own_type(urn: str) -> str:
    """Give the resource's own type out of the chain of its parents' types."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) == 4 else ""
