"""The schema of a package as Pulumi's languages without one of their own ask for it: YAML programs are checked by it.

The installed Python package of a provider ships none, but says the same by its classes, which `schema.py` reads. Given
are the types of the vocabulary: all of AWS's would be minutes of reading, and are not what is judged. Of functions and
of the provider's own settings nothing is given.
https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mlstage.graph import VOCABULARY
from mlstage.offline.provider.reflect import Shape
from mlstage.offline.provider.schema import AWS, Field, ResourceType, package_of, package_version, resource_type

_ANY: Final = {"$ref": "pulumi.json#/Any"}
_PLAIN: Final = {"s": "string", "i": "integer", "n": "number", "b": "boolean"}


def package_schema(package: str = AWS) -> str:
    """Give the schema of a package as JSON. Raises `SchemaError` where the package cannot be read."""
    tokens = sorted(info.token for info in VOCABULARY.values() if _is_of(package, info.token) and not info.data)
    known = [found for token in tokens if (found := resource_type(token)) is not None]
    types: dict[str, Any] = {}
    for one in known:
        types |= {_type_token(one, name): _object(one, fields) for name, fields in one.types.items()}
    document = {
        "name": package.removeprefix("pulumi_"),
        "version": package_version(package),
        # `aws:sagemaker:Model` is short for `aws:sagemaker/model:Model`.
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
        "types": types,
        "resources": {one.token: _resource(one) for one in known},
    }
    return json.dumps(document, separators=(",", ":"))


def _is_of(package: str, token: str) -> bool:
    return package_of(token) == package


def _resource(one: ResourceType) -> dict[str, Any]:
    given = {name: _property(one, field.shape) for name, field in one.inputs.items()}
    return {
        "inputProperties": given,
        "requiredInputs": sorted(name for name, field in one.inputs.items() if field.required),
        "properties": {name: _property(one, output.shape) for name, output in one.outputs.items()},
        "required": sorted(name for name, output in one.outputs.items() if not output.optional),
    }


def _object(one: ResourceType, fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _property(one, field.shape) for name, field in fields.items()},
        "required": sorted(name for name, field in fields.items() if field.required),
    }


def _property(one: ResourceType, shape: Shape) -> dict[str, Any]:
    """Turn a shape into a type of the schema; what may be one of several, or a file, is anything."""
    match shape:
        case str() if shape in _PLAIN:
            return {"type": _PLAIN[shape]}
        case ["[", inner]:
            return {"type": "array", "items": _property(one, inner)}
        case ["{", inner]:
            return {"type": "object", "additionalProperties": _property(one, inner)}
        case ["@", name]:
            return {"$ref": f"#/types/{_type_token(one, name)}"}
        case _:
            return dict(_ANY)


def _type_token(one: ResourceType, name: str) -> str:
    """Name a nested type within its module, where its name is unique."""
    package, module, _ = one.token.split(":")
    return f"{package}:{module.partition('/')[0]}/{name}:{name}"
