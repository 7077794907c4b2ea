"""JSON Schema of a project's stack files, so that editors complete and check `mlstage:overrides` while one types.

It is made from the fields of the language by which the overrides are checked, for the workloads of the project's own
specs: what it refuses, `mlstage check` refuses too. Bounds between values are left to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mlstage.resolve.overrides import FIXED
from mlstage.spec.base import Node
from mlstage.spec.environment import Environment
from mlstage.spec.per_stage import PerStage
from mlstage.spec.workload import Workload

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_Schema = dict[str, Any]


def language_schema() -> _Schema:
    """Describe the whole language, from `Environment` down, for tools that read or write specs."""
    return {"$schema": DRAFT, **Environment.model_json_schema()}


def stack_file_schema(environments: Iterable[Environment]) -> _Schema:
    """Describe `Pulumi.<stack>.yaml` for a project with these environments."""
    definitions: _Schema = {}
    by_name: dict[str, list[_Schema]] = {}
    for environment in environments:
        for workload in environment.workloads:
            schema = _overrides(workload, definitions)
            for name in (workload.name, f"{environment.name}/{workload.name}"):
                if schema not in by_name.setdefault(name, []):
                    by_name[name].append(schema)
    workloads = {name: found[0] if len(found) == 1 else {"anyOf": found} for name, found in sorted(by_name.items())}
    return {
        "$schema": DRAFT,
        "title": "A stack's configuration, with what it overrides of the specs",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    "aws:region": {"type": "string", "description": "The AWS region of the stack."},
                    "mlstage:overrides": {
                        "type": "object",
                        "description": "By workload, the values of its spec that are different in this stack.",
                        "properties": workloads,
                        "additionalProperties": False,
                    },
                },
            },
        },
        "$defs": dict(sorted(definitions.items())),
    }


def _overrides(workload: Workload, definitions: _Schema) -> _Schema:
    """Describe one workload's overrides: its own fields, and those of the target that it is on."""
    kind, on = type(workload), getattr(workload, "on", None)
    targets = {
        type(one) for one in (on.values.values() if isinstance(on, PerStage) else (on,)) if isinstance(one, Node)
    }
    name = " or ".join([f"{kind.__name__} on {target.__name__}" for target in _sorted(targets)]) or kind.__name__
    if name not in definitions:
        lifted = {key: one for target in _sorted(targets) for key, one in _fields(target, definitions).items()}
        fields = {**lifted, **_fields(kind, definitions)}
        kept = {key: schema for key, schema in fields.items() if key not in FIXED}
        definitions[name] = {"description": kind.__doc__, **_object(kept)}
    return {"$ref": f"#/$defs/{name}"}


def _sorted(kinds: Iterable[type[Node]]) -> list[type[Node]]:
    return sorted(kinds, key=lambda kind: kind.__name__)


def _fields(kind: type[Node], definitions: _Schema) -> _Schema:
    whole = kind.model_json_schema()
    for name, schema in whole.get("$defs", {}).items():
        if name not in definitions:
            definitions[name] = _plain(schema)
            definitions[f"{name} (value)"] = {"anyOf": [*_ways(name, schema)]}
    return {name: _plain(one) for name, one in whole["properties"].items()}


def _plain(schema: Any) -> Any:
    """Rewrite what a spec takes into what a stack's file takes: nothing is per stage, and any field may be left out."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"{schema['$ref']} (value)"}
    if _is_staged(schema):
        inner = _plain(schema["oneOf"][0])
        return {**inner, **{key: schema[key] for key in ("description", "default") if key in schema}}
    return {key: _plain(value) for key, value in schema.items() if key not in ("required", "title")}


def _is_staged(schema: _Schema) -> bool:
    choices = schema.get("oneOf", [])
    return len(choices) == 2 and choices[1].get("additionalProperties") == choices[0]


def _ways(name: str, kind: _Schema) -> Iterable[_Schema]:
    """Give the ways to write a node: its fields, its kind over its fields, its kind alone, its first value alone."""
    fields: _Schema = {"$ref": f"#/$defs/{name}"}
    first = _plain(next(iter(kind.get("properties", {}).values()), {}))
    yield fields
    yield {**_object(dict.fromkeys(_spelt(name), {"anyOf": [fields, first]} if first else fields)), "maxProperties": 1}
    if not kind.get("required"):
        yield {"enum": _spelt(name)}
    if first.get("type") in ("number", "integer", "string"):
        yield first


def _spelt(name: str) -> list[str]:
    """Spell a kind as stack files may: `KeepWarm`, `keepwarm`, `keep_warm`, `keep-warm`."""
    parts = re.findall(r"[A-Z][a-z0-9]*", name) or [name]
    lower = [part.lower() for part in parts]
    return list(dict.fromkeys([name, "".join(lower), "_".join(lower), "-".join(lower)]))


def _object(properties: Mapping[str, Any]) -> _Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}
