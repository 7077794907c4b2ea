"""pydantic's errors in the author's terms: what is wrong with this value, on its own line, and what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mlstage.diagnostics import Diagnostic, Where
from mlstage.spec.per_stage import PerStage
from mlstage.spec.site import Site

if TYPE_CHECKING:
    from mlstage.spec.base import Node


def explain(
    error: ValidationError, node: type[Node], site: Site | None, data: Mapping[str, Any]
) -> tuple[Diagnostic, ...]:
    """Turn one node's validation errors into diagnostics, one per field and fault."""
    found = (_explain_one(details, node, site, data) for details in _relevant(error.errors()))
    return tuple(dict.fromkeys(found))


def _relevant(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Where a value fits no type of a union, pydantic tells of every one; keep what speaks of the value itself."""
    by_field: dict[object, list[ErrorDetails]] = {}
    for one in details:
        by_field.setdefault(_field_path(one)[:1], []).append(one)
    for faults in by_field.values():
        own = [one for one in faults if one["type"] in {"mlstage", "missing", "extra_forbidden"}]
        yield from own or faults[:1]


def _explain_one(one: ErrorDetails, node: type[Node], site: Site | None, data: Mapping[str, Any]) -> Diagnostic:
    path = _field_path(one)
    field = str(path[0]) if path else ""
    where = _where(path, site, data, node)
    name = node.__name__
    match one["type"]:
        case "mlstage":
            context = one["ctx"]
            return Diagnostic(
                context["code"], context["what"], context["instead"], why=context["why"], where=where, field=field
            )
        case "extra_forbidden":
            return Diagnostic(
                "SPEC101", f"{name} has no field `{field}`", _instead_of(field, node), where=where, field=field
            )
        case "missing":
            return Diagnostic(
                "SPEC102", f"{name} needs `{field}`", f"{field}=… ({_takes(field, node)})", where=where, field=field
            )
        case _:
            value = one["input"]
            what = f"`{'.'.join(map(str, path))}` of {name} takes {_takes(field, node)}; {_shown(value)} is none"
            if one["type"] in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
                what = f"`{field}` of {name} is {value!r}; {_bound(one)}"
                return Diagnostic("SPEC104", what, f"{field}={_bound_value(one)}", where=where, field=field)
            return Diagnostic("SPEC103", what, f"{field}={_takes(field, node)}", where=where, field=field)


def _field_path(one: ErrorDetails) -> tuple[str | int, ...]:
    """Drop the names of union members and validators that pydantic puts into a location."""
    first, *rest = one["loc"] or ("",)
    if one["type"] in {"extra_forbidden", "missing"}:
        return (first,)
    return (first, *(part for part in rest if isinstance(part, int) or _is_key(part)))


def _is_key(part: str) -> bool:
    return (
        part.isidentifier()
        and part not in {"value", "per_stage", "str", "int", "float", "bool", "none"}
        and (not part[0].isupper() and "function" not in part)
    )


def _where(path: tuple[str | int, ...], site: Site | None, data: Mapping[str, Any], node: type[Node]) -> Where | None:
    if site is None:
        return None
    field = str(path[0]) if path else ""
    value = data.get(field)
    if isinstance(value, PerStage) and len(path) > 1 and path[1] in value.values:
        return value.where(str(path[1]))
    if field == node.positional() and site.where_of(field) == site.where():
        return site.where_of(0)
    return site.where_of(field) if field in data else site.where()


def _instead_of(field: str, node: type[Node]) -> str:
    names = list(node.model_fields)
    close = get_close_matches(field, names, n=1)
    listed = ", ".join(names)
    return f"`{close[0]}` ({node.__name__} has {listed})" if close else f"one of {listed}"


def _bound(one: ErrorDetails) -> str:
    message = one["msg"].removeprefix("Input should be ")
    return f"it must be {message}"


def _bound_value(one: ErrorDetails) -> str:
    return str(next(iter(one["ctx"].values())))


def _shown(value: object) -> str:
    text = repr(value)
    kind = type(value).__name__
    return f"{text if len(text) <= 60 else text[:57] + '…'} ({kind})"


def _takes(field: str, node: type[Node]) -> str:
    info = node.model_fields.get(field)
    return describe(info.annotation) if info else "a value"


def describe(annotation: Any) -> str:
    """Say a field's type as an author would: `a text, Autoscale(…) or none`."""
    kinds = list(dict.fromkeys(_kinds(annotation)))
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


_WORDS: Final = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    type(None): "None",
}


def _kinds(annotation: Any) -> Iterator[str]:
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in _WORDS:
        yield _WORDS[annotation]
    elif origin is PerStage or annotation is PerStage:
        return
    elif origin is Literal:
        yield from (repr(arg) for arg in args)
    elif isinstance(annotation, type) and origin is None:
        yield f"{annotation.__name__}(…)"
    elif origin in (dict,) or "Mapping" in str(origin):
        yield f"a dict to {describe(args[1])}"
    elif "Sequence" in str(origin):
        yield f"a list of {describe(args[0])}"
    else:
        for arg in args if args else ():
            if hasattr(arg, "__args__") or isinstance(arg, type) or get_origin(arg):
                yield from _kinds(arg)
