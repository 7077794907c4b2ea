"""What a view works out of a graph is worked out once: many rules ask for the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from mlstage.graph import Graph

T = TypeVar("T")


def once(view: Callable[[Graph], T]) -> Callable[[Graph], T]:
    """Keep a view's answer for each graph, as long as there is the graph. What it gives must not be changed."""

    @wraps(view, updated=())
    def kept(graph: Graph) -> T:
        if view not in graph.worked_out:
            graph.worked_out[view] = view(graph)
        found: T = graph.worked_out[view]
        return found

    return kept
