"""Objects of Kubernetes as the manifests that `kubectl` takes, and back: the same properties in another spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstage.graph.model import Resource
from mlstage.graph.properties import Property, properties_of
from mlstage.graph.values import ConfigSecret, Join, JsonDocument, Ref, Unknown, Value
from mlstage.graph.vocabulary import VOCABULARY, TypeInfo


class NoManifest(Exception):
    """A value that no manifest can hold, because it is known only once something else exists."""


def is_object(resource: Resource) -> bool:
    """Tell whether a resource is an object of Kubernetes."""
    return bool(VOCABULARY[resource.type].kind)


def manifest(resource: Resource) -> dict[str, Any]:
    """Write an object as its manifest, plain data in the order in which people write it.

    Raises `NoManifest` for a reference: a manifest stands for itself.
    """
    info = VOCABULARY[resource.type]
    body = _object(resource.props, properties_of(info.name), resource.name)
    return {"apiVersion": info.api_version, "kind": info.kind, **body}


def kind_of(document: Mapping[str, Any]) -> TypeInfo | None:
    """Find the type of a manifest."""
    found = (document.get("apiVersion"), document.get("kind"))
    return next((info for info in VOCABULARY.values() if info.kind and (info.api_version, info.kind) == found), None)


def _object(value: Mapping[str, Value], known: Mapping[str, Property], path: str) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, item in value.items():
        if item is None:
            continue
        one = known[name]
        written[one.terraform] = _value(item, one, f"{path}.{name}")
    return written


def _value(value: Value, one: Property, path: str) -> Any:
    match value:
        case Ref() | Join() | ConfigSecret() | Unknown() | JsonDocument():
            raise NoManifest(f"{path} holds {value!r}, which is known only once that exists")
        case tuple():
            return [_value(item, one, path) for item in value]
        case Mapping() if one.inside:
            return _object(value, one.inside, path)
        case Mapping():
            return {key: _value(item, one, f"{path}.{key}") for key, item in value.items()}
        case _:
            return value
