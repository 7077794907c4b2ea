"""Where everything of a diagram stands: Graphviz's `dot`, by pygraphviz, whose wheels bring Graphviz along.

Only numbers go in: ids of our own, and the sizes of boxes and labels. No text of an author's reaches Graphviz, and no
font does; so a layout is the same wherever the same version runs, and texts need no escaping for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mlstage.insight.diagram.geometry import Box, Group, Link, Point, Route, Size
from mlstage.insight.diagram.graphviz import INCH, numbers, read_route
from mlstage.insight.diagram.routing import labels_by_edges, round_headings

# Where a heading begins in its frame.
_HEADING_AT: Final = Point(19.0, 9.0)
_GRAPH: Final[Mapping[str, str]] = {
    "rankdir": "LR",
    "nodesep": "0.28",
    "ranksep": "0.55",
    "splines": "spline",
    "outputorder": "edgesfirst",
}
_CLUSTER_MARGIN: Final = "20"


@dataclass(frozen=True, slots=True)
class Layout:
    """Places for everything that was asked for; routes, frames and headings in the order of the links and groups."""

    size: Size
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    frames: tuple[Box, ...]
    headings: tuple[Box, ...]


def lay_out(sizes: Mapping[str, Size], links: Sequence[Link], groups: Sequence[Group]) -> Layout:
    """Place boxes, edges and frames. Raises `ModuleNotFoundError` where pygraphviz is not installed."""
    import pygraphviz

    ids = {name: f"n{number}" for number, name in enumerate(sizes)}
    graph = pygraphviz.AGraph(directed=True, strict=False, **_GRAPH)
    for name, size in sizes.items():
        graph.add_node(
            ids[name], shape="box", fixedsize="true", label="", width=size.width / INCH, height=size.height / INCH
        )
    for number, group in enumerate(groups):
        members = [ids[name] for name in group.members]
        graph.add_subgraph(members, name=f"cluster_{number}", label=_room(group.heading), margin=_CLUSTER_MARGIN)
    for number, link in enumerate(links):
        label = {"label": _room(link.label)} if link.label else {}
        graph.add_edge(ids[link.source], ids[link.target], key=f"e{number}", **label)
    try:
        graph.layout(prog="dot")
        laid = _read(graph, sizes, links, groups, ids)
    finally:
        graph.close()
    routes = round_headings(laid.boxes, links, laid.routes, laid.headings)
    return replace(laid, routes=labels_by_edges(list(laid.boxes.values()), links, routes, laid.headings))


def _room(size: Size) -> str:
    """Write a label that is nothing but room."""
    return (
        f'<<table border="0" fixedsize="true" width="{size.width:.0f}" height="{size.height:.0f}"><tr><td></td></tr>'
        "</table>>"
    )


def _read(
    graph: Any, sizes: Mapping[str, Size], links: Sequence[Link], groups: Sequence[Group], ids: Mapping[str, str]
) -> Layout:
    left, bottom, right, top = numbers(graph.graph_attr["bb"])

    def place(x: float, y: float) -> Point:
        """Graphviz counts upwards."""
        return Point(x - left, top - y)

    boxes = {}
    for name, size in sizes.items():
        middle = place(*numbers(graph.get_node(ids[name]).attr["pos"]))
        boxes[name] = Box(middle.x - size.width / 2, middle.y - size.height / 2, size.width, size.height)
    routes = []
    for number, link in enumerate(links):
        attributes = graph.get_edge(ids[link.source], ids[link.target], key=f"e{number}").attr
        label = place(*numbers(attributes["lp"])) if link.label else None
        routes.append(replace(read_route(attributes, place), label=label))
    frames, headings = [], []
    for number, group in enumerate(groups):
        low, down, high, up = numbers(graph.get_subgraph(f"cluster_{number}").graph_attr["bb"])
        corner = place(low, up)
        frames.append(Box(corner.x, corner.y, high - low, up - down))
        begins = Point(corner.x + _HEADING_AT.x, corner.y + _HEADING_AT.y)
        headings.append(Box(begins.x, begins.y, group.heading.width, group.heading.height))
    return Layout(Size(right - left, top - bottom), boxes, tuple(routes), tuple(frames), tuple(headings))
