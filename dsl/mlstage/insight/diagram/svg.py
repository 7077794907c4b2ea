"""A diagram as SVG: boxes with their texts, laid out by Graphviz and drawn here.

The picture stands alone: no script, no style sheet, no font of its own, nothing fetched. Colours are attributes, which
a page's style sheet may override by the classes. Texts pass a template that escapes everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from mlstage.insight.diagram import style
from mlstage.insight.diagram.boxes import HEAD, Heading, Picture, also, heading, picture
from mlstage.insight.diagram.describe import edge_words, node_words, sentences
from mlstage.insight.diagram.geometry import Box, Group, Link, Point, Route, Size
from mlstage.insight.diagram.layout import Layout, lay_out
from mlstage.insight.diagram.measure import width
from mlstage.insight.diagram.model import FLOWS, Cluster, Diagram, Edge, Flow, Node

if TYPE_CHECKING:
    from jinja2 import Template

_MARGIN: Final = 24.0
_TITLE: Final = 52.0
_LABEL: Final = 11.0
_ARROW: Final = 4.2
_LEGEND: Final = 40.0
_FOOTER: Final = 16.0
_SAMPLE: Final = 34.0
_GAP: Final = 5.0
_SMALL: Final = 11.5


@dataclass(frozen=True, slots=True)
class _DrawnNode:
    node: Node
    box: Box
    picture: Picture
    look: style.Look
    words: str


@dataclass(frozen=True, slots=True)
class _DrawnEdge:
    edge: Edge
    line: style.Line
    path: str
    arrow: str
    label: Point | None
    words: str


@dataclass(frozen=True, slots=True)
class _DrawnFrame:
    box: Box
    heading: Heading
    heading_at: Box


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the legend."""

    flow: Flow
    line: style.Line
    x: float
    words: str


def svg(diagram: Diagram, prefix: str = "diagram") -> str:
    """Draw a diagram; `prefix` keeps ids apart where several stand in one page.

    Raises `ModuleNotFoundError` where pygraphviz is not installed.
    """
    pictures = {node.id: picture(node) for node in diagram.nodes}
    headings = [heading(cluster) for cluster in _framed(diagram)]
    laid = laid_out(diagram)
    footer = also(diagram.badges, _SMALL, max(laid.size.width, 400.0))
    legend = list(_legend(diagram))
    wide = max(laid.size.width, width(diagram.title, 18, bold=True), width(diagram.subtitle, 12), _reach(legend))
    return _template().render(
        prefix=prefix,
        diagram=diagram,
        words=" ".join(sentences(diagram)),
        size=Size(wide + 2 * _MARGIN, laid.size.height + _TITLE + _LEGEND + _FOOTER * len(footer) + 2 * _MARGIN),
        shift=Point(_MARGIN, _MARGIN + _TITLE),
        below=laid.size.height + _TITLE + _MARGIN + 10,
        frames=[
            _DrawnFrame(_inset(box), said, place)
            for box, said, place in zip(laid.frames, headings, laid.headings, strict=True)
        ],
        nodes=[_drawn_node(node, pictures[node.id], laid) for node in diagram.nodes],
        edges=[_drawn_edge(edge, route) for edge, route in zip(diagram.edges, laid.routes, strict=True)],
        legend=legend,
        footer=footer,
        style=style,
        margin=_MARGIN,
        head=HEAD,
    )


def laid_out(diagram: Diagram) -> Layout:
    """Give everything its place: routes as the diagram's edges, frames as its clusters that have any box."""
    sizes = {node.id: picture(node).size for node in diagram.nodes}
    groups = [Group(_members(diagram, one.name), heading(one).size) for one in _framed(diagram)]
    links = [Link(edge.source, edge.target, _label_size(edge)) for edge in diagram.edges]
    return lay_out(sizes, links, groups)


def _framed(diagram: Diagram) -> list[Cluster]:
    return [cluster for cluster in diagram.clusters if _members(diagram, cluster.name)]


def _members(diagram: Diagram, cluster: str) -> tuple[str, ...]:
    return tuple(node.id for node in diagram.nodes if node.workload == cluster and not node.outside)


def _inset(frame: Box) -> Box:
    """Leave a gap between neighbours: Graphviz keeps frames 8 points apart, which is too little to see."""
    return Box(frame.x + _GAP, frame.y + _GAP, frame.width - 2 * _GAP, frame.height - 2 * _GAP)


def _label_size(edge: Edge) -> Size | None:
    return Size(width(edge.label, _LABEL) + 8, _LABEL + 5) if edge.label else None


def _drawn_node(node: Node, drawn: Picture, laid: Layout) -> _DrawnNode:
    return _DrawnNode(node, laid.boxes[node.id], drawn, style.KINDS[node.kind], node_words(node))


def _drawn_edge(edge: Edge, route: Route) -> _DrawnEdge:
    line = style.FLOWS[edge.flow]
    points = route.points
    path = f"M{_pair(points[0])}C{' '.join(map(_pair, points[1:]))}"
    arrow = ""
    if route.tip is not None:
        path += f"L{_pair(_towards(points[-1], route.tip, line.width * 2 if line.arrow else 0.0))}"
        arrow = _arrow(points[-1], route.tip, _ARROW + line.width) if line.arrow else ""
    words = f"{edge_words(edge)}: {edge.note}" if edge.note else edge_words(edge)
    return _DrawnEdge(edge, line, path, arrow, route.label, words)


def _towards(start: Point, end: Point, short_of: float) -> Point:
    """Go from one point towards another, and stop short of it."""
    length = ((end.x - start.x) ** 2 + (end.y - start.y) ** 2) ** 0.5
    part = max(0.0, 1 - short_of / length) if length else 0.0
    return Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _arrow(start: Point, tip: Point, half: float) -> str:
    """Give the corners of an arrow's head."""
    length = ((tip.x - start.x) ** 2 + (tip.y - start.y) ** 2) ** 0.5 or 1.0
    along = Point((tip.x - start.x) / length, (tip.y - start.y) / length)
    base = Point(tip.x - along.x * half * 1.9, tip.y - along.y * half * 1.9)
    left = Point(base.x - along.y * half * 0.8, base.y + along.x * half * 0.8)
    right = Point(base.x + along.y * half * 0.8, base.y - along.x * half * 0.8)
    return " ".join(map(_pair, (tip, left, right)))


def _legend(diagram: Diagram) -> Iterator[_Entry]:
    x = 0.0
    for flow in diagram.flows:
        yield _Entry(flow, style.FLOWS[flow], x, FLOWS[flow])
        x += _SAMPLE + width(FLOWS[flow], _SMALL) + 24


def _reach(legend: list[_Entry]) -> float:
    return legend[-1].x + _SAMPLE + width(legend[-1].words, _SMALL) if legend else 0.0


def _pair(point: Point) -> str:
    return f"{number(point.x)},{number(point.y)}"


def number(value: float) -> str:
    """Round to a tenth of a point: enough for the eye, and the same on machines that compute a little differently."""
    return f"{round(value, 1) + 0.0:g}"


def printable(text: str) -> str:
    """Replace what no XML document may hold, whichever way it is written."""
    return "".join(one if _may_stand(one) else "\N{REPLACEMENT CHARACTER}" for one in text)


def _may_stand(character: str) -> bool:
    code = ord(character)
    return character in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loaded = Environment(
        loader=PackageLoader("mlstage.insight.diagram"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    loaded.filters["n"] = number
    loaded.filters["t"] = printable
    return loaded.get_template("diagram.svg.j2")
