"""The environments on EKS on the real engine: up, up again without a change, and down; and a preview read back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlstage.cli import main
from mlstage.graph import Graph, Resource
from mlstage.project import study
from mlstage.readers.pulumi_preview import read_preview
from tests.engine_support import OfflineProject

REPOSITORY = Path(__file__).parents[3]
# A GPU service and a training on Spot in a cluster of their own; a Neuron service in one that is there.
ENVIRONMENTS = ("visual_search", "text_safety")

# Where the weekly index is built on Spot machines, and somebody is told when it fails.
IN_PRODUCTION = (
    "PersistentVolumeClaim/visual-search-weekly-index-checkpoints",
    "StorageClass/visual-search-checkpoint-volumes",
    "LogMetricFilter/visual-search-weekly-index-failures",
)


@pytest.mark.engine
@pytest.mark.parametrize("stack", ["test", "prod"])
def test_they_come_up_stay_as_they_are_and_go(
    project: OfflineProject, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "environments").mkdir()
    for name in ENVIRONMENTS:
        shutil.copy(REPOSITORY / "environments" / f"{name}.py", project.root / "environments")
    for each in ("test", "prod"):
        project.stack(each)
    monkeypatch.chdir(project.root)
    monkeypatch.setattr("sys.argv", ["mlstage", "compile"])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code in (0, None)
    if stack == "prod":
        _preview_reads_back_as_the_graphs(project)
    project.up(stack=stack)
    made = project.events(stack)
    assert [(event["name"], event["refused"]) for event in made if event.get("refused")] == []
    assert {
        "Deployment/visual-search-embedder-deployment",
        "CronJob/visual-search-nightly-training-job",
        "Deployment/text-safety-classifier-deployment",
        *(IN_PRODUCTION if stack == "prod" else ()),
    } <= set(project.resources(stack))
    project.up(stack=stack)
    assert project.events(stack) == made
    project.destroy(stack=stack)
    assert project.resources(stack) == {}
    assert [(event["name"], event["refused"]) for event in project.events(stack) if event.get("refused")] == []


def _preview_reads_back_as_the_graphs(project: OfflineProject) -> None:
    """Compare what the engine was asked for, read by the reader of anybody's programs, with what the graphs say."""
    text = project.pulumi("preview", "--json", stack="prod")
    read = read_preview(text[text.index("{") :]).graph
    objects = [
        resource
        for one in study(project.root, stacks=["prod"]).stacks
        for resource in one.graph.resources
        if resource.options.provider
    ]
    assert {"visual-search-embedder-deployment", "text-safety-classifier-secrets"} <= {one.name for one in objects}
    assert [one.name for one in objects if not _same(one, read)] == []


def _same(resource: Resource, read: Graph) -> bool:
    other = read.by_name[resource.name]
    return (other.type, dict(other.props)) == (resource.type, dict(resource.props))
