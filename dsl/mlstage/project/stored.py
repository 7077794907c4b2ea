"""A compiled stack as JSON's kinds and back: what passes between processes, and what a cache keeps.

The lines behind single values, which a graph's groups know, are not kept: rules have been asked by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from typing import Any

from mlstage.diagnostics import Where
from mlstage.graph import dump, load
from mlstage.insight import outline
from mlstage.project.parts import CompiledStack
from mlstage.rules.waivers import Waiver


def as_data(one: CompiledStack) -> dict[str, Any]:
    """Write a compiled stack; `from_data` reads it back."""
    return {
        "spec_path": one.spec_path,
        "sources": list(one.sources),
        "outline": outline.as_data(one.outline),
        "overrides": one.overrides,
        "graph": dump(one.graph),
        "waivers": [_waiver(waiver) for waiver in one.waivers],
    }


def from_data(data: Mapping[str, Any]) -> CompiledStack:
    """Read what `as_data` wrote."""
    return CompiledStack(
        data["spec_path"],
        tuple(data["sources"]),
        outline.from_data(data["outline"]),
        data["overrides"],
        load(data["graph"]),
        tuple(_read_waiver(one) for one in data["waivers"]),
    )


def _waiver(one: Waiver) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "reason": one.reason,
        "until": one.until.isoformat(),
        "environment": one.environment,
        "workload": one.workload,
        "where": list(astuple(one.where)) if one.where else None,
    }


def _read_waiver(data: Mapping[str, Any]) -> Waiver:
    where = Where(*data["where"]) if data["where"] else None
    until = date.fromisoformat(data["until"])
    return Waiver(data["rule"], data["reason"], until, data["environment"], data["workload"], where=where)
