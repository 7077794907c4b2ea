"""The graph read back from `pulumi preview --json` of the real engine is the graph that was emitted.

As far as a preview tells it: `tests/parity/previewed.py` works out what that is, value by value.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

import pytest

from mlstage.emit import emit_program
from mlstage.graph import Graph, Resource
from mlstage.offline import Engine
from mlstage.readers.pulumi_preview import read_preview
from tests.engine_support import OfflineProject
from tests.engine_support import engine as engine
from tests.parity.hostile import NAME as HOSTILE
from tests.parity.hostile import WRITTEN, hostile, lost_texts, written
from tests.parity.options import NAME as OPTIONS
from tests.parity.options import options
from tests.parity.previewed import Previewed
from tests.parity.read_back import Allowances, Lost, beyond, compared, mutations
from tests.terraform.stacks import name_of, stacks

GRAPHS = {**{name_of(one): one.graph for one in stacks()}, HOSTILE: hostile(), WRITTEN: written(), OPTIONS: options()}
STACKS = sorted({graph.stack for graph in GRAPHS.values()})
ALLOWED: Allowances = {
    ("aws.batch.ComputeEnvironment", "name"): "Pulumi gives a name where the program gives none",
}
# Each program as it is, all in one run: they are different environments, so no name is there twice.
ALL = """
import pathlib
import runpy

for path in sorted((pathlib.Path(__file__).parent / pulumi.get_stack()).glob("*.py")):
    runpy.run_path(str(path), run_name="__main__")
"""

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Mapping[str, str]:
    """Give the preview of every stack, with all environments in it."""
    project = OfflineProject(tmp_path_factory.mktemp("previews") / "project", engine, name="project")
    return {stack: _preview(project, stack) for stack in STACKS}


def _preview(project: OfflineProject, stack: str) -> str:
    project.stack(stack, "aws:region: us-east-1\nproject:pager: x\nslack:hook: https://example.org/hook")
    project.program(ALL)
    folder = project.root / "programs" / stack
    folder.mkdir()
    for name, graph in _graphs(stack).items():
        text = emit_program(graph, spec="environments/spec.py", version="0")
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    command = ["pulumi", "preview", "--json", "--stack", stack]
    done = subprocess.run(command, cwd=project.root, env=project.environment(), capture_output=True, text=True)
    said = json.loads(done.stdout).get("diagnostics") if done.returncode else done.stderr
    assert done.returncode == 0, said
    return done.stdout


def _graphs(stack: str) -> dict[str, Graph]:
    return {name: graph for name, graph in GRAPHS.items() if graph.stack == stack}


def expected(stack: str) -> dict[str, Resource]:
    """Give all that a preview of the stack should tell."""
    return {name: one for graph in _graphs(stack).values() for name, one in Previewed(graph).resources().items()}


def lost(stack: str, previews: Mapping[str, str]) -> list[Lost]:
    found = read_preview(previews[stack]).graph
    assert (found.stack, found.region) == (stack, "us-east-1")
    return list(compared(expected(stack), found.by_name))


@pytest.mark.parametrize("stack", STACKS)
def test_the_preview_reads_back_as_the_graphs_that_were_emitted(stack: str, previews: Mapping[str, str]) -> None:
    assert beyond(lost(stack, previews), ALLOWED) == []


def test_every_allowance_is_needed(previews: Mapping[str, str]) -> None:
    needed = {one.key for stack in STACKS for one in lost(stack, previews)}
    assert sorted(ALLOWED.keys() - needed) == []


def test_whatever_a_graph_had_otherwise_would_be_reported_by_name(previews: Mapping[str, str]) -> None:
    wanted = Previewed(GRAPHS[OPTIONS]).resources()
    found = {name: one for name, one in read_preview(previews["prod"]).graph.by_name.items() if name in wanted}
    assert list(compared(wanted, found)) == []
    silent = [
        name
        for name, changed in mutations(Graph(tuple(wanted.values())))
        if not any(one.resource == name for one in compared(changed.by_name, found))
    ]
    assert silent == []


def test_whatever_a_text_holds_comes_out_of_the_preview(previews: Mapping[str, str]) -> None:
    states = {
        step["urn"].rpartition("::")[2]: step["newState"].get("inputs", {})
        for step in json.loads(previews["prod"])["steps"]
        if "newState" in step
    }
    function = states["hostile-function"]
    (container,) = json.loads(states["hostile-task"]["containerDefinitions"])
    places = {
        "environment": function["environment"]["variables"],
        "tags": {key.replace("text-", "TEXT_"): value for key, value in function["tags"].items()},
        "command": {f"TEXT_{number}": text for number, text in enumerate(container["command"])},
        "object": states["hostile-settings"]["data"],
    }
    assert lost_texts(places) == []
