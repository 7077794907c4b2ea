"""A diagram as Mermaid, which GitHub, GitLab and most wikis draw: a flowchart with a subgraph for each workload.

Names are data: every character that Mermaid, markdown or HTML could read as more than itself is written as an entity
code, and nodes have ids of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mlstage.insight.diagram import style
from mlstage.insight.diagram.model import FLOWS, Cluster, Diagram, Edge, Flow, Kind, Node

_ARROWS: Final[Mapping[Flow, str]] = {"traffic": "==>", "data": "-->", "control": "-.->", "reference": "---"}
_SHAPES: Final[Mapping[Kind, tuple[str, str]]] = {
    "caller": ("([", "])"),
    "store": ("[(", ")]"),
    "queue": ("[[", "]]"),
    "clock": ("([", "])"),
}
_BOX: Final = ("[", "]")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,:/_()\u00b7\u2013\u2026\u00d7-]")
_ENTITIES: Final = {'"': "#quot;", "&": "#amp;", "<": "#lt;", ">": "#gt;"}


def mermaid(diagram: Diagram) -> str:
    """Write a diagram as a Mermaid flowchart."""
    return "\n".join(_lines(diagram)) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    ids = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    names = {cluster.name for cluster in diagram.clusters}
    yield from ("---", f'title: "{_title(diagram)}"', "---", "flowchart LR")
    for flow in diagram.flows:
        yield f"  %% {_ARROWS[flow]} {FLOWS[flow]}"
    for node in diagram.nodes:
        if node.workload not in names or node.outside:
            yield f"  {_node(node, ids)}"
    for number, cluster in enumerate(diagram.clusters):
        yield f'  subgraph c{number}["{text(_heading(cluster))}"]'
        for node in diagram.nodes:
            if node.workload == cluster.name and not node.outside:
                yield f"    {_node(node, ids)}"
        yield from _badges(cluster.badges, f"b{number}", "    ")
        yield "  end"
    yield from _badges(diagram.badges, "b", "  ")
    yield from (f"  {_edge(edge, ids)}" for edge in diagram.edges)
    yield from _classes(diagram, ids)


def _node(node: Node, ids: Mapping[str, str]) -> str:
    opening, closing = _SHAPES.get(node.kind, _BOX)
    marks = " \N{MIDDLE DOT} ".join(mark.text for mark in node.marks)
    rows = [f"<b>{text(node.title)}</b>", f"<i>{text(node.label)}</i>", *(text(line) for line in node.lines)]
    rows += [f"<b>{text(marks)}</b>"] if marks else []
    return f'{ids[node.id]}{opening}"{"<br/>".join(rows)}"{closing}'


def _heading(cluster: Cluster) -> str:
    return f"{cluster.title} ({cluster.kind})" if cluster.kind else cluster.title


def _badges(badges: Iterable[str], name: str, indent: str) -> Iterator[str]:
    if badges:
        yield f'{indent}{name}["and {"<br/>".join(text(badge) for badge in badges)}"]:::badge'


def _edge(edge: Edge, ids: Mapping[str, str]) -> str:
    label = f'|"{text(edge.label)}"|' if edge.label else ""
    return f"{ids[edge.source]} {_ARROWS[edge.flow]}{label} {ids[edge.target]}"


def _classes(diagram: Diagram, ids: Mapping[str, str]) -> Iterator[str]:
    for kind, look in style.KINDS.items():
        members = [ids[node.id] for node in diagram.nodes if node.kind == kind]
        if members:
            yield f"  classDef {kind} fill:{look.fill},stroke:{look.stroke},color:{style.INK}"
            yield f"  class {','.join(members)} {kind}"
    if diagram.badges or any(cluster.badges for cluster in diagram.clusters):
        yield f"  classDef badge fill:{style.PAPER},stroke:{style.QUIET},color:{style.QUIET},stroke-dasharray:3 3"


def text(value: str) -> str:
    """Write a text so that Mermaid shows just that."""
    return _UNSAFE.sub(_code, " ".join(value.split())) or " "


def _code(match: re.Match[str]) -> str:
    character = match.group()
    return _ENTITIES.get(character, f"#{ord(character)};")


def _title(diagram: Diagram) -> str:
    """Write the title for the front matter, which is YAML: anything but plain characters becomes a space."""
    plain = re.sub(r"[^A-Za-z0-9 ,:/_().-]", " ", f"{diagram.title} ({diagram.subtitle})")
    return " ".join(plain.split())
