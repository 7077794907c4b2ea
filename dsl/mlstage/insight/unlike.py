"""Where two resources differ, property by property."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mlstage.graph import JsonDocument, Resource, Value


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property, or a part of one, that differs. None stands for what is not there as well."""

    path: str
    before: Value
    after: Value

    @property
    def name(self) -> str:
        """The property of the resource that the part belongs to."""
        return self.path.partition(".")[0].partition("[")[0]


def same(before: Value, after: Value) -> bool:
    """Compare as the engine does: 1 and True are two things, 1 and 1.0 one."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)


Same: TypeAlias = Callable[[Value, Value], bool]


def property_changes(before: Resource, after: Resource, alike: Same = same) -> tuple[PropertyChange, ...]:
    """Give what differs between two resources of one type, as deep as both sides have the same shape."""
    return tuple(_inside(before.props, after.props, "", alike))


def _inside(before: Value, after: Value, path: str, alike: Same) -> Iterator[PropertyChange]:
    match before, after:
        case Mapping(), Mapping():
            for name in dict.fromkeys((*before, *after)):
                yield from _inside(before.get(name), after.get(name), f"{path}.{name}" if path else name, alike)
        case JsonDocument(one), JsonDocument(other):
            yield from _inside(one, other, path, alike)
        case tuple(), tuple() if len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _inside(one, other, f"{path}[{number}]", alike)
        case _:
            if not alike(before, after):
                yield PropertyChange(path, before, after)
