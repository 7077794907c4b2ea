"""`environments/retarget.py` on every target, by one word: what each makes of it, and what each refuses and why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from mlstage.diagnostics import Severity, render
from mlstage.graph import Graph
from mlstage.graph.dump import dump
from mlstage.offline import Engine
from mlstage.project import study
from mlstage.targets.lowering import TARGETS
from tests.engine_support import OfflineProject

REPOSITORY = Path(__file__).parents[2]
STACKS = ("test", "prod")
WRITTEN = 'Ecs(cpu=2, memory="8GB")'
# What stands in its place. A target that is not here fails: it has to say what becomes of this environment.
ON = {
    "SageMaker": 'SageMaker(instance="ml.m5.large")',
    "SageMakerServerless": 'SageMakerServerless(memory="4GB", concurrency=10)',
    "Ecs": WRITTEN,
    "Eks": 'Eks(cpu=2, memory="8GB")',
    "Lambda": 'Lambda(memory="4GB")',
    "Batch": 'Batch(cpu=2, memory="8GB")',
}
# These run one of the two workloads only, or neither.
REFUSED = ("SageMakerServerless", "Batch")
RUNS = [name for name in ON if name not in REFUSED]


def spec(target: str, kinds: str = "") -> str:
    """Write the environment for a target, under a name of its own so that all can come up in one account."""
    text = (REPOSITORY / "environments/retarget.py").read_text()
    for before, after in {
        f"on={WRITTEN}": f"on={ON[target]}",
        "    Ecs,\n": f"    {target},\n",
        'name="retarget"': f'name="retarget-{target.lower()}"',
    }.items():
        assert before in text
        text = text.replace(before, after)
    return text + kinds


def written(root: Path, *targets: str) -> Path:
    for stack in STACKS:
        (root / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (root / "environments").mkdir(exist_ok=True)
    for target in targets:
        (root / f"environments/{target.lower()}.py").write_text(spec(target))
    return root


def test_every_target_is_tried() -> None:
    assert list(ON) == [target.name for target in TARGETS]


@dataclass(frozen=True)
class Ran:
    """What the engine did with every target's environment in one stack."""

    refused: list[str]
    changed_by_the_second: list[str]
    left: list[str]


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Graph]:
    """Give the graph of each target and stack; what is wrong with one fails here."""
    root = written(tmp_path_factory.mktemp("graphs"), *RUNS)
    (root / "Pulumi.yaml").write_text("name: retarget\nruntime: python\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)  # places are told from where one is
        done = study(root, today=date(2026, 11, 1))
    assert [one for one in done.diagnostics if one.severity is Severity.ERROR] == []
    return {(Path(one.spec_path).stem, one.graph.stack): one.graph for one in done.stacks}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("target", RUNS)
def test_the_graph(
    target: str, stack: str, graphs: Mapping[tuple[str, str], Graph], golden: Callable[[str, str], None]
) -> None:
    golden(f"golden/retarget/{target.lower()}-{stack}.json", dump(graphs[target.lower(), stack]))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> OfflineProject:
    """Compile every target's environment into one project."""
    project = OfflineProject(written(tmp_path_factory.mktemp("engine"), *RUNS), engine, "retarget")
    for stack in STACKS:
        project.stack(stack)
    command = [sys.executable, "-m", "mlstage", "compile"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return project


@pytest.mark.engine
@pytest.mark.parametrize("stack", STACKS)
def test_all_come_up_stay_as_they_are_and_go(stack: str, compiled: OfflineProject) -> None:
    compiled.up(stack=stack)
    made = compiled.events(stack)
    assert [event["name"] for event in made if event.get("refused")] == []
    outputs = json.loads(compiled.pulumi("stack", "output", "--json", stack=stack))
    found = {name.partition("/")[2] for name in compiled.resources(stack)}
    for target in RUNS:
        assert any(name.startswith(f"retarget-{target.lower()}-sorter-") for name in found), target
        assert any(name.startswith(f"retarget-{target.lower()}-nightly-") for name in found), target
        start = outputs[f"retarget-{target.lower()}/nightly/start"]
        assert start.startswith(("aws ", "kubectl ")), start
        assert "Output" not in start, "everything in it is known"
    compiled.up(stack=stack)
    assert [event["name"] for event in compiled.events(stack)[len(made) :]] == []
    compiled.destroy(stack=stack)
    assert sorted(compiled.resources(stack)) == []
    assert [event["name"] for event in compiled.events(stack) if event.get("refused")] == []


def test_the_programs_type_check(compiled: OfflineProject) -> None:
    """The checker knows the nested keys of pulumi_aws: it finds a wrong one."""
    settings = ["--config-file", str(REPOSITORY / "pyproject.toml"), "--cache-dir", str(REPOSITORY / ".mypy_cache")]
    folders = [str(compiled.root / f"programs/retarget_{target.lower()}") for target in RUNS]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *settings, *folders], cwd=compiled.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


KINDS = """
from mlstage import AsyncEndpoint, Environment, Model, Notebook, Processing, Training

image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ticket-sorter:2.3.0"
others = Environment(
    name="others",
    owner="support-ml",
    workloads=[
        AsyncEndpoint(name="asynchronous", model=model, output="s3://acme-ml-data/a/", on={on}),
        Training(name="training", image=image, inputs={{}}, output="s3://acme-ml-data/t/", on={on}),
        Processing(name="processing", image=image, inputs={{}}, outputs={{}}, on={on}),
    ],
)
"""


@pytest.mark.parametrize("target", ON)
def test_what_is_refused_says_why_and_what_to_write(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[str, str], None]
) -> None:
    """The environment itself, and one workload of each other kind."""
    root = written(tmp_path, target)
    monkeypatch.chdir(root)
    (root / "Pulumi.yaml").write_text("name: retarget\nruntime: python\n")
    place = root / f"environments/{target.lower()}.py"
    place.write_text(place.read_text() + KINDS.format(on=ON[target]))
    found = [one for one in study(root).diagnostics if one.severity is Severity.ERROR]
    golden(f"golden/retarget/{target.lower()}-refuses.txt", render(found) if found else "nothing\n")
