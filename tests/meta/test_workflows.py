"""The workflow and the hooks for pull requests: what they call exists, runs without AWS, and fails where it should."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.meta.workflow_support import WORKFLOWS, run_step, workflow
from tests.project_support import SPEC, Project

ROOT = Path(__file__).parents[2]
WORKFLOW = WORKFLOWS / "check.yml"
SARIF = ROOT / "tests/diagnostics/schemas/sarif-2.1.0.json"
BAD = SPEC.replace('instance="ml.c5.xlarge"', 'instance="ml.g5.xlarge"')
VOLUME = {"address": "aws_ebs_volume.data", "mode": "managed", "type": "aws_ebs_volume", "name": "data"}


def steps() -> dict[str, Mapping[str, Any]]:
    """Give the steps that call mlstage, by name."""
    listed = workflow(WORKFLOW.name)["jobs"]["check"]["steps"]
    return {step["name"]: step for step in listed if "mlstage " in step.get("run", "")}


def run(project: Project, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    return run_step(project.root, steps()[name], **{"POLICIES": "", "STRICT": "", **inputs})


def test_the_workflow_can_be_called_and_asks_for_no_credentials() -> None:
    document = workflow(WORKFLOW.name)
    assert set(document["on"]) == {"workflow_call"}
    inputs = document["on"]["workflow_call"]["inputs"]
    assert all("default" in one and "description" in one for one in inputs.values())
    # `id-token` is how a job gets AWS credentials.
    assert document["permissions"] == {"contents": "read", "security-events": "write"}
    text = WORKFLOW.read_text(encoding="utf-8")
    assert "configure-aws-credentials" not in text and "secrets." not in text
    used = {part.split()[0].split("}")[0] for part in text.split("inputs.")[1:]}
    assert used == set(inputs)


def test_no_input_is_pasted_into_a_script() -> None:
    for step in workflow(WORKFLOW.name)["jobs"]["check"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]


def test_sound_specs_pass_every_step(project: Project) -> None:
    assert project.run("compile").code == 0
    for name in ("Report specs", "Judge specs", "Compare the compiled programs with the specs"):
        done = run(project, name)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
    assert "fraud in test, prod" in (project.root / "summary.md").read_text(encoding="utf-8")


def test_a_finding_is_reported_uploaded_and_then_fails(project: Project) -> None:
    project.spec(BAD)
    assert run(project, "Report specs").returncode == 0
    document = json.loads((project.root / ".mlstage/specs.sarif").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SARIF.read_text(encoding="utf-8")))
    assert {one["ruleId"] for one in document["runs"][0]["results"]} >= {"ML102"}
    assert "ML102" in (project.root / "summary.md").read_text(encoding="utf-8")
    done = run(project, "Judge specs")
    line = project.line("environments/spec.py", "ml.g5.xlarge").partition(":")[2]
    assert done.returncode == 1
    assert f"::error file=environments/spec.py,line={line}," in done.stdout


def test_plans_of_an_artifact_are_judged(project: Project) -> None:
    values = {"encrypted": False, "tags": {"Environment": "prod"}}
    planned = {"root_module": {"resources": [{**VOLUME, "values": values}]}}
    project.write(".mlstage/judged/eu plan.json", json.dumps({"format_version": "1.2", "planned_values": planned}))
    project.write(".mlstage/judged/preview.json", json.dumps({"steps": []}))
    assert run(project, "Report plans and previews").returncode == 0
    assert "eu plan.json: 1 resource judged as production" in (project.root / "summary.md").read_text(encoding="utf-8")
    results = json.loads((project.root / ".mlstage/saved.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert [one["ruleId"] for one in results if one["level"] == "error"] == ["ML402"]
    assert run(project, "Judge plans and previews").returncode == 1


def test_an_artifact_without_plans_is_no_silent_pass(project: Project) -> None:
    done = run(project, "Report plans and previews")
    assert done.returncode == 1 and "neither" in done.stdout


@pytest.mark.parametrize(
    "hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()), ids=lambda hook: hook["id"]
)
def test_a_hook_s_command_runs_and_refuses(project: Project, hook: Mapping[str, Any]) -> None:
    program, *arguments = hook["entry"].split()
    assert program == "mlstage" and hook["language"] == "python" and hook["pass_filenames"] is False
    assert project.run("compile").code == 0
    assert project.run(*arguments).code == 0
    project.spec(BAD)
    assert project.run(*arguments).code == 1


def test_the_starter_s_workflow_calls_commands_that_exist(project: Project) -> None:
    starter = yaml.safe_load((ROOT / "dsl/mlstage/cli/starter/workflows/mlstage.yml").read_text(encoding="utf-8"))
    commands = [step["run"] for step in starter["jobs"]["check"]["steps"] if step.get("run", "").startswith("mlstage ")]
    assert commands
    assert project.run("compile").code == 0
    for command in commands:
        arguments = command.split()[1:]
        # The engine has tests of its own: here, only that the command takes these options.
        done = project.run(*(["preview", "--help"] if arguments[0] == "preview" else arguments))
        assert done.code == 0, (command, done.said)
