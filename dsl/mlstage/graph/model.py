"""Resources and the graph they form: the one form that targets write and back ends, rules and insight read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from mlstage.diagnostics import Where
from mlstage.graph.values import Ref, Value, refs

# Begins the type of what only reads, where a reader does not know it.
LOOK_UP: Final = "data."


@dataclass(frozen=True, slots=True)
class Options:
    """What the engine, rather than AWS, is told of a resource.

    `delete_before_replace=False` is the engine's default: the new one is made first. `aliases` are earlier logical
    names. `comment` is printed above the resource in generated programs.

    `version` sets apart what is never changed but made anew: each version is a resource of its own, so the former one
    stays until all the rest has gone well. A change of `trigger` replaces the resource although nothing of it changes.
    `confirm` names properties that AWS may answer success for and not change: the program then fails.

    `locks` names a resource that AWS does not let change in some ways while this one exists; what those ways are is in
    the other's `locked`. When that changes, this one is deleted before the other is updated, and then made again.

    `provider` names the resource, a `kubernetes.Provider`, that says which cluster an object goes to; without one, the
    engine takes whatever is at hand. `minutes` is how long making or changing it may take before the engine gives up;
    0 leaves that to the provider.
    """

    protect: bool = False
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    comment: str = ""
    version: str = ""
    trigger: str = ""
    confirm: tuple[str, ...] = ()
    locks: str = ""
    locked: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: a stable logical `name`, a `type` of the vocabulary, and properties in snake_case.

    `workload` is the workload it serves (empty: the environment's own). `source` is the author's line behind it.
    """

    name: str
    type: str
    props: Mapping[str, Value]
    depends_on: tuple[str, ...] = ()
    options: Options = Options()
    workload: str = ""
    source: Where | None = None

    def refs(self) -> Iterator[Ref]:
        """Yield every reference in the properties."""
        for value in self.props.values():
            yield from refs(value)

    def needs(self) -> tuple[str, ...]:
        """Name, once each, the resources that must exist before this one."""
        told = (name for name in (self.options.locks, self.options.provider) if name)
        return tuple(dict.fromkeys([*(ref.resource for ref in self.refs()), *self.depends_on, *told]))

    def with_props(self, **props: Value) -> Resource:
        """Copy with some properties set."""
        return replace(self, props={**self.props, **props})


@dataclass(frozen=True, slots=True)
class Group:
    """A workload as the graph sees it: what the resources of that name form together.

    `places` tells the line behind each value of the author, by its path in the spec (`replicas.min`); a graph that was
    read from elsewhere has none, and they do not make a graph another one. `facts` is what the author said of the
    workload that no resource holds and AWS is never told, such as the traffic it expects: cost and advice rest on it.
    """

    name: str
    kind: str
    target: str = ""
    source: Where | None = None
    places: Mapping[str, Where] = field(default_factory=dict, compare=False, repr=False)
    facts: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def place(self, path: str) -> Where | None:
        """Give the line behind a value, or behind the nearest thing that it is part of."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, self.source)


@dataclass(frozen=True)
class Graph:
    """The resources of one environment in one stack, with the little that rules must know of the stack.

    `facts` is what the author said of the stack that no resource holds, such as its monthly budget.
    """

    resources: tuple[Resource, ...]
    environment: str = ""
    stack: str = ""
    tier: str = ""
    region: str = ""
    groups: tuple[Group, ...] = ()
    exports: Mapping[str, Value] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Resource]:
        """Every resource by its logical name."""
        return {resource.name: resource for resource in self.resources}

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        """The resources of each type, in graph order."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return {name: tuple(resources) for name, resources in found.items()}

    @cached_property
    def group_by_name(self) -> Mapping[str, Group]:
        """Every workload's group by the workload's name."""
        return {group.name: group for group in self.groups}

    @cached_property
    def needs(self) -> Mapping[str, tuple[str, ...]]:
        """For each resource's name, what must exist before it; `Resource.needs` for all, worked out once."""
        return {resource.name: resource.needs() for resource in self.resources}

    @cached_property
    def users(self) -> Mapping[str, tuple[Resource, ...]]:
        """For each resource's name, the resources that refer to it or wait for it."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            for needed in self.needs[resource.name]:
                found.setdefault(needed, []).append(resource)
        return {name: tuple(resources) for name, resources in found.items()}

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What others worked out of this graph, under keys of their own: it goes when the graph goes."""
        return {}

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Give the resources of these types, in the order of the types asked for."""
        return tuple(resource for name in types for resource in self.by_type.get(name, ()))

    def with_resources(self, resources: Iterable[Resource]) -> Graph:
        """Copy with other resources."""
        return replace(self, resources=tuple(resources))
