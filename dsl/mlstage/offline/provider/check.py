"""Compare a resource's inputs with what Pulumi's package allows, and name the property of every fault."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Final

from mlstage.offline.provider import documents
from mlstage.offline.provider.reflect import Shape
from mlstage.offline.provider.schema import Field, ResourceType, all_tokens, package_of
from mlstage.offline.provider.values import UNKNOWN, is_asset, join_path

_NAMES: Final = {
    "s": "text",
    "i": "a whole number",
    "n": "a number",
    "b": "true or false",
    "f": "a file or an archive",
}


def faults(kind: ResourceType, inputs: dict[str, Any]) -> list[str]:
    """List every fault as `path: what is wrong; what to write`; unknown values are not judged."""
    found = list(_object(kind.inputs, inputs, "", kind))
    policies = tuple(
        name for name, field in kind.inputs.items() if documents.is_document(kind.token, name, field.shape)
    )
    plain = tuple(name for name in policies if isinstance(inputs.get(name), str))
    found += [f"{path}: {fault}" for path, fault in documents.faults(kind.token, inputs, plain)]
    return list(dict.fromkeys(found))


def unknown_type(token: str) -> str:
    """Say that a type does not exist, with the nearest ones."""
    package = package_of(token)
    near = difflib.get_close_matches(token, all_tokens(package), n=3, cutoff=0.8)
    return f"{token} is no resource type of the installed {package}{_did_you_mean(near)}"


def _object(fields: dict[str, Field], value: dict[str, Any], path: str, kind: ResourceType) -> Iterator[str]:
    for name, item in value.items():
        if name.startswith("__"):
            continue
        place = join_path(path, name)
        if name in fields:
            yield from _value(fields[name].shape, item, place, kind)
        else:
            yield f"{place}: not a property of {kind.token}{_did_you_mean(_nearest(name, fields))}"
    for name, field in fields.items():
        if field.required and name not in value:
            yield f"{join_path(path, name)}: missing; {kind.token} requires it"


def _value(shape: Shape, value: Any, path: str, kind: ResourceType) -> Iterator[str]:
    if value is UNKNOWN or value is None or shape == "*":
        return
    if isinstance(shape, str):
        if not _is_plain(shape, value):
            yield _mismatch(path, value, _NAMES[shape])
        return
    match shape:
        case ["[", inner]:
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from _value(inner, item, f"{path}[{index}]", kind)
            else:
                yield _mismatch(path, value, "a list")
        case ["{", inner]:
            if isinstance(value, dict) and not is_asset(value):
                for name, item in value.items():
                    yield from _value(inner, item, join_path(path, name), kind)
            else:
                yield _mismatch(path, value, "a mapping")
        case ["@", name]:
            if isinstance(value, dict) and not is_asset(value):
                yield from _object(kind.types[name], value, path, kind)
            else:
                yield _mismatch(path, value, f"an object with {_few(kind.types[name])}")
        case ["|", *shapes]:
            yield from _any_of(shapes, value, path, kind)


def _any_of(shapes: list[Shape], value: Any, path: str, kind: ResourceType) -> Iterator[str]:
    attempts = [list(_value(shape, value, path, kind)) for shape in shapes]
    if all(attempts):
        # The attempt that got furthest into the value says best what is wrong with it.
        yield from max(attempts, key=lambda faults: max(len(fault.partition(": ")[0]) for fault in faults))


def _is_plain(shape: str, value: Any) -> bool:
    match shape:
        case "s":
            return isinstance(value, str)
        case "b":
            return isinstance(value, bool)
        case "f":
            return is_asset(value)
        case "i":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()
        case _:
            return isinstance(value, (int, float)) and not isinstance(value, bool)


def _mismatch(path: str, value: Any, wanted: str) -> str:
    # The value itself is not shown: it may be a secret.
    return f"{path}: is {_name_of(value)}, and must be {wanted}"


def _name_of(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "a file or an archive" if is_asset(value) else "a mapping"


def _nearest(name: str, fields: dict[str, Field]) -> list[str]:
    # Written in snake_case, in a dict that pulumi_aws could not translate, the right letters still match.
    plain = {field.lower(): field for field in fields}
    near = difflib.get_close_matches(name.replace("_", "").lower(), plain, n=3, cutoff=0.6)
    return [plain[match] for match in near]


def _did_you_mean(names: list[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _few(fields: dict[str, Field]) -> str:
    return ", ".join(list(fields)[:3]) + (", …" if len(fields) > 3 else "")
