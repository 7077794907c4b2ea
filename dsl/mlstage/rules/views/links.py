"""Following one resource to another: by reference where there is one, else by equal names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import VOCABULARY, Graph, Join, JsonDocument, Ref, Resource, Unknown, Value
from mlstage.rules.truth import Field, Truth
from mlstage.rules.views.once import once

# No name of AWS's holds it.
_HOLE: Final = "\0"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a field leads: to resources of the graph, to something outside of it, or nobody knows yet."""

    field: Field
    resources: tuple[Resource, ...]
    known: bool

    def gap(self) -> Truth:
        """Say why what is at the other end stays open."""
        return self.field.gap(f"it names {self.field.shown}, which is not in this stack" if self.known else "")


def follow(graph: Graph, field: Field, *types: str) -> Link:
    """Find the resources of these types that a field names."""
    value = field.value
    if isinstance(value, (Ref, Join)):
        found = [graph.by_name[name] for name in _referred(value) if name in graph.by_name]
        matching = tuple(resource for resource in found if resource.type in types)
        if not matching and isinstance(value, Join):
            # `arn:aws:iam::${account}:role/scorer` refers to the account, and names the role.
            matching = _named(graph, names_in(_with_holes(value)), types)
        return Link(field, matching, known=bool(matching))
    if isinstance(value, str):
        return Link(field, _named(graph, names_in(value), types), known=True)
    return Link(field, (), known=not isinstance(value, Unknown))


def _named(graph: Graph, names: Iterable[str], types: tuple[str, ...]) -> tuple[Resource, ...]:
    found = [r for kind in types for name in sorted(names) for r in _by_name(graph).get((kind, name), ())]
    return tuple({id(resource): resource for resource in found}.values())


@once
def _by_name(graph: Graph) -> dict[tuple[str, str], list[Resource]]:
    """Give the resources by their type and each text by which others may name them."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for resource in graph.resources:
        for name in names_of(resource):
            found.setdefault((resource.type, name), []).append(resource)
    return found


def names_of(resource: Resource) -> Iterator[str]:
    """Yield the literal texts by which other resources may name this one: its name in AWS, its id, its ARN."""
    info = VOCABULARY.get(resource.type)
    for key in dict.fromkeys((info.physical_name if info else "name", "arn", "id")):
        value = resource.props.get(key) if key else None
        if isinstance(value, str) and value:
            yield value


class Pointers:
    """The resources that name others by one property, found in one pass: `to` then answers for each of those.

    A resource that names one of those of `through` names what that one names: a scaling policy refers to the scalable
    target, which refers to the endpoint.
    """

    def __init__(
        self,
        pointing: Iterable[Resource],
        key: str,
        *,
        through: Pointers | None = None,
        named: Callable[[str], Iterable[str]] = lambda text: names_in(text),
    ) -> None:
        # By what is named: a resource of the graph (True), or a literal name (False).
        self._pointing: dict[tuple[bool, str], list[Resource]] = {}
        self._named: dict[str, list[tuple[bool, str]]] = {}
        self.open: list[Resource] = []
        """Those of which it is not known what they name."""
        for resource in pointing:
            value = resource.props.get(key)
            if isinstance(value, (Ref, Join)):
                for name in _referred(value):
                    self._point(resource, (True, name))
                    for passed_on in through._named.get(name, ()) if through else ():
                        self._point(resource, passed_on)
                if isinstance(value, Join):
                    # `service/${cluster}/web` refers to the cluster, and names the service.
                    for name in named(_with_holes(value)):
                        self._point(resource, (False, name))
            elif isinstance(value, str):
                for name in named(value):
                    self._point(resource, (False, name))
            elif isinstance(value, Unknown):
                self.open.append(resource)

    def _point(self, resource: Resource, at: tuple[bool, str]) -> None:
        self._pointing.setdefault(at, []).append(resource)
        self._named.setdefault(resource.name, []).append(at)

    def to(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the resources that name this one."""
        found = [*self._pointing.get((True, resource.name), ())]
        for name in names_of(resource):
            found += self._pointing.get((False, name), ())
        return tuple({id(item): item for item in found}.values())


class Mentions:
    """Which resources speak of which others somewhere inside a value: an alarm's dimensions, a schedule's input.

    A text speaks of whatever its words name; `open` are the values that nobody knows yet.
    """

    def __init__(self, speaking: Iterable[tuple[Resource, Field]]) -> None:
        self._speaking: dict[tuple[bool, str], list[Resource]] = {}
        found: list[Field] = []
        for resource, at in speaking:
            for value in leaves(at.value):
                if isinstance(value, Unknown):
                    found.append(at)
                for key in _spoken(value):
                    self._speaking.setdefault(key, []).append(resource)
        self.open = tuple(found)

    def of(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the resources that speak of this one."""
        return self._all([(True, resource.name), *((False, name) for name in names_of(resource))])

    def of_named(self, value: Value) -> tuple[Resource, ...]:
        """Give the resources that speak of what a value names as well."""
        return self._all(list(_spoken(value)))

    def _all(self, keys: Iterable[tuple[bool, str]]) -> tuple[Resource, ...]:
        found = [resource for key in keys for resource in self._speaking.get(key, ())]
        return tuple({id(item): item for item in found}.values())


def leaves(value: Value) -> Iterator[Value]:
    """Yield what a value holds that holds nothing further."""
    if isinstance(value, JsonDocument):
        yield from leaves(value.value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def _spoken(value: Value) -> Iterator[tuple[bool, str]]:
    if isinstance(value, (Ref, Join)):
        yield from ((True, name) for name in _referred(value))
    elif isinstance(value, str):
        # A name of AWS's is one word of a text, or the last part of an ARN.
        words = {value, *re.split(r"[^\w./-]+", value), *re.split(r"[^\w.-]+", value)}
        yield from ((False, word) for word in sorted(words) if word)


def _referred(value: Value) -> tuple[str, ...]:
    parts = value.parts if isinstance(value, Join) else (value,)
    return tuple(dict.fromkeys(part.resource for part in parts if isinstance(part, Ref)))


def _with_holes(value: Join) -> str:
    """Give a text with a hole where each reference stands: what holds a hole is nobody's name."""
    return "".join(part if isinstance(part, str) else _HOLE for part in value.parts)


def names_in(text: str) -> frozenset[str]:
    """Give what a text may name: itself, or what the last part of an ARN or path names."""
    return frozenset((text, re.split(r"[/:]", text)[-1]))
