"""`mlstage offers` and `mlstage targets`: what may be chosen from, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlstage.targets import TARGETS
from tests.project_support import Project


def offered(project: Project, *arguments: str) -> dict[str, dict[str, Any]]:
    run = project.run("offers", *arguments, "--format", "json")
    assert run.code == 0, run.err
    return {one["type"]: one for one in json.loads(run.out)}


def test_a_type_is_told_with_what_is_in_it_and_the_source(project: Project) -> None:
    one = offered(project, "ml.inf2.xlarge")["ml.inf2.xlarge"]
    assert (one["vcpu"], one["memory_gib"], one["accelerator"]["neuron_cores"]) == (4, 16, 2)
    assert "hosting" in one["uses"] and one["source"]
    said = project.run("offers", "ml.g5.xlarge")
    assert "1 x NVIDIA A10G, 22.35 GiB" in said.out and "Facts: " in said.err


def test_types_are_chosen_by_use_accelerator_and_family(project: Project) -> None:
    gpus = offered(project, "--use", "hosting", "--gpu")
    assert "ml.g5.xlarge" in gpus and not {"ml.m5.xlarge", "ml.inf2.xlarge"} & gpus.keys()
    assert {one["accelerator"]["kind"] for one in gpus.values()} == {"nvidia"}
    assert {one["accelerator"]["kind"] for one in offered(project, "--neuron").values()} == {"neuron"}
    assert {name.split(".")[1] for name in offered(project, "--family", "m5")} == {"m5"}


def test_a_retired_family_is_told_with_its_successors(project: Project) -> None:
    one = offered(project, "ml.p3.2xlarge")["ml.p3.2xlarge"]
    assert one["lifecycle"]["state"] == "retired" and one["lifecycle"]["successors"] and one["lifecycle"]["source"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ml.g5.xlrge",), 2, "There is no instance type 'ml.g5.xlrge'. Did you mean ml.g5.xlarge"),
        (("--family", "z99"), 1, "no such type is offered"),
        (("--use", "dancing"), 2, "'dancing' is not one of"),
    ],
)
def test_what_is_not_offered_is_said(project: Project, arguments: tuple[str, ...], code: int, said: str) -> None:
    run = project.run("offers", *arguments)
    assert (run.code, run.out) == (code, "")
    assert said in run.err


def test_every_target_answers_every_question_and_says_what_to_write_instead(project: Project) -> None:
    run = project.run("targets", "--format", "json")
    shown = json.loads(run.out)
    assert list(shown) == [target.name for target in TARGETS]
    assert len({tuple(answers) for answers in shown.values()}) == 1
    nos = [(name, asked, one) for name, answers in shown.items() for asked, one in answers.items() if not one["can"]]
    assert [(name, asked) for name, asked, one in nos if not (one["because"] and one["instead"])] == []
    assert shown["Lambda"]["gpu"]["can"] is False and shown["Ecs"]["gpu"]["can"] is True


def test_the_table_has_a_column_for_each_target(project: Project) -> None:
    first = next(line for line in project.run("targets").out.splitlines() if line.strip())
    assert first.split() == [target.name for target in TARGETS]
