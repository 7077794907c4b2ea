"""A project's own policies: presets, rules of its own, waivers of infrastructure without a spec."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.project_support import Project

POLICIES = Path(__file__).parents[2] / "policies"

RULE = '''\
"""Volumes that are too small for a model."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Resource
from mlstage.rules import About, Answer, Level, Levels, resource_rule, when
from mlstage.rules.truth import field


@dataclass(frozen=True, slots=True)
class SmallVolume:
    """`least` is the least size that is accepted, in GiB."""

    least: int = 30


@resource_rule(
    id="ML901",
    name="small-volume",
    title="A volume that is too small for a model",
    types=("aws.ebs.Volume",),
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="size=30 or more",
    sources=("https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html",),
    options=SmallVolume,
)
def small_volume(volume: Resource, about: About) -> Iterator[Answer]:
    """A model that does not fit stops the machine when it loads."""
    size = field(volume, "size")
    yield from when(size.is_below(about.options(SmallVolume).least), size, f"{about.call(volume)} has {size.shown} GiB")
'''


DOCS = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Give the only block of a language in the documentation."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    return str(text)


def plan(project: Project, **values: object) -> str:
    """Write a plan of one volume and give its name."""
    place = {"address": "aws_ebs_volume.data", "mode": "managed", "type": "aws_ebs_volume", "name": "data"}
    tags = {"owner": "payments", "project": "shop", "stage": "blue"}
    values = {"availability_zone": "us-east-1a", "encrypted": True, "size": 8, "tags": tags, **values}
    planned = {"root_module": {"resources": [{**place, "values": values}]}}
    project.write("plan.json", json.dumps({"format_version": "1.2", "planned_values": planned}))
    return "plan.json"


def judged(project: Project, *arguments: str) -> list[tuple[str, str, str]]:
    run = project.run("check", "--plan", "plan.json", "--stack", "prod", *arguments, "--format", "json")
    return [(one["severity"], one["code"], one["kind"]) for one in json.loads(run.out)["diagnostics"]]


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        (
            "size = field(volume",
            "size = 1 / 0\n    size = field(volume",
            "ml901_small_volume.py:30: the rule ML901-small-volume failed: ZeroDivisionError",
        ),
        (
            "aws.ebs.Volume",
            "aws.ebs.Volum",
            "is about 'aws.ebs.Volum', a type that mlstage lacks; did you mean 'aws.ebs.Volume'?",
        ),
    ],
)
def test_what_is_wrong_in_a_rule_of_one_s_own_is_told_at_its_file(
    project: Project, was: str, now: str, message: str
) -> None:
    plan(project)
    project.write("policies/rules/ml901_small_volume.py", RULE.replace(was, now))
    run = project.run("check", "--plan", "plan.json", "--stack", "prod")
    assert (run.code, message in run.err, "bug" in run.err) == (2, True, False), run.err


def test_a_rule_of_one_s_own_is_asked_listed_and_explained(project: Project) -> None:
    project.write("policies/rules/ml901_small_volume.py", RULE)
    plan(project)
    assert judged(project) == [("error", "ML901", "problem")]
    assert "ML901" in project.run("rules", "--family", "ML9").out
    assert "A model that does not fit stops the machine" in project.run("explain", "ML901").out


def test_settings_reach_a_rule_of_one_s_own(project: Project) -> None:
    project.write("policies/rules/ml901_small_volume.py", RULE)
    plan(project)
    for entry, expected in (({"least": 8}, []), ("advisory", [("warning", "ML901", "problem")])):
        project.write("policies/recommended.json", json.dumps({"ML901-small-volume": entry}))
        assert judged(project) == expected


def test_a_waiver_of_the_settings_needs_a_reason_and_a_day_and_something_to_answer(project: Project) -> None:
    plan(project, encrypted=False)
    waiver = {"rule": "ML402", "reason": "scratch", "until": "2999-12-31", "resource": "aws_ebs_volume.data"}
    for change, expected in (
        ({}, [("note", "ML402", "waived")]),
        ({"reason": " "}, [("error", "ML402", "problem")]),
        ({"until": "2026-01-01"}, [("error", "ML402", "problem")]),
        ({"resource": "other"}, [("warning", "ML402", "problem"), ("error", "ML402", "problem")]),
    ):
        project.write("policies/recommended.json", json.dumps({"mlstage": {"waivers": [{**waiver, **change}]}}))
        assert judged(project) == expected, change


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("ml901_other.py", RULE, "whose file is named"),
        ("ml901_small_volume.py", RULE.replace('"ML901"', '"ML801"'), "whose file is named"),
        ("ml801_small_volume.py", RULE.replace('"ML901"', '"ML801"'), "rules of your own are ML901 to ML999"),
        ("ml901_small_volume.py", "import nothing_of_that_name\n", "does not run: ModuleNotFoundError"),
        ("ml901_small_volume.py", "def (\n", "does not run: SyntaxError"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(project: Project, file: str, text: str, message: str) -> None:
    project.write(f"policies/rules/{file}", text)
    run = project.run("check")
    assert run.code == 2
    assert file in run.err and message in run.err
    assert "Traceback" not in run.said


def test_outside_of_a_project_the_nearest_policies_hold(project: Project) -> None:
    (project.root / "Pulumi.yaml").unlink()
    plan(project, encrypted=False)
    project.write("policies/recommended.json", json.dumps({"ML402-unencrypted-storage": "disabled"}))
    assert judged(project) == []
    assert judged(project, "--policies", str(POLICIES / "recommended.json")) == [("error", "ML402", "problem")]


@pytest.mark.parametrize(
    ("preset", "expected"), [("recommended", "error"), ("strict", "error"), ("learning", "warning")]
)
def test_a_preset_says_how_much_a_rule_weighs(project: Project, preset: str, expected: str) -> None:
    plan(project, encrypted=False)
    assert judged(project, "--policies", str(POLICIES / f"{preset}.json")) == [(expected, "ML402", "problem")]


def test_rules_are_listed_by_family_tier_and_door(project: Project) -> None:
    def ids(*arguments: str) -> set[str]:
        return {row["id"] for row in json.loads(project.run("rules", *arguments, "--format", "json").out)}

    assert {one[:3] for one in ids("--family", "security")} == {"ML4"}
    assert "ML102" in ids("--tier", "test") and "ML102" not in ids("--tier", "production")
    assert "ML405" in ids("--door", "resource") and "ML405" not in ids("--door", "stack")
    assert "ML201" in ids("--door", "stack") and "ML201" not in ids("--door", "resource")
    assert ids("--door", "plan") == ids("--door", "spec") == ids()
    assert "Did you mean" in project.run("rules", "--family", "securty").err


def test_a_stage_s_waiver_holds_for_the_stack_and_one_that_answers_nothing_is_told(project: Project) -> None:
    from tests.project_support import SPEC

    def stages(**waivers: str) -> str:
        told = "".join(f"{tier}=Stage(tier={tier!r}, waivers=[{text}])," for tier, text in waivers.items())
        text = SPEC.replace('owner="payments",', f'owner="payments", stages={{**dict({told})}},')
        return text.replace("import (", "import (\n    Stage,\n    waive,").replace("ml.c5.xlarge", "ml.g5.xlarge")

    waived = 'waive("ML102", reason="GPUs are tried in test", until="2999-01-31")'
    project.spec(stages(test=waived, production=waived).replace("prod=", "production="))
    project.stack("production")
    _, found = project.check("--stack", "test")
    gpu = [(one.severity, one.what.split(":")[0]) for one in found if one.code == "ML102"]
    assert gpu == [("note", "waived until 2999-01-31")]
    project.spec(
        stages(test=waived, production="").replace("prod=", "production=").replace("ml.g5.xlarge", "ml.c5.xlarge")
    )
    _, found = project.check("--stack", "test")
    assert [(one.severity, one.what) for one in found if one.code == "ML102"] == [
        ("warning", "the waiver of ML102 for fraud answers nothing: the rule does not object")
    ]


def test_what_the_documentation_shows_works(project: Project) -> None:
    project.write("policies/rules/ml901_small_volume.py", block("python"))
    project.write("policies/recommended.json", block("json"))
    plan(project, encrypted=False)
    assert judged(project) == [
        ("warning", "ML402", "problem"),
        ("error", "ML402", "problem"),
        ("error", "ML901", "problem"),
    ]
    called = yaml.safe_load(block("yaml"))["jobs"]["mlstage"]
    workflow = yaml.safe_load((Path(__file__).parents[2] / ".github/workflows/check.yml").read_text(encoding="utf-8"))
    # YAML 1.1 takes the key `on` for true.
    assert set(called["with"]) <= set(workflow[True]["workflow_call"]["inputs"])
    assert called["permissions"] == workflow["permissions"]
