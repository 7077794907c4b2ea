"""Where everything of a diagram stands: Graphviz's `dot`, by pygraphviz, whose wheels bring Graphviz along.

Only numbers go in: ids of our own, and the sizes of boxes and labels. No text of an author's reaches Graphviz, and no
font does; so a layout is the same wherever the same version runs, and texts need no escaping for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_INCH: Final = 72.0
_GRAPH: Final[Mapping[str, str]] = {
    "rankdir": "LR",
    "nodesep": "0.28",
    "ranksep": "0.55",
    "splines": "spline",
    "outputorder": "edgesfirst",
}
_CLUSTER_MARGIN: Final = "20"


@dataclass(frozen=True, slots=True)
class Size:
    """How much room something takes, in points."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Point:
    """A place, in points from the upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """An edge to lay out: from one box to another, with room for its label."""

    source: str
    target: str
    label: Size | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """How an edge runs: a start, then three points for each Bézier curve; `tip` is where an arrow would end."""

    points: tuple[Point, ...]
    tip: Point | None
    label: Point | None


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that stand together in a frame, below a heading of this size."""

    members: tuple[str, ...]
    heading: Size


@dataclass(frozen=True, slots=True)
class Layout:
    """Places for everything that was asked for; routes and frames in the order of the links and groups."""

    size: Size
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    frames: tuple[Box, ...]


def lay_out(sizes: Mapping[str, Size], links: Sequence[Link], groups: Sequence[Group]) -> Layout:
    """Place boxes, edges and frames. Raises `ModuleNotFoundError` where pygraphviz is not installed."""
    import pygraphviz

    ids = {name: f"n{number}" for number, name in enumerate(sizes)}
    graph = pygraphviz.AGraph(directed=True, strict=False, **_GRAPH)
    for name, size in sizes.items():
        graph.add_node(
            ids[name], shape="box", fixedsize="true", label="", width=size.width / _INCH, height=size.height / _INCH
        )
    for number, group in enumerate(groups):
        members = [ids[name] for name in group.members]
        graph.add_subgraph(members, name=f"cluster_{number}", label=_room(group.heading), margin=_CLUSTER_MARGIN)
    for number, link in enumerate(links):
        label = {"label": _room(link.label)} if link.label else {}
        graph.add_edge(ids[link.source], ids[link.target], key=f"e{number}", **label)
    try:
        graph.layout(prog="dot")
        return _read(graph, sizes, links, len(groups), ids)
    finally:
        graph.close()


def _room(size: Size) -> str:
    """Write a label that is nothing but room."""
    return (
        f'<<table border="0" fixedsize="true" width="{size.width:.0f}" height="{size.height:.0f}"><tr><td></td></tr>'
        "</table>>"
    )


def _read(graph: Any, sizes: Mapping[str, Size], links: Sequence[Link], groups: int, ids: Mapping[str, str]) -> Layout:
    left, bottom, right, top = _numbers(graph.graph_attr["bb"])

    def place(x: float, y: float) -> Point:
        """Graphviz counts upwards."""
        return Point(x - left, top - y)

    boxes = {}
    for name, size in sizes.items():
        middle = place(*_numbers(graph.get_node(ids[name]).attr["pos"]))
        boxes[name] = Box(middle.x - size.width / 2, middle.y - size.height / 2, size.width, size.height)
    routes = []
    for number, link in enumerate(links):
        attributes = graph.get_edge(ids[link.source], ids[link.target], key=f"e{number}").attr
        points, tip = _curve(attributes["pos"])
        label = place(*_numbers(attributes["lp"])) if link.label else None
        routes.append(Route(tuple(place(*one) for one in points), place(*tip) if tip else None, label))
    frames = []
    for number in range(groups):
        low, down, high, up = _numbers(graph.get_subgraph(f"cluster_{number}").graph_attr["bb"])
        corner = place(low, up)
        frames.append(Box(corner.x, corner.y, high - low, up - down))
    return Layout(Size(right - left, top - bottom), boxes, tuple(routes), tuple(frames))


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(one) for one in text.split(","))


def _curve(text: str) -> tuple[list[tuple[float, ...]], tuple[float, ...] | None]:
    """Read an edge's path: `e,X,Y` is the arrow's tip, the rest the points of the curves."""
    tip, points = None, []
    for part in text.split():
        if part.startswith("e,"):
            tip = _numbers(part[2:])
        elif not part.startswith("s,"):
            points.append(_numbers(part))
    return points, tip
