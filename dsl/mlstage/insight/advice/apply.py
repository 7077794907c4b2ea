"""Advice as lines for the spec: what to write, and where."""

from __future__ import annotations

from math import floor
from typing import Final

from mlstage.graph import Graph
from mlstage.insight.advice.advise import Advice
from mlstage.insight.advice.choice import Choice
from mlstage.insight.advice.machines import REALTIME

_STEP: Final = 10


def lines(one: Advice, graph: Graph | None) -> list[str]:
    """Give the lines that make a workload what is advised, each behind the place where it belongs; none without one."""
    best = one.best
    if best is None or not best.instance.startswith("ml."):
        return []
    said = [_line(one, graph, "on.instance", "instance", f'"{best.instance}"')]
    if best.kind == REALTIME and best.most:
        said.append(_line(one, graph, "replicas", "replicas", _replicas(best)))
    return said


def _line(one: Advice, graph: Graph | None, path: str, keyword: str, value: str) -> str:
    stack = one.wants.stack
    written = f"{keyword}=per_stage({stack}={value})" if stack.isidentifier() else f"{keyword}={value}"
    group = graph.group_by_name.get(one.wants.workload) if graph else None
    place = group.place(path) if group else None
    return f"{place.file}:{place.line}: {written}" if place else written


def _replicas(best: Choice) -> str:
    if best.least == best.most or best.per_machine is None:
        return str(best.most)
    minute = best.per_machine * 60
    target = floor(minute / _STEP) * _STEP if minute > _STEP else max(1, floor(minute))
    return f"Autoscale(min={best.least}, max={best.most}, target=InvocationsPerInstance({target:_}))"
