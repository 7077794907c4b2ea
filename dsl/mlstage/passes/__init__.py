"""Graph to graph, one concern each, in one order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from mlstage.graph import Graph, verify
from mlstage.passes.context import Context
from mlstage.passes.hashed_names import hashed_names
from mlstage.passes.names import content_hash, physical_name
from mlstage.passes.tags import TagFault, tag_faults, tags

Pass: TypeAlias = Callable[[Graph, Context], Graph]

PASSES: Final[tuple[Pass, ...]] = (hashed_names, tags)


def run_passes(graph: Graph, context: Context) -> Graph:
    """Run every pass in order, once; each must leave a sound graph behind."""
    verify(graph)
    for one in PASSES:
        graph = one(graph, context)
        verify(graph)
    return graph


__all__ = [
    "PASSES",
    "Context",
    "Pass",
    "TagFault",
    "content_hash",
    "hashed_names",
    "physical_name",
    "run_passes",
    "tag_faults",
    "tags",
]
