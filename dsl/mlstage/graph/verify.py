"""Check that a graph is sound, and put its resources in an order in which they can be made."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph.model import Graph, Resource
from mlstage.graph.vocabulary import VOCABULARY


class GraphError(Exception):
    """A graph that mlstage itself built wrongly: our bug, never the author's."""


def verify(graph: Graph) -> None:
    """Raise `GraphError` naming every fault: unknown type, repeated name, dangling reference, cycle."""
    faults = [*_repeated(graph), *_unknown_types(graph), *_dangling(graph)]
    if not faults:
        faults = list(_cycle(graph))
    if faults:
        raise GraphError("; ".join(faults))


def in_dependency_order(graph: Graph) -> tuple[Resource, ...]:
    """Order resources so that each follows what it needs, otherwise keeping the graph's own order."""
    done: dict[str, Resource] = {}
    for start in graph.resources:
        stack = [(start, iter(graph.needs[start.name]))]
        while stack:
            resource, pending = stack[-1]
            waiting = next((n for n in pending if n not in done and n in graph.by_name), None)
            if waiting is None:
                done.setdefault(resource.name, resource)
                stack.pop()
            else:
                needed = graph.by_name[waiting]
                stack.append((needed, iter(graph.needs[waiting])))
                if len(stack) > len(graph.resources) + 1:
                    raise GraphError("; ".join(_cycle(graph)))
    return tuple(done.values())


def _repeated(graph: Graph) -> Iterator[str]:
    seen: set[str] = set()
    for resource in graph.resources:
        if resource.name in seen:
            yield f"two resources are named {resource.name!r}"
        seen.add(resource.name)


def _unknown_types(graph: Graph) -> Iterator[str]:
    for resource in graph.resources:
        if resource.type not in VOCABULARY:
            yield f"{resource.name!r} has type {resource.type!r}, which the vocabulary lacks"


def _dangling(graph: Graph) -> Iterator[str]:
    for resource in graph.resources:
        for needed in graph.needs[resource.name]:
            if needed not in graph.by_name:
                yield f"{resource.name!r} needs {needed!r}, which does not exist"


def _cycle(graph: Graph) -> Iterator[str]:
    state: dict[str, bool] = {}
    for start in graph.resources:
        path: list[str] = []
        trail = [(start.name, iter(graph.needs[start.name]))] if start.name not in state else []
        if trail:
            state[start.name] = False
            path.append(start.name)
        while trail:
            _, pending = trail[-1]
            needed = next((n for n in pending if not state.get(n, False)), None)
            if needed is None:
                state[path.pop()] = True
                trail.pop()
            elif needed in state:
                yield "cycle: " + " => ".join([*path[path.index(needed) :], needed])
                return
            else:
                state[needed] = False
                path.append(needed)
                trail.append((needed, iter(graph.needs[needed])))
