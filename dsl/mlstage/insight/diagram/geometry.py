"""Sizes, places and ways, in points from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How much room something takes."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """The point in the middle of it."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def holds(self, point: Point) -> bool:
        """Say whether a point lies in it."""
        return self.x < point.x < self.x + self.width and self.y < point.y < self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """Say whether it covers a part of another one."""
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (beside or self.y + self.height <= other.y or other.y + other.height <= self.y)


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
