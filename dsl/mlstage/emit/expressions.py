"""Values of the graph as Python expressions: references become variables, documents become calls of `json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from mlstage.emit.printer import Call, Code, Expression, Extended
from mlstage.emit.variables import config_variable
from mlstage.graph import (
    VOCABULARY,
    ConfigSecret,
    GraphError,
    Join,
    JsonDocument,
    Options,
    Ref,
    Resource,
    Unknown,
    Value,
)
from mlstage.graph import refs as refs_in

_ATTRIBUTE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\d+\])*", re.ASCII)
TAGS: Final = "TAGS"


@dataclass(frozen=True, slots=True)
class Names:
    """The variables of a program: of its workloads, its resources and its locks, and the tags that have a constant."""

    groups: Mapping[str, str]
    resources: Mapping[str, str]
    tags: Mapping[str, str]
    locks: Mapping[str, str] = field(default_factory=dict)


def expression(value: Value, names: Names) -> Expression:
    """Turn a value of the graph into an expression; what no program can say raises `GraphError`."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Ref(resource, attribute):
            if resource not in names.resources:
                raise GraphError(f"a value refers to {resource!r}, which does not exist")
            return Code(_attribute(names.resources[resource], attribute))
        case Join(parts):
            return _joined(parts, names)
        case JsonDocument(inner):
            function = "json.dumps" if _is_plain(inner) else "pulumi.Output.json_dumps"
            return Call(function, (expression(inner, names),))
        case ConfigSecret(key):
            namespace, _, name = key.rpartition(":")
            return Call(f"{config_variable(namespace)}.require_secret", (name,))
        case Unknown():
            raise GraphError("a value that is not known yet cannot be written into a program")
        case tuple():
            return tuple(expression(item, names) for item in value)
        case Mapping():
            return {key: expression(item, names) for key, item in value.items()}
        case _:
            assert_never(value)


def _attribute(variable: str, attribute: str) -> str:
    if not _ATTRIBUTE.fullmatch(attribute):
        raise GraphError(f"{attribute!r} is no attribute that a program can read")
    return f"{variable}.{attribute}"


def _joined(parts: tuple[str | Ref, ...], names: Names) -> Expression:
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    # A format reads like the text that it makes, but for braces of the text's own, which would have to be doubled.
    references = tuple(expression(part, names) for part in parts if isinstance(part, Ref))
    if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
        return Call("pulumi.Output.concat", tuple(expression(part, names) for part in parts))
    text = "".join(part if isinstance(part, str) else "{}" for part in parts)
    return Call("pulumi.Output.format", (text, *references))


def _is_plain(value: Value) -> bool:
    match value:
        case ConfigSecret():
            return False
        case JsonDocument(inner):
            return _is_plain(inner)
        case tuple():
            return all(_is_plain(item) for item in value)
        case Mapping():
            return all(_is_plain(item) for item in value.values())
        case _:
            return next(refs_in(value), None) is None


def tags(value: Value, names: Names) -> Expression:
    """Write a `tags` mapping by what it adds to the constant that most resources share."""
    if not isinstance(value, Mapping) or not names.tags or not names.tags.keys() <= value.keys():
        return expression(value, names)
    extra = {key: item for key, item in value.items() if names.tags.get(key) != item}
    if not extra:
        return Code(TAGS)
    return Extended(TAGS, {key: expression(item, names) for key, item in extra.items()})


def resource_options(resource: Resource, names: Names) -> Call | None:
    """Write what the engine is told of a resource; None if that is nothing."""
    if VOCABULARY[resource.type].data:
        return _lookup_options(resource, names)
    options = resource.options
    keywords: dict[str, Expression] = {}
    if resource.workload:
        keywords["parent"] = Code(names.groups[resource.workload])
    if options.provider:
        keywords["provider"] = Code(names.resources[options.provider])
    for name in ("protect", "delete_before_replace", "retain_on_delete"):
        if getattr(options, name):
            keywords[name] = True
    if options.ignore_changes:
        keywords["ignore_changes"] = tuple(_engine_path(path) for path in options.ignore_changes)
    if options.minutes:
        limits = dict.fromkeys(("create", "update"), f"{options.minutes}m")
        keywords["custom_timeouts"] = Call("pulumi.CustomTimeouts", keywords=limits)
    if options.trigger:
        keywords["replacement_trigger"] = options.trigger
    if options.aliases:
        earlier = (engine_name(replace(resource, name=alias)) for alias in options.aliases)
        keywords["aliases"] = tuple(Call("pulumi.Alias", keywords={"name": name}) for name in earlier)
    waited_for = [names.resources[name] for name in resource.depends_on]
    if options.locked:
        waited_for.append(names.locks[resource.name])
    if waited_for:
        keywords["depends_on"] = tuple(map(Code, waited_for))
    return Call("pulumi.ResourceOptions", keywords=keywords) if keywords else None


def engine_name(resource: Resource) -> str:
    """Give the name by which the engine knows a resource: each version of one is another to it."""
    return f"{resource.name}-{resource.options.version}" if resource.options.version else resource.name


def _lookup_options(resource: Resource, names: Names) -> Call | None:
    if Options(comment=resource.options.comment) != resource.options:
        raise GraphError(f"{resource.name!r} is a look-up: it takes no resource options")
    if not resource.depends_on:
        return None
    waited_for = tuple(Code(names.resources[name]) for name in resource.depends_on)
    return Call("pulumi.InvokeOutputOptions", keywords={"depends_on": waited_for})


def _engine_path(path: str) -> str:
    # The SDK translates a property's own name; in a path into it, it expects the engine's spelling.
    if path.isidentifier():
        return path
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), path)
