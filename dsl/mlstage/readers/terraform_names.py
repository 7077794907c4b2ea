"""Properties and references under Terraform's names, as the graph calls them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Final

from mlstage.graph import JsonDocument, TypeInfo, Value
from mlstage.graph.properties import Property, UnknownProperty, by_terraform_name, properties_of, terraform_properties
from mlstage.passes.hashed_names import IMMUTABLE
from mlstage.readers.terraform_kubernetes import provider_properties
from mlstage.rules.views.documents import parse_json

# Terraform's own type for what is no infrastructure: mlstage keeps there what must replace a resource.
KEEPER: Final = "terraform_data"

_VERSION: Final = re.compile(r"(.+)-([0-9a-f]{8})")
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_INDEX: Final = re.compile(r"\[[^\]]*\]")


def logical_name(name: str, info: TypeInfo | None, physical: object) -> tuple[str, str]:
    """Split what Terraform calls a version into the resource's logical name and the version.

    A type that AWS never changes carries the same hash in both of its names.
    """
    match = _VERSION.fullmatch(name) if info and info.name in IMMUTABLE else None
    if match and isinstance(physical, str) and physical.endswith(f"-{match[2]}"):
        return match[1], match[2]
    return name, ""


def known_properties(info: TypeInfo | None) -> Mapping[str, Property]:
    """Give the properties of a type by Terraform's names; none for a type that mlstage does not know."""
    try:
        if info and info.kind:
            return by_terraform_name(provider_properties(info.name))
        return terraform_properties(info.name) if info else {}
    except UnknownProperty:
        return {}


def properties_by_name(info: TypeInfo | None) -> Mapping[str, Property]:
    """Give the properties of a type by Pulumi's names; none for a type that mlstage does not know."""
    return {one.name: one for one in known_properties(info).values()}


def graph_properties(tree: Mapping[str, Value], known: Mapping[str, Property]) -> dict[str, Value]:
    """Rename properties to Pulumi's, and make a sole block an object; what is null or empty is not set."""
    found: dict[str, Value] = {}
    for name, value in tree.items():
        one = known.get(name)
        read = value if one is None else _property(value, one)
        if read is not None:
            found[one.name if one else name] = read
    return found


def _property(value: Value, one: Property) -> Value:
    if isinstance(value, tuple) and one.kind in ("block", "single"):
        if len(value) > 1:
            return tuple(_inside(item, one) for item in value)
        return _inside(value[0], one) if value else None
    if isinstance(value, tuple):
        return tuple(_inside(item, one) for item in value) if value or not one.nested else None
    if isinstance(value, Mapping) and one.kind in ("blocks", "objects"):
        return (_inside(value, one),)
    return _inside(value, one)


def _inside(value: Value, one: Property) -> Value:
    if one.inside and isinstance(value, Mapping):
        return graph_properties(value, by_terraform_name(one.inside))
    if one.kind == "number" and isinstance(value, str):
        return _number(value)
    return value


def _number(text: str) -> Value:
    """Read a number that Terraform keeps as text; text that is none stays as it is."""
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text


def with_documents(props: Mapping[str, Value], info: TypeInfo | None) -> dict[str, Value]:
    """Read the properties that hold JSON as text; what is no JSON stays text."""
    documents = [path.split(".") for path in sorted(info.documents)] if info else []
    read: Value = props
    for path in documents:
        read = _at(read, path)
    assert isinstance(read, Mapping)
    return dict(read)


def _at(value: Value, path: list[str]) -> Value:
    if isinstance(value, tuple):
        return tuple(_at(item, path) for item in value)
    if not path:
        return as_document(value)
    if isinstance(value, Mapping) and path[0] in value:
        return {**value, path[0]: _at(value[path[0]], path[1:])}
    return value


def as_document(value: Value) -> Value:
    """Read text as the document that it holds, if it is JSON."""
    if not isinstance(value, str):
        return value
    try:
        parsed = parse_json(value)
    except ValueError:
        return value
    return JsonDocument(parsed) if isinstance(parsed, (Mapping, tuple)) else value


def document_paths(info: TypeInfo | None) -> frozenset[str]:
    """Give the properties that hold JSON by Terraform's names, without indexes."""
    paths: set[str] = set()
    for path in info.documents if info else ():
        known: Mapping[str, Property] = properties_of(info.name) if info else {}
        names = []
        for name in path.split("."):
            one = known.get(name)
            names.append(one.terraform if one else name)
            known = one.inside if one else {}
        paths.add(".".join(names))
    return frozenset(paths)


def attribute(info: TypeInfo | None, path: str) -> str:
    """Give an attribute's path in Pulumi's names: `alarm_name` is `name`, and a sole block has no index."""
    known, names = known_properties(info), []
    for part in path.split(".") if path else ():
        name, index = _INDEX.sub("", part), "".join(_INDEX.findall(part))
        one = known.get(name)
        sole = one is not None and one.kind in ("block", "single")
        names.append((one.name if one else name) + ("" if sole else index))
        known = by_terraform_name(one.inside) if one else {}
    return ".".join(names)
