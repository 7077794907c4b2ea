"""A diagram in words: for those who do not see it, and to search in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.insight.diagram.model import Diagram, Edge, Flow, Node

_VERBS: Final[dict[Flow, str]] = {
    "traffic": "sends requests to",
    "data": "gives data to",
    "control": "acts on",
    "reference": "refers to",
}


def sentences(diagram: Diagram) -> Iterator[str]:
    """Say what is in a diagram, one box or flow at a time."""
    names = {node.id: f"{node.title} ({node.label})" for node in diagram.nodes}
    for cluster in diagram.clusters:
        boxes = [node_words(node) for node in diagram.nodes if node.workload == cluster.name and not node.outside]
        kind = f", {cluster.kind}" if cluster.kind else ""
        if boxes:
            yield f"{cluster.title}{kind}: {'; '.join(boxes)}."
    for edge in diagram.edges:
        yield f"{names[edge.source]} {edge_words(edge)} {names[edge.target]}."


def node_words(node: Node) -> str:
    """Say what a box shows."""
    return ", ".join([node.title, node.label, *node.lines, *(mark.text for mark in node.marks)])


def edge_words(edge: Edge) -> str:
    """Say what an edge shows, without its ends."""
    return f"{_VERBS[edge.flow]} [{edge.label}]" if edge.label else _VERBS[edge.flow]
