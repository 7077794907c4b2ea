"""OpenTofu does with our modules what Terraform does. Skipped where there is none: `make opentofu` builds one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstage.offline.opentofu import find_opentofu
from mlstage.offline.terraform import COMMAND_VARIABLE, Terraform, find_terraform
from tests.project_support import Project
from tests.terraform.real import changes, use_server, use_together
from tests.terraform.stacks import module_of, name_of, stacks

APPLIED = "ticket-router_test"


@pytest.fixture(scope="module")
def tofu() -> Terraform:
    found = find_opentofu()
    if found is None:
        pytest.skip("tofu is not on PATH, and `make opentofu` has not built it")
    opentofu = find_terraform({COMMAND_VARIABLE: str(found)})
    if opentofu.mirror is None:
        pytest.skip("no local mirror of the AWS provider for OpenTofu")
    return opentofu


def test_plan_check_judges_what_opentofu_plans(
    tofu: Terraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: int
) -> None:
    project = Project(tmp_path / "acme", monkeypatch)
    monkeypatch.setenv(COMMAND_VARIABLE, str(tofu.command))
    project.run("compile", "--target", "terraform")
    use_server(project.root / "terraform/fraud/prod", server)
    run = project.run("plan-check", "--stack", "prod")
    assert run.code == 0, run.said
    assert "terraform/fraud/prod: tofu plan" in run.err
    assert "resources judged as production" in run.err


def test_every_environment_is_valid_in_every_stack(tofu: Terraform, tmp_path: Path) -> None:
    use_together(tmp_path, {name_of(one): module_of(one.graph) for one in stacks()})
    tofu.init(tmp_path)
    assert [str(one) for one in tofu.validate(tmp_path)] == []


def test_a_stack_is_applied_planned_again_and_destroyed(tofu: Terraform, tmp_path: Path, server: int) -> None:
    use_together(tmp_path, {name_of(one): module_of(one.graph) for one in stacks() if name_of(one) == APPLIED}, server)
    tofu.init(tmp_path)
    done = tofu.run(tmp_path, "apply", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 0, done.stderr
    assert [str(one) for one in changes(tofu.plan(tmp_path))] == []
    done = tofu.run(tmp_path, "destroy", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 0, done.stderr
    left = json.loads((tmp_path / "terraform.tfstate").read_text())["resources"]
    assert [one for one in left if one["mode"] == "managed"] == []
