"""Diagrams as others show them: Mermaid's own parser reads ours, and in a browser no text leaves its box."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from mlstage.insight.diagram import Diagram, diagram_of
from mlstage.insight.diagram.mermaid import mermaid
from mlstage.insight.diagram.svg import svg
from tests.insight.diagram.stacks import containers, foreign, repository
from tests.insight.diagram.test_drawing import hostile

# Mermaid takes control characters and what is no character at all out of a text.
_DRAW = """async text => {
  mermaid.initialize({startOnLoad: false, securityLevel: 'strict'});
  const parsed = await mermaid.parse(text);
  const {svg} = await mermaid.render('drawn', text);
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = svg;
  const said = selector => [...box.querySelectorAll(selector)].map(one => one.textContent.trim());
  return {type: parsed.diagramType, nodes: said('.node .nodeLabel'), edges: said('.edgeLabel .edgeLabel'),
          clusters: said('.cluster-label .nodeLabel'), scripts: box.querySelectorAll('script,a,iframe').length};
}"""
_OUTSIDE = """() => {
  const found = [];
  for (const node of document.querySelectorAll('g.node')) {
    const box = node.querySelector('rect.box').getBBox();
    for (const text of node.querySelectorAll('text')) {
      const said = text.getBBox();
      if (said.x < box.x + 2 || said.x + said.width > box.x + box.width - 2 || said.y + said.height > box.height + 1)
        found.push(text.textContent);
    }
  }
  const frames = [...document.querySelectorAll('rect.frame')];
  [...document.querySelectorAll('g.heading')].forEach((heading, number) => {
    if (heading.getBBox().width > frames[number].getBBox().width - 15) found.push(heading.textContent);
  });
  return found;
}"""


@pytest.fixture(scope="module")
def diagrams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Diagram]:
    mix = containers(tmp_path_factory.mktemp("mix") / "project")
    graphs = {**repository(), "mix/prod": mix, "foreign": foreign()}
    drawn = {name: diagram_of(graph) for name, graph in graphs.items()}
    return {**drawn, "detail": diagram_of(mix, detail=True), "hostile": hostile()}


def test_mermaid_reads_every_diagram_and_shows_its_texts(
    page: Page, mermaid_script: Path, diagrams: dict[str, Diagram]
) -> None:
    page.goto("about:blank")
    page.add_script_tag(path=mermaid_script)
    for name, diagram in diagrams.items():
        drawn: dict[str, Any] = page.evaluate(_DRAW, mermaid(diagram))
        assert drawn["type"] == "flowchart-v2", name
        assert drawn["scripts"] == 0, name
        for node in diagram.nodes:
            wanted = _plain(f"{node.title}{node.label}{''.join(node.lines)}")
            assert any(_plain(said).startswith(wanted) for said in drawn["nodes"]), f"{name}: {node.title!r}"
        labels = {_plain(said) for said in drawn["edges"]}
        assert {_plain(edge.label) for edge in diagram.edges} <= labels | {""}, name
        headings = [_plain(said) for said in drawn["clusters"]]
        for cluster in diagram.clusters:
            assert any(said.startswith(_plain(cluster.title)) for said in headings), f"{name}: {cluster.title!r}"


def test_texts_stay_in_their_boxes(page: Page, diagrams: dict[str, Diagram], tmp_path: Path) -> None:
    for name, diagram in diagrams.items():
        path = tmp_path / "drawn.svg"
        path.write_text(svg(diagram), encoding="utf-8")
        page.goto(path.as_uri())
        assert page.evaluate(_OUTSIDE) == [], name


def test_an_authors_markup_is_shown_and_not_obeyed(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "drawn.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{svg(hostile())}", encoding="utf-8")
    page.goto(path.as_uri())
    assert page.locator("script, [onload], a, iframe").count() == 0
    assert page.locator("text", has_text="<script>").count() > 0


def _plain(text: str) -> str:
    """Leave what can be compared: no space, and none of the characters that no page shows."""
    return re.sub(r"[\s\x00-\x1f\ufffd\ud800-\udfff]", "", html.unescape(text))
