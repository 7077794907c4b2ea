"""The graph as JSON and back: what goldens hold and what a reader's graph is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final, assert_never

from mlstage.diagnostics import Where
from mlstage.graph.model import Graph, Group, Options, Resource
from mlstage.graph.values import UNKNOWN, ConfigSecret, Join, JsonDocument, Ref, Unknown, Value

VERSION: Final = 1


def dump(graph: Graph) -> str:
    """Write a graph as JSON, keys in the graph's own order; `load` reads it back equal."""
    document: dict[str, object] = {
        "version": VERSION,
        "environment": graph.environment,
        "stack": graph.stack,
        "tier": graph.tier,
        "region": graph.region,
        **({"facts": dump_value(graph.facts)} if graph.facts else {}),
        "groups": [_dump_group(group) for group in graph.groups],
        "resources": [_dump_resource(resource) for resource in graph.resources],
        "exports": {key: dump_value(value) for key, value in graph.exports.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(text: str) -> Graph:
    """Read what `dump` wrote. Raises `ValueError` on another version."""
    document = json.loads(text)
    if document.get("version") != VERSION:
        raise ValueError(f"graph version {document.get('version')!r}; this mlstage reads version {VERSION}")
    return Graph(
        resources=tuple(_load_resource(item) for item in document["resources"]),
        environment=document["environment"],
        stack=document["stack"],
        tier=document["tier"],
        region=document["region"],
        groups=tuple(_load_group(item) for item in document["groups"]),
        exports={key: load_value(value) for key, value in document["exports"].items()},
        facts=_load_facts(document),
    )


def dump_value(value: Value) -> Any:
    """Write one value; what is not plain JSON becomes an object with a single `$` key."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Ref(resource, attribute):
            return {"$ref": [resource, attribute] if "." in attribute else f"{resource}.{attribute}"}
        case Join(parts):
            return {"$join": [dump_value(part) for part in parts]}
        case JsonDocument(inner):
            return {"$json": dump_value(inner)}
        case ConfigSecret(key):
            return {"$secret": key}
        case Unknown():
            return {"$unknown": True}
        case tuple():
            return [dump_value(item) for item in value]
        case Mapping():
            # A text may start with $ in an author's tag: such a key is marked, so that it is not read as one of ours.
            return {f"${key}" if key.startswith("$") else key: dump_value(item) for key, item in value.items()}
        case _:
            assert_never(value)


def load_value(data: Any) -> Value:
    """Read one value that `dump_value` wrote."""
    match data:
        case {"$ref": str(text)}:
            resource, _, attribute = text.rpartition(".")
            return Ref(resource, attribute)
        case {"$ref": [str(resource), str(attribute)]}:
            return Ref(resource, attribute)
        case {"$join": list(parts)}:
            return Join(tuple(part if isinstance(part, str) else _load_ref(part) for part in parts))
        case {"$json": inner}:
            return JsonDocument(load_value(inner))
        case {"$secret": str(key)}:
            return ConfigSecret(key)
        case {"$unknown": True}:
            return UNKNOWN
        case dict():
            return {key.removeprefix("$") if key.startswith("$") else key: load_value(v) for key, v in data.items()}
        case list():
            return tuple(load_value(item) for item in data)
        case None | bool() | int() | float() | str():
            return data
        case _:
            raise ValueError(f"{type(data).__name__} is no value of a graph")


def _load_ref(data: Any) -> Ref:
    value = load_value(data)
    if not isinstance(value, Ref):
        raise ValueError(f"{data!r} is no reference")
    return value


def _dump_group(group: Group) -> dict[str, object]:
    plain = _without_defaults(asdict(replace(group, places={}, facts={})))
    return {**plain, **({"facts": dump_value(group.facts)} if group.facts else {})}


def _load_group(data: Mapping[str, Any]) -> Group:
    return Group(**{**data, "source": _load_where(data.get("source")), "facts": _load_facts(data)})


def _load_facts(data: Mapping[str, Any]) -> dict[str, Value]:
    return {key: load_value(value) for key, value in data.get("facts", {}).items()}


def _dump_resource(resource: Resource) -> dict[str, object]:
    return {
        "name": resource.name,
        "type": resource.type,
        **({"workload": resource.workload} if resource.workload else {}),
        "props": {key: dump_value(value) for key, value in resource.props.items()},
        **({"depends_on": list(resource.depends_on)} if resource.depends_on else {}),
        **({"options": options} if (options := _without_defaults(asdict(resource.options))) else {}),
        **({"source": _without_defaults(asdict(resource.source))} if resource.source else {}),
    }


def _load_resource(data: Mapping[str, Any]) -> Resource:
    options: dict[str, Any] = data.get("options", {})
    options = {key: tuple(v) if isinstance(v, list) else v for key, v in options.items()}
    return Resource(
        name=data["name"],
        type=data["type"],
        props={key: load_value(value) for key, value in data["props"].items()},
        depends_on=tuple(data.get("depends_on", ())),
        options=Options(**options),
        workload=data.get("workload", ""),
        source=_load_where(data.get("source")),
    )


def _load_where(data: Mapping[str, Any] | None) -> Where | None:
    return Where(**data) if data else None


def _without_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _without_defaults(value) if isinstance(value, dict) else value for key, value in data.items() if value}
