"""A diagram as plain data, for other programs that draw."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from mlstage.insight.diagram.model import Diagram

VERSION: Final = 1


def as_data(diagram: Diagram) -> dict[str, Any]:
    """Give a diagram as data; the shape is stable under its version."""
    return {
        "version": VERSION,
        "title": diagram.title,
        "subtitle": diagram.subtitle,
        "clusters": [{**asdict(one), "badges": list(one.badges)} for one in diagram.clusters],
        "nodes": [
            {
                **asdict(node),
                "lines": list(node.lines),
                "marks": [asdict(mark) for mark in node.marks],
                "stands_for": sorted(name for name, owner in diagram.stands_for.items() if owner == node.id),
            }
            for node in diagram.nodes
        ],
        "edges": [asdict(edge) for edge in diagram.edges],
        "badges": list(diagram.badges),
    }
