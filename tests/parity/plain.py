"""Resources as plain data in the graph's words, whoever describes them, and what two descriptions differ in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mlstage.graph.properties import Property

NOTHING: Final = "nothing"


@dataclass(frozen=True)
class Described:
    """One resource: `props` are plain data in which marks stand for references, JSON documents are opened.

    `waits` names what must be there before it. `options` is what the engine, rather than AWS, is told.
    """

    type: str
    name: str
    props: Mapping[str, Any]
    waits: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """One environment in one stack: its resources by name, its look-ups, its outputs, and the objects of a cluster."""

    resources: Mapping[str, Described]
    lookups: frozenset[str]
    exports: Mapping[str, Any]


def mark(name: str, path: str) -> str:
    """Give the text that stands for an attribute of a resource, wherever it is used."""
    return f"⟪{name}.{path}⟫"


def secret_mark(key: str) -> str:
    """Give the text that stands for a secret of the stack's configuration."""
    return f"⟪secret {key}⟫"


def opened(value: Any) -> Any:
    """Open every text that is a JSON object or list: how it is spaced and escaped does not matter."""
    match value:
        case str() if value[:1] in ("{", "["):
            try:
                return {"document": opened(json.loads(value))}
            except ValueError:
                return value
        case dict():
            return {key: opened(item) for key, item in value.items()}
        case list():
            return [opened(item) for item in value]
        case _:
            return value


def ordered(value: Any, one: Property) -> Any:
    """Put a set into an order that does not depend on who wrote it."""
    return sorted(value, key=json.dumps) if one.kind == "set" and isinstance(value, list) else value


def differences(one: Description, other: Description, left: str = "Pulumi", right: str = "Terraform") -> list[str]:
    """Say, by resource and property, in what two descriptions differ, with what each has."""
    return list(_differences(one, other, left, right))


def _differences(one: Description, other: Description, left: str, right: str) -> Iterator[str]:
    for name in sorted(one.resources.keys() | other.resources.keys()):
        mine, theirs = one.resources.get(name), other.resources.get(name)
        if mine is None or theirs is None:
            there = mine or theirs
            assert there is not None
            yield f"{name} ({there.type}): only {left if mine else right} has it"
            continue
        where = f"{name} ({mine.type})"
        said = f"{left} has {{}}, {right} has {{}}"
        if mine.type != theirs.type:
            yield f"{where}: {said.format(mine.type, theirs.type)}"
        for path, has, other_has in unlike(mine.props, theirs.props):
            yield f"{where} {path}: {said.format(has, other_has)}"
        for path, has, other_has in unlike(mine.options, theirs.options):
            yield f"{where} [{path}]: {said.format(has, other_has)}"
        if mine.waits != theirs.waits:
            yield f"{where} [waits for]: {said.format(sorted(mine.waits), sorted(theirs.waits))}"
    for look_up in sorted(one.lookups ^ other.lookups):
        yield f"look-up {look_up}: only {left if look_up in one.lookups else right} has it"
    for path, has, other_has in unlike(one.exports, other.exports):
        yield f"output {path}: {left} has {has}, {right} has {other_has}"


def unlike(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield each path at which two values differ, with what is there in both. `True` is not `1`, `8.0` is `8`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted(one.keys() | other.keys()):
            inner = f"{path}.{key}" if path else str(key)
            if key in one and key in other:
                yield from unlike(one[key], other[key], inner)
            else:
                yield inner, _shown(one, key), _shown(other, key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from unlike(mine, theirs, f"{path}[{index}]")
    elif one != other or isinstance(one, bool) is not isinstance(other, bool):
        yield path, _text(one), _text(other)


def _shown(values: Mapping[str, Any], key: str) -> str:
    return _text(values[key]) if key in values else NOTHING


def _text(value: Any) -> str:
    """Show a value; the engine's numbers have a point, and a whole one means the same without."""
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)
