"""A resolved environment as an outline: the language's nodes become plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from mlstage.diagnostics import Diagnostic
from mlstage.insight.outline import Allowance, Made, Outline, Plain, Source, WorkloadOutline, items
from mlstage.resolve import Resolved, ResolvedEnvironment
from mlstage.spec.base import Node
from mlstage.spec.environment import Environment
from mlstage.spec.workloads import Workload

# What the outline has elsewhere, or what is no property of what is deployed.
_APART: Final = frozenset({"name", "formerly", "waivers", "tier", "workloads", "stages", "may_differ", "watch", "tags"})


def outline_of(resolved: ResolvedEnvironment) -> Outline:
    """Outline one environment in one stack."""
    environment, stage = resolved.environment, resolved.stage
    own = {name: _plain(getattr(environment, name)) for name in type(environment).model_fields if name not in _APART}
    staged = {name: _plain(getattr(stage, name)) for name in type(stage).model_fields if name not in _APART}
    both = {"watch": _plain(resolved.watch), "tags": _plain({**environment.tags, **stage.tags})}
    return Outline(
        environment.name,
        resolved.stack,
        stage.tier,
        resolved.region,
        {**own, **staged, **both},
        tuple(_workload(one) for one in resolved.workloads),
        tuple(Allowance(one.field, one.reason, one.where()) for one in environment.may_differ),
    )


def unknown_allowances(environment: Environment, outlines: Sequence[Outline]) -> Iterator[Diagnostic]:
    """Yield an error for each `may_differ` of what the environment has in none of its stacks."""
    for one in environment.may_differ:
        if outlines and not any(_has(outline, one.field) for outline in outlines):
            known = [path for outline in outlines for path in _paths(outline)]
            close = get_close_matches(one.field, known, n=1)
            what = f"{environment.name!r} has no {one.field!r} that may differ"
            instead = f'"{close[0]}"' if close else f'"{known[0]}", for example: a workload, and the path to a field'
            yield Diagnostic("SPEC116", what, instead, where=one.where("field"), field="may_differ")


def _has(outline: Outline, path: str) -> bool:
    name, _, rest = path.partition(".")
    if path in outline.settings:
        return True
    value: Any = outline.by_name[name].fields if name in outline.by_name else None
    for part in rest.split(".") if rest else ():
        inside = _inside(value)
        if part not in inside:
            return False
        value = inside[part]
    return name in outline.by_name


def _inside(value: Plain) -> Mapping[str, Plain]:
    return value.fields if isinstance(value, Made) else value if isinstance(value, Mapping) else items(value)


def _by_names(path: str, made: Made) -> str:
    """Name what a path has by its number, as the outline does: `variants.1.weight` is `variants.canary.weight`."""
    value: Plain = made
    parts = []
    for part in path.split("."):
        names = [*items(value)] if isinstance(value, tuple) else []
        parts.append(names[int(part)] if names else part)
        value = _inside(value).get(parts[-1])
    return ".".join(parts)


def _paths(outline: Outline) -> Iterator[str]:
    for workload in outline.workloads:
        yield workload.name
        for name, value in workload.fields.items():
            yield f"{workload.name}.{name}"
            if isinstance(value, Made):
                yield from (f"{workload.name}.{name}.{inner}" for inner in value.fields)
    yield from outline.settings


def _workload(resolved: Resolved[Workload]) -> WorkloadOutline:
    made = _plain(resolved.workload)
    assert isinstance(made, Made)
    sources = {
        _by_names(path, made): Source(origin.kind, origin.where, origin.stage)
        for path, origin in resolved.origins.items()
        if origin.kind != "default" and path.partition(".")[0] not in _APART - {"tags"}
    }
    return WorkloadOutline(
        resolved.workload.name,
        made.kind,
        resolved.workload.formerly or "",
        resolved.where(),
        {name: value for name, value in made.fields.items() if name not in _APART - {"tags"}},
        made.usual,
        sources,
    )


def _plain(value: object) -> Plain:
    match value:
        case Node():
            fields = {name: _plain(getattr(value, name)) for name in type(value).model_fields}
            return Made(type(value).__name__, fields, frozenset(_usual(value)), value.positional())
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return tuple(_plain(item) for item in value)
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"{value!r} was not resolved for a stack")


def _usual(node: Node) -> Iterator[str]:
    """Name the fields that have their default, whoever gave it."""
    for name, info in type(node).model_fields.items():
        if not info.is_required() and getattr(node, name) == info.get_default(call_default_factory=True):
            yield name
