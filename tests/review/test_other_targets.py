"""What a review says of one and the same change on containers, pods and functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git_support import Repository, mlstage
from tests.targets.test_retarget import spec

TARGETS = ("Ecs", "Eks", "Lambda")
# A new version of the model, more memory, another hour; then everything under names of their own.
CHANGES = {
    "another-version": {"ticket-sorter:2.3.0": "ticket-sorter:2.4.0"},
    "more-memory": {'memory="8GB"': 'memory="16GB"', 'memory="4GB"': 'memory="8GB"'},
    "another-hour": {"cron(0 2 * * ? *)": "cron(30 3 * * ? *)"},
    "more-replicas": {"Autoscale(min=2, max=6,": "Autoscale(min=3, max=9,"},
}


def changed(text: str, name: str) -> str:
    """Change a spec in one of the ways above."""
    found = text
    for old, new in CHANGES[name].items():
        found = found.replace(old, new)
    assert found != text, name
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a project with the same environment on every target."""
    made = Repository(tmp_path_factory.mktemp("targets") / "acme")
    files = {f"environments/{target.lower()}.py": spec(target) for target in TARGETS}
    stacks = {f"Pulumi.{stack}.yaml": "config:\n  aws:region: us-east-1\n" for stack in ("test", "prod")}
    made.write({**files, **stacks, "Pulumi.yaml": "name: acme\nruntime: python\n"})
    made.commit("the beginning")
    return made


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_in_the_terms_of_each_target(
    before: Repository, name: str, monkeypatch: pytest.MonkeyPatch, golden: Callable[[str, str], None]
) -> None:
    monkeypatch.chdir(before.root)
    for target in TARGETS:
        Path(f"environments/{target.lower()}.py").write_text(changed(spec(target), name), encoding="utf-8")
    code, said, err = mlstage("review", "--base", "HEAD", "--stack", "prod", "--format", "markdown")
    before.git("checkout", "--quiet", ".")
    assert code == 0, err
    golden(f"golden/targets/{name}.md", said)


# Each workload on one target and then on another, or on none.
MOVES = {
    "gone": ("RealtimeEndpoint", 'SageMaker(instance="ml.m5.large")', ""),
    "pods": ("RealtimeEndpoint", 'SageMaker(instance="ml.m5.large")', 'Eks(cpu=2, memory="4GB")'),
    "tasks": ("RealtimeEndpoint", 'Eks(cpu=2, memory="4GB")', 'Ecs(cpu=2, memory="4GB")'),
    "queue": ("AsyncEndpoint", 'Ecs(cpu=2, memory="4GB")', 'Lambda(memory="2GB")'),
    "stays": ("RealtimeEndpoint", 'Lambda(memory="2GB")', 'Lambda(memory="3GB")'),
    "batch": ("BatchInference", 'Ecs(cpu=2, memory="4GB")', 'Lambda(memory="2GB")'),
}


def moving(side: int) -> str:
    given = {
        "RealtimeEndpoint": "",
        "AsyncEndpoint": 'output="s3://acme-docs/out/"',
        "BatchInference": 'input="s3://acme-docs/in/", output="s3://acme-docs/out/"',
    }
    workloads = [
        f'{kind}(name="{name}", model=model, on={sides[side]}, {given[kind]}),'
        for name, (kind, *sides) in MOVES.items()
        if sides[side]
    ]
    return "\n".join(
        [
            "from mlstage import *",
            'image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/m:1"',
            'model = Model(image=image, artifact="s3://acme-models/m/model.tar.gz", size="200MB")',
            'environment = Environment(name="moves", owner="ml", workloads=[',
            *workloads,
            "])",
        ]
    )


def test_whose_callers_lose_an_address_is_told_and_of_nobody_else(
    before: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(before.root)
    before.write({"environments/moves.py": moving(0)})
    before.commit("where they were")
    before.write({"environments/moves.py": moving(1)})
    code, said, err = mlstage("review", "environments/moves.py", "-s", "test", "--base", "HEAD", "--format", "json")
    assert code == 0, err
    (stack,) = json.loads(said)["stacks"]
    losing = {trap["workload"]: trap["name"] for trap in stack["traps"] if trap["name"] != "data-loss"}
    moved = "moved-to-another-target"
    assert losing == {"gone": "callers-left", "pods": moved, "tasks": moved}
