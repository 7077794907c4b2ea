"""Names beside points, each where it covers no other name, no point and no line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

_SIZE: Final = 8.5
_POINT: Final = 6.0
"""Half of what is kept free around a point, in points."""
# Where a name may stand, the best place first: offset in points, and which part of the name is there.
_PLACES: Final = tuple(
    (x * reach, y * reach, ha, va)
    for reach in (1.0, 1.8, 2.8, 4.0)
    for x, y, ha, va in (
        (8, 0, "left", "center"),
        (-8, 0, "right", "center"),
        (0, 9, "center", "bottom"),
        (0, -9, "center", "top"),
        (7, 7, "left", "bottom"),
        (-7, 7, "right", "bottom"),
        (7, -7, "left", "top"),
        (-7, -7, "right", "top"),
    )
)


def name_points(drawn: Figure, axes: Any, points: Sequence[tuple[str, float, float]], line_at: float | None) -> None:
    """Name points in their order, once the axes have their limits; `line_at` is a vertical line to keep off."""
    from matplotlib.transforms import Bbox

    drawn.draw_without_rendering()
    scale = drawn.dpi / 72
    taken: list[Bbox] = []
    for _, x, y in points:
        left, bottom = axes.transData.transform((x, y)) - _POINT * scale
        taken.append(Bbox.from_bounds(left, bottom, 2 * _POINT * scale, 2 * _POINT * scale))
    if line_at is not None:
        place = axes.transData.transform((line_at, 1.0))[0]
        taken.append(Bbox.from_extents(place - scale, axes.bbox.y0, place + scale, axes.bbox.y1))
    for name, x, y in points:
        taken.append(_named(axes, name, (x, y), taken))


def _named(axes: Any, name: str, point: tuple[float, float], taken: list[Bbox]) -> Bbox:
    """Write a name at the first free place, or where it covers the least."""
    written = [_written(axes, name, point, place) for place in _PLACES]
    covered = [_covered(bounds, taken, axes.bbox) for _, bounds in written]
    best = covered.index(min(covered))
    for number, (text, _) in enumerate(written):
        if number != best:
            text.remove()
    return written[best][1]


def _written(
    axes: Any, name: str, point: tuple[float, float], place: tuple[float, float, str, str]
) -> tuple[Any, Bbox]:
    x, y, ha, va = place
    text = axes.annotate(
        name,
        point,
        xytext=(x, y),
        textcoords="offset points",
        ha=ha,
        va=va,
        fontsize=_SIZE,
        zorder=4,
        annotation_clip=False,
    )
    return text, text.get_window_extent()


def _covered(bounds: Bbox, taken: list[Bbox], inside: Bbox) -> float:
    """Give the area that a name would cover, or that would stick out of the axes."""
    from matplotlib.transforms import Bbox

    both = [Bbox.intersection(bounds, other) for other in taken]
    shown = Bbox.intersection(bounds, inside)
    outside = bounds.width * bounds.height - (shown.width * shown.height if shown else 0.0)
    return float(sum(one.width * one.height for one in both if one) + max(0.0, outside))
