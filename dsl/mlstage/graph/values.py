"""The closed set of values that a property of a resource may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Ref:
    """An attribute that another resource of the graph has once it exists: `arn`, or `names[0]` of a list."""

    resource: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Join:
    """Text with references in it: the parts are set side by side."""

    parts: tuple[str | Ref, ...]


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A policy or pipeline document, kept as data so that references in it stay references."""

    value: Value


@dataclass(frozen=True, slots=True)
class ConfigSecret:
    """A secret of the stack's configuration, by its key; its text never enters the graph."""

    key: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a preview or plan cannot tell yet; it is neither true nor false, and rules must say so."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = (
    "Scalar | Ref | Join | JsonDocument | ConfigSecret | Unknown | tuple[Value, ...] | Mapping[str, Value]"
)


def join(*parts: str | Ref | Join) -> str | Join:
    """Set text and references side by side, merging neighbouring text; pure text comes back as `str`."""
    flat: list[str | Ref] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Join) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if all(isinstance(piece, str) for piece in flat):
        return "".join(str(piece) for piece in flat)
    return Join(tuple(flat))


def refs(value: Value) -> Iterator[Ref]:
    """Yield every reference inside a value, in reading order."""
    found: list[Ref] = []
    _collect(value, found)
    return iter(found)


def secrets(value: Value) -> Iterator[ConfigSecret]:
    """Yield every secret of the stack's configuration inside a value, in reading order."""
    match value:
        case ConfigSecret():
            yield value
        case JsonDocument(inner):
            yield from secrets(inner)
        case tuple():
            for item in value:
                yield from secrets(item)
        case Mapping():
            for item in value.values():
                yield from secrets(item)
        case _:
            return


def _collect(value: Value, found: list[Ref]) -> None:
    # Every pass asks it of every value: one list that grows is several times faster than generators in generators.
    match value:
        case str() | None | bool() | int() | float():
            return
        case dict():
            for item in value.values():
                _collect(item, found)
        case tuple():
            for item in value:
                _collect(item, found)
        case Ref():
            found.append(value)
        case Join(parts):
            found.extend(part for part in parts if isinstance(part, Ref))
        case JsonDocument(inner):
            _collect(inner, found)
        case ConfigSecret() | Unknown():
            return
        case Mapping():
            for item in value.values():
                _collect(item, found)
        case _:
            assert_never(value)


def transform(value: Value, change: Callable[[Value], Value]) -> Value:
    """Rebuild a value from the leaves up, passing every part through `change`."""
    match value:
        case tuple():
            return change(tuple(transform(item, change) for item in value))
        case Mapping():
            return change({key: transform(item, change) for key, item in value.items()})
        case JsonDocument(inner):
            return change(JsonDocument(transform(inner, change)))
        case _:
            return change(value)
