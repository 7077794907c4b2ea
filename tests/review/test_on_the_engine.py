"""What a review says happens is what the real engine plans: the same operations on the same resources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstage.emit.expressions import engine_name
from mlstage.emit.pulumi_program import emit_program
from mlstage.graph import VOCABULARY, Graph
from mlstage.insight.review import Step, steps
from mlstage.project import study
from tests.engine_support import OfflineProject, engine, project
from tests.review.history import Files, states
from tests.review.test_other_targets import changed
from tests.targets.test_retarget import spec
from tests.traps.engine_runs import deploy

__all__ = ["engine", "project"]
pytestmark = pytest.mark.engine
# Between them every kind of step: renewed, replaced by a lock, replaced with a gap, renamed, made, deleted, moved.
CHECKED = {
    "prod": ("01-resize", "05-rename-with-formerly", "06-rename-without-formerly"),
    "test": ("03-retarget", "07-delete", "09-another-region"),
}


def graph_of(files: Files, stack: str, folder: Path) -> Graph:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    done = study(folder, specs=[folder / "environments/fraud.py"], stacks=[stack])
    assert not done.failed, done.diagnostics
    (one,) = done.stacks
    return one.graph


def planned(project: OfflineProject) -> set[tuple[str, str]]:
    """Give the engine's operations on AWS resources by `Class/name`."""
    said = project.pulumi("preview", "--json")
    document = json.loads(said[said.index("{") : said.rindex("}") + 1])
    return {
        (step["op"], f"{kind.rpartition(':')[2]}/{name}")
        for step in document["steps"]
        for kind, name in [step["urn"].split("::")[2:4]]
        if kind.rpartition("$")[2].startswith("aws:") and step["op"] not in ("same", "read")
    }


def expected(found: tuple[Step, ...]) -> set[tuple[str, str]]:
    """Write a review's steps as a preview does: a new version is two of its steps."""
    told: set[tuple[str, str]] = set()
    for step in found:
        names = [f"{_class(one.type)}/{engine_name(one)}" if one else "" for one in (step.before, step.after)]
        match step.operation:
            case "create" | "update":
                told.add((step.operation, names[1]))
            case "delete":
                told.add(("delete", names[0]))
            case "renew":
                told |= {("create", names[1]), ("delete", names[0])}
            case "replace":
                told.add(("replace", names[1]))
    return told


def _class(type_name: str) -> str:
    return VOCABULARY[type_name].token.rpartition(":")[2]


@pytest.mark.parametrize(
    ("stack", "name"), [(stack, name) for stack, names in CHECKED.items() for name in names], ids=lambda value: value
)
def test_the_engine_plans_what_the_review_says(project: OfflineProject, tmp_path: Path, stack: str, name: str) -> None:
    ((_, before, after),) = [one for one in states() if one[0] == name]
    then, now = (graph_of(files, stack, tmp_path / side) for side, files in (("before", before), ("after", after)))
    deploy(project, then)
    project.stack("test", f"aws:region: {now.region}")
    (project.root / "programs/__main__.py").write_text(emit_program(now, spec="environments/fraud.py", version="0"))
    assert planned(project) == expected(steps(then, now))


@pytest.mark.parametrize("target", ["Ecs", "Lambda"])
def test_so_it_is_with_containers_and_functions(project: OfflineProject, tmp_path: Path, target: str) -> None:
    files = {"Pulumi.yaml": "name: shop\nruntime: python\n", "Pulumi.prod.yaml": "config:\n  aws:region: us-east-1\n"}
    before = {**files, "environments/fraud.py": spec(target)}
    after = {**files, "environments/fraud.py": changed(spec(target), "another-version")}
    then, now = (graph_of(each, "prod", tmp_path / side) for side, each in (("before", before), ("after", after)))
    deploy(project, then)
    (project.root / "programs/__main__.py").write_text(emit_program(now, spec="environments/fraud.py", version="0"))
    assert planned(project) == expected(steps(then, now))
