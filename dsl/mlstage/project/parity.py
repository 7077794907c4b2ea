"""Parity of two compiled stacks; each consequence is traced to its cause by trying what would be without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlstage import targets
from mlstage.diagnostics import Severity, Where
from mlstage.graph import Graph, GraphError
from mlstage.insight.parity import Difference, Parity, Side, parity
from mlstage.passes import run_passes
from mlstage.project.part import CompiledStack
from mlstage.project.parts import context_of
from mlstage.resolve import ResolvedEnvironment


def parity_of(first: CompiledStack, second: CompiledStack) -> Parity:
    """Compare two stacks, of one environment or of two.

    Where both were compiled in this process, every value that differs is made alike by itself, and the stack is lowered
    again: what then no longer differs follows from that value.
    """
    sides = Side(first.outline, first.graph), Side(second.outline, second.graph)
    if first.resolved is None or second.resolved is None:
        return parity(*sides)
    return parity(*sides, lambda cause: _made_alike(first, second, cause))


def _made_alike(one: CompiledStack, other: CompiledStack, cause: Difference) -> tuple[Graph, Graph] | None:
    """Give one value of the second stack to the first, or the other way round where AWS would refuse that."""
    assert one.resolved is not None
    assert other.resolved is not None
    if (changed := _lowered(one.resolved, other.resolved, cause)) is not None:
        return changed, other.graph
    if (changed := _lowered(other.resolved, one.resolved, cause)) is not None:
        return one.graph, changed
    return None


def _lowered(one: ResolvedEnvironment, other: ResolvedEnvironment, cause: Difference) -> Graph | None:
    changed = next(_with(one, other, cause.workload, cause.field.partition(".")[0]), None)
    if changed is None or any(found.severity is Severity.ERROR for found in targets.check(changed, Where(""))):
        return None
    try:
        return run_passes(targets.lower(changed), context_of(changed))
    except GraphError:
        return None


def _with(
    one: ResolvedEnvironment, other: ResolvedEnvironment, workload: str, field: str
) -> Iterator[ResolvedEnvironment]:
    if workload:
        theirs = next((found.workload for found in other.workloads if found.workload.name == workload), None)
        if field and theirs is not None:
            yield replace(
                one,
                workloads=tuple(
                    replace(found, workload=found.workload.replaced(**{field: getattr(theirs, field)}))
                    if found.workload.name == workload
                    else found
                    for found in one.workloads
                ),
            )
    elif field == "region":
        yield replace(one, region=other.region)
    elif field == "watch":
        yield replace(one, watch=other.watch)
    elif field in type(one.stage).model_fields:
        yield replace(one, stage=one.stage.replaced(**{field: getattr(other.stage, field)}))
