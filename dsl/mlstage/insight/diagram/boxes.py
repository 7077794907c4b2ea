"""What stands inside a box or a frame's heading, line by line, and how much room that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.insight.diagram.geometry import Size
from mlstage.insight.diagram.measure import clipped, folded, listed, width
from mlstage.insight.diagram.model import Cluster, Mark, Node

LABEL: Final = 10.5
TITLE: Final = 13.5
LINE: Final = 11.5
PILL: Final = 10.5
HEAD: Final = 14.0
_PAD: Final = 12.0
_SIGN: Final = 22.0
_MOST: Final = 250.0
_LEAST: Final = 110.0
_PILL_HEIGHT: Final = 17.0
_HEADING: Final = 280.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text by the left end of its base line, within its box."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A mark, by its upper left corner within its box."""

    x: float
    y: float
    width: float
    height: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands in a node's box."""

    size: Size
    label: Text
    title: tuple[Text, ...]
    lines: tuple[Text, ...]
    pills: tuple[Pill, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the top of a frame; badges count what has no box."""

    size: Size
    title: str
    kind: Text
    badges: tuple[Text, ...]


def picture(node: Node) -> Picture:
    """Set a node's texts; what is too long for its box is broken between words, and cut after two lines."""
    room = _MOST - 2 * _PAD
    label = clipped(node.label, LABEL, room - _SIGN)
    title = folded(node.title, TITLE, room - _SIGN, bold=True)
    lines = [part for line in node.lines for part in folded(line, LINE, room)]
    needed = [
        _SIGN + width(label, LABEL),
        *(_SIGN + width(part, TITLE, bold=True) for part in title),
        *(width(part, LINE) for part in lines),
        *(width(mark.text, PILL, bold=True) + 14 for mark in node.marks),
    ]
    inner = max(_LEAST - 2 * _PAD, min(room, max(needed)))
    top = 34.0 + 16 * (len(title) - 1)
    below = top + 10 + 15 * len(lines) + (3 if lines else 0)
    pills = tuple(_pills(node.marks, inner, below))
    height = (pills[-1].y + _PILL_HEIGHT if pills else below - 6) + 9
    return Picture(
        Size(round(inner + 2 * _PAD), round(height)),
        Text(_PAD + _SIGN, 18, label),
        tuple(Text(_PAD + _SIGN, 34 + 16 * number, part) for number, part in enumerate(title)),
        tuple(Text(_PAD, top + 18 + 15 * number, part) for number, part in enumerate(lines)),
        pills,
    )


def _pills(marks: tuple[Mark, ...], inner: float, top: float) -> Iterator[Pill]:
    x, y = 0.0, top
    for mark in marks:
        wide = width(mark.text, PILL, bold=True) + 12
        if x and x + wide > inner:
            x, y = 0.0, y + _PILL_HEIGHT + 4
        yield Pill(_PAD + x, y, wide, _PILL_HEIGHT, mark)
        x += wide + 5


def heading(cluster: Cluster) -> Heading:
    """Set a frame's title, what the workload is, and what is only counted in it."""
    title = clipped(cluster.title, HEAD, _HEADING, bold=True)
    wide = width(title, HEAD, bold=True)
    kind = Text(0, 34, clipped(cluster.kind, LINE, _HEADING)) if cluster.kind else Text(0, 18, "")
    counted = also(cluster.badges, PILL, _HEADING)
    badges = tuple(Text(0, kind.y + 15 * (number + 1), line) for number, line in enumerate(counted))
    widest = max([wide, width(kind.text, LINE), *(width(one.text, PILL) for one in badges)])
    last = badges[-1].y if badges else kind.y
    return Heading(Size(widest + 8, last + 6), title, kind, badges)


def also(badges: tuple[str, ...], size: float, most: float) -> list[str]:
    """Say what is counted only."""
    return listed([f"also {badges[0]}", *badges[1:]], size, most) if badges else []
