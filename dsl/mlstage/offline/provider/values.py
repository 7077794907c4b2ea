"""Property values between the engine's protobuf and plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct
from google.protobuf.struct_pb2 import Value as Proto

# Pulumi's wire names, fixed by its protocol: an unknown value is this text, special objects carry this key.
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_ASSETS: Final = frozenset({"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"})


class Unknown:
    """A value that the engine cannot tell yet; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def decode(struct: Struct) -> dict[str, Any]:
    """Turn properties into plain values; secrets are unwrapped, since this provider tells the engine it takes none."""
    return {name: _decode(value) for name, value in struct.fields.items() if value.WhichOneof("kind") != "null_value"}


def encode(values: Mapping[str, Any]) -> Struct:
    """Turn plain values into properties."""
    return Struct(fields={name: _encode(value) for name, value in values.items()})


def contains_unknown(value: Any) -> bool:
    """Tell whether a value or a part of it is unknown."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def is_asset(value: Any) -> bool:
    """Tell whether a value is a file or an archive."""
    return isinstance(value, dict) and value.get(_SIGNATURE) in _ASSETS


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and kind (`add`, `delete`, `update`) of every smallest part in which two values differ."""
    if isinstance(old, dict) and isinstance(new, dict) and not is_asset(old) and not is_asset(new):
        for name in sorted(old.keys() | new.keys()):
            inner = join_path(path, name)
            if name not in new:
                yield inner, "delete"
            elif name not in old:
                yield inner, "add"
            else:
                yield from differences(old[name], new[name], inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            inner = f"{path}[{index}]"
            if index >= len(new):
                yield inner, "delete"
            elif index >= len(old):
                yield inner, "add"
            else:
                yield from differences(old[index], new[index], inner)
    elif old is UNKNOWN or new is UNKNOWN or old != new:
        yield path, "update"


def join_path(path: str, name: str) -> str:
    """Append a property's name to a path, quoting names such as tag keys that contain dots."""
    if not name.isidentifier():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{name}" if path else name


def camel_case(name: str) -> str:
    """Give a property's name as it travels to the engine; the vocabulary has it in snake_case."""
    head, *words = name.split("_")
    return head + "".join(word.capitalize() for word in words)


def _decode(value: Proto) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_decode(item) for item in value.list_value.values]
        case "struct_value":
            fields = value.struct_value.fields
            if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
                return _decode(fields["value"])
            return decode(value.struct_value)
        case _:
            return None


def _encode(value: Any) -> Proto:
    if value is None:
        return Proto(null_value=0)  # type: ignore[arg-type]
    if value is UNKNOWN:
        return Proto(string_value=_UNKNOWN_TEXT)
    if isinstance(value, bool):
        return Proto(bool_value=value)
    if isinstance(value, (int, float)):
        return Proto(number_value=value)
    if isinstance(value, str):
        return Proto(string_value=value)
    if isinstance(value, Mapping):
        return Proto(struct_value=encode(value))
    return Proto(list_value=ListValue(values=[_encode(item) for item in value]))
