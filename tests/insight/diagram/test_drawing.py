"""How diagrams are written: Mermaid and SVG say what the diagram says, and an author's text is never more than text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlstage.graph import Graph
from mlstage.insight.diagram import Cluster, Diagram, Edge, Mark, Node, diagram_of
from mlstage.insight.diagram.geometry import Group, Link, Size
from mlstage.insight.diagram.layout import lay_out
from mlstage.insight.diagram.measure import clipped, folded, width
from mlstage.insight.diagram.mermaid import mermaid, text
from mlstage.insight.diagram.routing import along
from mlstage.insight.diagram.style import FLOWS, FRAME, INK, KINDS, MARKS, PAPER, QUIET
from mlstage.insight.diagram.svg import laid_out, svg
from tests.insight.diagram.stacks import containers, foreign, repository

HOSTILE = (
    "<script>alert(1)</script>",
    '"]; click n0 "javascript:alert(1)"',
    "`**bold**` & #quot; %% end",
    "1. first\n- second",
    "]]>--><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x1b[31m\ud800",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
)
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {"svg", "title", "desc", "g", "rect", "text", "path", "polygon"}


def hostile() -> Diagram:
    """Make a diagram whose every text would like to be more than text."""
    nodes = tuple(
        Node(f"{number}{bad}", "serves", bad, bad, (bad,), (Mark("spot", bad),), bad)
        for number, bad in enumerate(HOSTILE)
    )
    edges = tuple(Edge(one.id, nodes[0].id, "data", one.title, one.title) for one in nodes[1:])
    clusters = tuple(Cluster(bad, bad, bad, (bad,)) for bad in HOSTILE)
    return Diagram(HOSTILE[0], HOSTILE[1], nodes, edges, clusters, HOSTILE)


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return containers(tmp_path_factory.mktemp("mix") / "project")


def test_the_fraud_environment_in_production(golden: Callable[[str, str], None]) -> None:
    golden("golden/fraud-detection-prod.mmd", mermaid(diagram_of(repository()["fraud-detection/prod"])))


def test_the_picture_in_the_documentation_is_what_is_drawn(golden: Callable[[str, str], None]) -> None:
    for name in ("fraud-detection", "bert-sentiment"):
        golden(f"../../../docs/pictures/{name}-prod.svg", svg(diagram_of(repository()[f"{name}/prod"])))


def test_containers_and_functions(mix: Graph, golden: Callable[[str, str], None]) -> None:
    golden("golden/mix-prod.mmd", mermaid(diagram_of(mix)))


@given(st.text())
@example("#quot;")
def test_mermaid_gets_harmless_characters_only(value: str) -> None:
    said = text(value)
    assert re.fullmatch(r"(?:[A-Za-z0-9 .,:/_()\u00b7\u2013\u2026\u00d7-]|#(?:\d+|quot|amp|lt|gt);)+", said)
    named = {"quot": '"', "lt": "<", "gt": ">", "amp": "&"}
    plain = re.sub(r"#(\w+);", lambda found: named.get(found[1]) or chr(int(found[1])), said)
    assert plain.strip() == " ".join(value.split())


def test_lines_of_mermaid_are_of_the_few_kinds_that_are_written(mix: Graph) -> None:
    label = r'"(?:[^"\#\n]|\#\w+;)*"'
    lines = re.compile(
        rf"""---|title:\ {label}|flowchart\ LR|\s+%%\ \S+\ [a-z, ]+|\s+subgraph\ c\d+\[{label}\]|\s+end
        |\s+n\d+(?:\(\[|\[\(|\[\[|\[){label}(?:\]\)|\)\]|\]\]|\])|\s+b\d*\[{label}\]:::badge
        |\s+n\d+\ (?:==>|-->|-\.->|---)(?:\|{label}\|)?\ n\d+
        |\s+classDef\ [a-z]+\ [a-z-]+:[\w\#\ ]+(?:,[a-z-]+:[\w\#\ ]+)*|\s+class\ n\d+(?:,n\d+)*\ [a-z]+""",
        re.VERBOSE,
    )
    for diagram in (hostile(), diagram_of(mix), diagram_of(mix, detail=True), diagram_of(foreign())):
        for line in mermaid(diagram).splitlines():
            assert lines.fullmatch(line), line


def test_hostile_texts_stay_texts_in_svg() -> None:
    drawn = svg(hostile())
    root = ElementTree.fromstring(drawn.encode())
    assert {one.tag.removeprefix(_SVG) for one in root.iter()} == _ELEMENTS
    assert not [key for one in root.iter() for key in one.attrib if key.lower().startswith("on") or "href" in key]
    words = root.findtext(f"{_SVG}desc") or ""
    assert HOSTILE[0] in words and HOSTILE[2] in words


@pytest.mark.parametrize("stack", ["fraud-detection/prod", "fraud-detection/test", "search-ranking/prod"])
def test_a_picture_is_complete_and_says_the_same_to_those_who_do_not_see_it(stack: str) -> None:
    diagram = diagram_of(repository()[stack])
    root = ElementTree.fromstring(svg(diagram, "p7"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "p7-title p7-words"
    assert {one.get("id") for one in root.iter() if one.get("id")} == {"p7-title", "p7-words"}
    words = root.findtext(f"{_SVG}desc") or ""
    drawn = "".join("".join(one.itertext()) for one in root.iter(f"{_SVG}text"))
    for node in diagram.nodes:
        assert node.title in words or node.outside
        assert node.title.split(" ")[0] in drawn
        for mark in node.marks:
            assert mark.text in drawn and mark.text in words
    assert len(root.findall(f".//{_SVG}g[@class='edge data']")) == sum(one.flow == "data" for one in diagram.edges)


def test_pictures_have_the_same_bytes_each_time(mix: Graph) -> None:
    assert svg(diagram_of(mix)) == svg(diagram_of(mix))


def test_nothing_is_fetched_and_nothing_runs(mix: Graph) -> None:
    drawn = svg(diagram_of(mix))
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<style" not in drawn and " style=" not in drawn


def test_boxes_do_not_overlap_and_frames_hold_their_boxes() -> None:
    names = [f"x{number}" for number in range(30)]
    sizes = {name: Size(100 + number, 40) for number, name in enumerate(names)}
    links = [Link(one, other, Size(60, 14)) for one, other in zip(names, names[3:], strict=False)]
    groups = [Group(tuple(names[:10]), Size(150, 30)), Group(tuple(names[10:20]), Size(150, 30))]
    laid = lay_out(sizes, links, groups)
    boxes = list(laid.boxes.items())
    for number, (name, one) in enumerate(boxes):
        assert one.x >= 0 and one.x + one.width <= laid.size.width, name
        assert one.y >= 0 and one.y + one.height <= laid.size.height, name
        for other_name, other in boxes[number + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart = apart or one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart, f"{name} lies on {other_name}"
    for group, frame in zip(groups, laid.frames, strict=True):
        for name in group.members:
            box = laid.boxes[name]
            assert frame.x <= box.x and box.x + box.width <= frame.x + frame.width, name
            assert frame.y + group.heading.height <= box.y and box.y + box.height <= frame.y + frame.height, name
    assert all(route.label and route.tip and len(route.points) % 3 == 1 for route in laid.routes)


def test_no_edge_runs_through_a_heading_or_a_box_and_labels_stand_by_their_edges() -> None:
    for graph in repository().values():
        _is_clear(diagram_of(graph))


def _is_clear(diagram: Diagram) -> None:
    laid = laid_out(diagram)
    for edge, route in zip(diagram.edges, laid.routes, strict=True):
        way = list(along(route))
        for cluster, box in zip(diagram.clusters, laid.headings, strict=True):
            assert not any(map(box.holds, way)), f"{edge.source} -> {edge.target} runs through {cluster.title}"
        for name, box in laid.boxes.items():
            assert name in (edge.source, edge.target) or not any(map(box.holds, way)), f"{edge} runs through {name}"
        for point in way:
            assert -24 < point.x < laid.size.width + 24 and -24 < point.y < laid.size.height + 24, edge
        if route.label is not None:
            at = route.label
            assert min(abs(at.x - point.x) + abs(at.y - point.y) for point in way) < 45, f"{edge.label} stands alone"


def test_empty_stacks_have_a_picture_too() -> None:
    empty = diagram_of(Graph((), "nothing", "test"))
    assert "nothing: test" in svg(empty)
    assert mermaid(empty).startswith('---\ntitle: "nothing: test (0 resources)"\n---\nflowchart LR\n')


@given(st.text(max_size=80), st.floats(20, 300))
def test_texts_that_are_cut_fit(value: str, most: float) -> None:
    assert width(clipped(value, 12, most), 12) <= max(most, width("\N{HORIZONTAL ELLIPSIS}", 12))
    assert len(folded(value, 12, most)) <= 2
    if width(" ".join(value.split()), 12) <= most:
        assert "".join(folded(value, 12, most)).strip() == " ".join(value.split())


def test_names_that_are_cut_keep_the_ends_by_which_they_differ() -> None:
    ends = [clipped(f"endpoint-with-quite-a-long-name-{number}", 14, 200, bold=True)[-3:] for number in (9, 10, 11)]
    assert ends == ["e-9", "-10", "-11"]


def test_colours_can_be_read() -> None:
    for look in KINDS.values():
        assert _contrast(INK, look.fill) >= 7 and _contrast(QUIET, look.fill) >= 7
        assert _contrast(look.stroke, look.fill) >= 4.5
    for ground, said in MARKS.values():
        assert _contrast(said, ground) >= 7
    for line in FLOWS.values():
        assert _contrast(line.stroke, PAPER) >= 4.5 and _contrast(line.stroke, FRAME) >= 4.5
    assert len({(line.width, line.dash) for line in FLOWS.values()}) == len(FLOWS)


def _contrast(one: str, other: str) -> float:
    """Compute the ratio of WCAG 2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_mark_keeps_its_words_in_both() -> None:
    diagram = diagram_of(repository()["document-reader/prod"])
    reader = next(one for one in diagram.nodes if one.kind == "serves")
    assert "NVIDIA A10G" in mermaid(replace(diagram, nodes=(reader,), edges=(), clusters=()))
