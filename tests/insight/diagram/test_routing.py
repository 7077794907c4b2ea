"""Edges that `dot` drew through a heading: led round it, except in pictures too large for that to end."""

from __future__ import annotations

from mlstage.insight.diagram.geometry import Box, Link, Point, Route
from mlstage.insight.diagram.routing import along, round_headings

LINK = Link("above", "below")
HEADING = Box(40, 90, 60, 20)
STRAIGHT = Route((Point(50, 20), Point(50, 80), Point(50, 120), Point(50, 180)), Point(50, 180), None)


def _boxes(more: int = 0) -> dict[str, Box]:
    far = {f"far-{number}": Box(300 + 60 * number, 0, 40, 20) for number in range(more)}
    return {"above": Box(30, 0, 40, 20), "below": Box(30, 180, 40, 20), **far}


def _through(route: Route) -> bool:
    return any(HEADING.holds(point) for point in along(route))


def test_an_edge_goes_round_a_heading() -> None:
    assert _through(STRAIGHT)
    (route,) = round_headings(_boxes(), [LINK], [STRAIGHT], [HEADING])
    assert not _through(route)


def test_an_edge_that_only_has_a_heading_beside_it_stays() -> None:
    beside = Box(120, 90, 60, 20)
    assert round_headings(_boxes(), [LINK], [STRAIGHT], [beside]) == (STRAIGHT,)


def test_in_a_very_large_picture_edges_stay_as_they_are() -> None:
    assert round_headings(_boxes(more=200), [LINK], [STRAIGHT], [HEADING]) == (STRAIGHT,)
