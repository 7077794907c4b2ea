"""A graph that was read back beside the one that was emitted: what differs, and what a format cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlstage.graph import Graph, Join, JsonDocument, Ref, Resource, Value, transform

# By type and property, in words: what the format does not have, or has otherwise.
Allowances = Mapping[tuple[str, str], str]
NOTHING = "nothing"


@dataclass(frozen=True)
class Lost:
    """One place where what was read is not what was emitted."""

    resource: str
    type: str
    path: str
    emitted: str
    read: str

    @property
    def key(self) -> tuple[str, str]:
        """What an allowance of it is listed under."""
        return self.type, re.sub(r"\[\d+\]", "[]", self.path)

    def __str__(self) -> str:
        return f"{self.resource} ({self.type}) {self.path}: emitted {self.emitted}, read {self.read}"


def compared(emitted: Mapping[str, Resource], read: Mapping[str, Resource]) -> Iterator[Lost]:
    """Yield every difference between resources of the same names."""
    for name in sorted(emitted.keys() | read.keys()):
        mine, theirs = emitted.get(name), read.get(name)
        if mine is None or theirs is None:
            there = mine or theirs
            assert there is not None
            yield Lost(name, there.type, "", "it" if mine else NOTHING, "it" if theirs else NOTHING)
            continue
        if mine.type != theirs.type:
            yield Lost(name, mine.type, "type", mine.type, theirs.type)
        for path, one, other in unlike(plain(mine.props), plain(theirs.props)):
            yield Lost(name, mine.type, path, one, other)
        if set(mine.depends_on) != set(theirs.depends_on):
            yield Lost(name, mine.type, "[depends on]", repr(mine.depends_on), repr(theirs.depends_on))
        if mine.workload != theirs.workload:
            yield Lost(name, mine.type, "[workload]", mine.workload, theirs.workload)
        if mine.options.protect != theirs.options.protect:
            yield Lost(name, mine.type, "[protect]", str(mine.options.protect), str(theirs.options.protect))


def plain(value: Mapping[str, Value]) -> Value:
    """Leave out what is not set, and take text made of one reference for the reference."""

    def change(part: Value) -> Value:
        match part:
            case Join((Ref() as only,)):
                return only
            case Mapping():
                return {key: item for key, item in part.items() if item is not None}
            case _:
                return part

    return transform(value, change)


def unlike(one: Value, other: Value, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield each path at which two values differ, with both."""
    match one, other:
        case Mapping(), Mapping():
            for key in sorted(one.keys() | other.keys()):
                inner = f"{path}.{key}" if path else key
                if key in one and key in other:
                    yield from unlike(one[key], other[key], inner)
                else:
                    yield (
                        inner,
                        repr(one[key]) if key in one else NOTHING,
                        repr(other[key]) if key in other else NOTHING,
                    )
        case JsonDocument(), JsonDocument():
            yield from unlike(one.value, other.value, path)
        case tuple(), tuple() if len(one) == len(other):
            for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
                yield from unlike(mine, theirs, f"{path}[{index}]")
        case _ if one != other or isinstance(one, bool) is not isinstance(other, bool):
            yield path, repr(one), repr(other)


def beyond(found: Iterable[Lost], allowed: Allowances) -> list[str]:
    """List what no allowance explains."""
    return [str(one) for one in found if one.key not in allowed]


def mutations(graph: Graph) -> Iterator[tuple[str, Graph]]:
    """Yield, by the name of the resource, graphs that differ in one thing: a resource, a property, a reference."""
    for one in graph.resources:
        others = [other for other in graph.resources if other is not one]
        yield one.name, graph.with_resources(others)
        for change in (_other_property, _other_reference, _waiting):
            if (changed := change(one)) != one:
                yield one.name, graph.with_resources([*others, changed])


def _other_property(one: Resource) -> Resource:
    name = next((name for name, value in one.props.items() if isinstance(value, str)), "tags")
    return one.with_props(**{name: "another"})


def _other_reference(one: Resource) -> Resource:
    def change(part: Value) -> Value:
        return Ref(part.resource, f"{part.attribute}_other") if isinstance(part, Ref) else part

    return replace(one, props={name: transform(value, change) for name, value in one.props.items()})


def _waiting(one: Resource) -> Resource:
    return replace(one, depends_on=(*one.depends_on, "another"))
