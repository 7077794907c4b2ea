"""What `dot` does not mind: edges that would run through a heading go round it, and labels stay by their edges.

To `dot` a heading is room at the top of a frame, and an edge into the frame may cross it. Such an edge is routed again,
by Graphviz too, through the places that `dot` gave to all boxes, with headings as boxes among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import hypot
from typing import Final

from mlstage.insight.diagram.geometry import Box, Link, Point, Route, Size
from mlstage.insight.diagram.graphviz import INCH, numbers, read_route

# How far an edge keeps from boxes that it passes, and a label may stand from its edge, in points.
_APART: Final = "+4"
_NEAR: Final = 30.0
_SAMPLES: Final = 16
# Graphviz's time for routing grows with the cube of the boxes: 1.4 s for 183, 45 s for 603 (observed, 2026-11-25).
_MOST_BOXES: Final = 200


def round_headings(
    boxes: Mapping[str, Box], links: Sequence[Link], routes: Sequence[Route], headings: Sequence[Box]
) -> tuple[Route, ...]:
    """Route again what crosses a heading; the other edges stay as they are, and in a very large picture all do."""
    if len(boxes) + len(headings) > _MOST_BOXES:
        return tuple(routes)
    crossing = [number for number, route in enumerate(routes) if _crosses(route, headings)]
    if not crossing:
        return tuple(routes)
    found = _routed(boxes, [links[number] for number in crossing], headings)
    again = {number: replace(route, label=routes[number].label) for number, route in zip(crossing, found, strict=True)}
    return tuple(again.get(number, route) for number, route in enumerate(routes))


def _routed(boxes: Mapping[str, Box], links: Sequence[Link], headings: Sequence[Box]) -> list[Route]:
    """Ask Graphviz for ways between boxes that stand, round each other and round headings."""
    import pygraphviz

    ids = {name: f"n{number}" for number, name in enumerate(boxes)}
    places = [*boxes.values(), *headings]
    graph = pygraphviz.AGraph(directed=True, strict=False, splines="true", esep=_APART)
    for number, box in enumerate(places):
        size = {"width": box.width / INCH, "height": box.height / INCH}
        graph.add_node(f"n{number}", shape="box", fixedsize="true", label="", pos=_upwards(box.middle), **size)
    for number, link in enumerate(links):
        graph.add_edge(ids[link.source], ids[link.target], key=f"e{number}")
    try:
        graph.layout(prog="nop")  # which leaves boxes where they are, but for moving all of them together
        moved = numbers(graph.get_node("n0").attr["pos"])
        stood = places[0].middle
        edges = [graph.get_edge(ids[one.source], ids[one.target], key=f"e{n}").attr for n, one in enumerate(links)]
        return [read_route(one, lambda x, y: Point(x - moved[0] + stood.x, moved[1] - y + stood.y)) for one in edges]
    finally:
        graph.close()


def _upwards(point: Point) -> str:
    """Write a place as Graphviz counts."""
    return f"{point.x},{-point.y}"


def labels_by_edges(
    boxes: Sequence[Box], links: Sequence[Link], routes: Sequence[Route], headings: Sequence[Box]
) -> tuple[Route, ...]:
    """Move labels that stand far from their edges to where there is room along them."""
    rooms = {
        number: _room(route.label, link.label)
        for number, (link, route) in enumerate(zip(links, routes, strict=True))
        if link.label and route.label
    }
    found = list(routes)
    for number, room in rooms.items():
        route, label = routes[number], room.middle
        if min(_distance(label, point) for point in along(route)) > _NEAR:
            around = _around(route, Size(room.width, room.height))
            others = (*boxes, *headings, *(one for other, one in rooms.items() if other != number))
            label = _best(route, label, room, [box for box in others if box.overlaps(around)])
            rooms[number] = _room(label, room)
            found[number] = replace(route, label=label)
    return tuple(found)


def _best(route: Route, wanted: Point, size: Size | Box, taken: Sequence[Box]) -> Point:
    """Give the point of a route, neither end, where a label covers least, and of those the one nearest to a point."""
    points = list(along(route))
    inner = points[len(points) // 6 : -len(points) // 6] or points
    return min(inner, key=lambda point: (_covered(_room(point, size), taken), _distance(wanted, point)))


def along(route: Route) -> Iterator[Point]:
    """Give points of a route, close to each other, from its start to its end."""
    for start in range(0, len(route.points) - 3, 3):
        a, b, c, d = route.points[start : start + 4]
        for step in range(_SAMPLES):
            t = step / _SAMPLES
            u = 1 - t
            weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            yield Point(
                sum(weight * point.x for weight, point in zip(weights, (a, b, c, d), strict=True)),
                sum(weight * point.y for weight, point in zip(weights, (a, b, c, d), strict=True)),
            )
    yield route.points[-1]


def _crosses(route: Route, headings: Sequence[Box]) -> bool:
    """Say whether a route runs through a heading."""
    around = _around(route, Size(0, 0))
    near = [box for box in headings if box.overlaps(around)]
    return bool(near) and any(box.holds(point) for point in along(route) for box in near)


def _around(route: Route, label: Size) -> Box:
    """Give the room that a route and a label on it can take: a curve stays between the points that it is made of."""
    across, down = [point.x for point in route.points], [point.y for point in route.points]
    left, top = min(across) - label.width / 2, min(down) - label.height / 2
    return Box(left, top, max(across) + label.width / 2 - left, max(down) + label.height / 2 - top)


def _room(middle: Point, size: Size | Box) -> Box:
    return Box(middle.x - size.width / 2, middle.y - size.height / 2, size.width, size.height)


def _covered(box: Box, others: Sequence[Box]) -> int:
    return sum(box.overlaps(other) for other in others)


def _distance(one: Point, other: Point) -> float:
    return hypot(one.x - other.x, one.y - other.y)
