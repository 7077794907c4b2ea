"""Compiled stacks, and the parts they belong to, as JSON and back: for other processes, and for a cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import date
from typing import Any

from mlstage.diagnostics import Diagnostic, Kind, Related, Severity, Where
from mlstage.graph import Graph, dump, load
from mlstage.insight import outline
from mlstage.project.clashes import Named
from mlstage.project.part import CompiledStack, Part
from mlstage.rules.waivers import Waiver


def as_data(one: CompiledStack) -> dict[str, Any]:
    """Write a compiled stack; `from_data` reads it back."""
    return {
        "spec_path": one.spec_path,
        "sources": list(one.sources),
        "outline": outline.as_data(one.outline),
        "overrides": one.overrides,
        "graph": dump(one.graph),
        "places": _places(one.graph),
        "waivers": [_waiver(waiver) for waiver in one.waivers],
    }


def from_data(data: Mapping[str, Any]) -> CompiledStack:
    """Read what `as_data` wrote."""
    return CompiledStack(
        data["spec_path"],
        tuple(data["sources"]),
        outline.from_data(data["outline"]),
        data["overrides"],
        _with_places(load(data["graph"]), data["places"]),
        tuple(_read_waiver(one) for one in data["waivers"]),
    )


def part_as_data(part: Part) -> dict[str, Any]:
    """Write a part; `part_from_data` reads it back."""
    return {
        "path": part.path,
        "sources": list(part.sources),
        "sound": part.sound,
        "environments": [
            [one.name, _where(one.where), list(one.stages), list(one.workloads), one.broken]
            for one in part.environments
        ],
        "stacks": [as_data(one) for one in part.stacks],
        "problems": [_diagnostic(one) for one in part.problems],
        "idle": [_diagnostic(one) for one in part.idle],
    }


def part_from_data(data: Any) -> Part:
    """Read what `part_as_data` wrote."""
    environments = tuple(
        Named(name, _read_where(where), tuple(stages), tuple(workloads), broken)
        for name, where, stages, workloads, broken in data["environments"]
    )
    return Part(
        data["path"],
        tuple(data["sources"]),
        data["sound"],
        environments,
        tuple(from_data(one) for one in data["stacks"]),
        tuple(_read_diagnostic(one) for one in data["problems"]),
        tuple(_read_diagnostic(one) for one in data["idle"]),
    )


def _places(graph: Graph) -> dict[str, dict[str, list[Any]]]:
    """Write the lines behind the values of each workload, which are no part of the graph itself."""
    return {group.name: {path: list(astuple(where)) for path, where in group.places.items()} for group in graph.groups}


def _with_places(graph: Graph, places: Mapping[str, Mapping[str, list[Any]]]) -> Graph:
    groups = (
        replace(group, places={path: Where(*where) for path, where in places[group.name].items()})
        for group in graph.groups
    )
    return replace(graph, groups=tuple(groups))


def _diagnostic(one: Diagnostic) -> dict[str, Any]:
    related = [[note.message, _where(note.where)] for note in one.related]
    said = {name: getattr(one, name) for name in ("code", "what", "instead", "why", "subject", "field", "stack")}
    return {**said, "severity": one.severity, "kind": one.kind, "where": _where(one.where), "related": related}


def _read_diagnostic(data: Mapping[str, Any]) -> Diagnostic:
    related = tuple(Related(message, _read_where(where)) for message, where in data["related"])
    read: dict[str, Any] = {
        "severity": Severity(data["severity"]),
        "kind": Kind(data["kind"]),
        "where": _read_where(data["where"]),
        "related": related,
    }
    return Diagnostic(**{**data, **read})


def _where(where: Where | None) -> list[Any] | None:
    return list(astuple(where)) if where else None


def _read_where(data: list[Any] | None) -> Where | None:
    return Where(*data) if data else None


def _waiver(one: Waiver) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "reason": one.reason,
        "until": one.until.isoformat(),
        "environment": one.environment,
        "workload": one.workload,
        "where": _where(one.where),
    }


def _read_waiver(data: Mapping[str, Any]) -> Waiver:
    where = _read_where(data["where"])
    until = date.fromisoformat(data["until"])
    return Waiver(data["rule"], data["reason"], until, data["environment"], data["workload"], where=where)
