"""Reading what Graphviz says of places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mlstage.insight.diagram.geometry import Point, Route

INCH: Final = 72.0


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers that are separated by commas."""
    return tuple(float(one) for one in text.split(","))


def read_route(attributes: Mapping[str, str], place: Callable[[float, float], Point]) -> Route:
    """Read an edge's path: `e,X,Y` is the arrow's tip, the rest the points of the curves. It has no label yet."""
    tip, points = None, []
    for part in attributes["pos"].split():
        if part.startswith("e,"):
            tip = place(*numbers(part[2:]))
        elif not part.startswith("s,"):
            points.append(place(*numbers(part)))
    return Route(tuple(points), tip, None)
