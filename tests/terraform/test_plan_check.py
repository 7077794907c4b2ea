"""`mlstage plan-check`: the real Terraform, the real provider, and the rules on the plan."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from mlstage.offline.terraform import Terraform
from tests.project_support import Project
from tests.terraform.real import use_server

MODULE = "terraform/fraud/prod"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terraform: Terraform) -> Project:  # noqa: ARG001 - or skip
    return Project(tmp_path / "acme", monkeypatch)


@pytest.fixture
def kept_warm(warm_terraform: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in warm_terraform.settings.items():
        monkeypatch.setenv(name, value)


def with_server(project: Project, server: int) -> None:
    """Have the module of stack `prod` speak with moto: by a file of the user's own beside it."""
    project.run("compile", "--target", "terraform")
    use_server(project.root / MODULE, server)


def test_a_module_is_initialised_validated_planned_and_judged(project: Project, server: int) -> None:
    """Cold, as a user's first run is: the provider comes from the local mirror, or is downloaded."""
    with_server(project, server)
    run = project.run("plan-check", "--stack", "prod")
    assert run.code == 0, run.said
    for step in ("init", "validate", "plan"):
        assert re.search(rf"{MODULE}: (terraform|tofu) {step}", run.err)
    assert re.search(rf"{MODULE}: \d+ resources judged as production", run.err)
    assert "terraform/fraud/test" not in run.err


@pytest.mark.usefixtures("kept_warm")
def test_what_the_rules_object_to_is_what_check_says_at_the_authors_line(project: Project, server: int) -> None:
    """Through Terraform's plan and back, the rules see the same stack."""
    text = (project.root / "environments/spec.py").read_text()
    text = re.sub(r"replicas=per_stage\(.*?\n            \),", "replicas=2,", text, flags=re.S)
    project.write("environments/spec.py", text.replace("checkpoint=", "checkpoint=None and ", 1))
    with_server(project, server)
    run = project.run("plan-check", "--stack", "prod", "--format", "json")
    assert run.code == 1, run.err
    told = json.loads(run.out)["diagnostics"]
    checked = json.loads(project.run("check", "--stack", "prod", "--format", "json").out)["diagnostics"]
    assert {_finding(one) for one in told} == {_finding(one) for one in checked}
    assert "ML201" in {one["code"] for one in told}


def _finding(one: dict[str, Any]) -> tuple[object, ...]:
    place = one["where"]
    return one["code"], one["severity"], one["subject"], one["what"], place and (place["file"], place["line"])


@pytest.mark.usefixtures("kept_warm")
def test_what_terraform_refuses_is_told_in_its_words_at_file_and_line(project: Project) -> None:
    project.run("compile", "--target", "terraform")
    project.write(f"{MODULE}/mine.tf", 'resource "aws_sns_topic" "mine" {\n  nme = "x"\n}\n')
    run = project.run("plan-check", "--stack", "prod", "--validate-only")
    assert run.code == 2
    assert re.search(rf"{MODULE}/mine.tf:2: error TF201: Unsupported argument: .*nme", run.out)
    assert f"{MODULE}: refused" in run.err
    assert f"{MODULE}: terraform plan" not in run.err


@pytest.mark.usefixtures("kept_warm")
def test_a_module_that_cannot_be_initialised_does_not_hide_the_others(project: Project) -> None:
    project.write("broken/main.tf", 'resource "aws_sns_topic" {\n')
    project.write("wrong/main.tf", 'resource "aws_sns_topic" "mine" {\n  nme = "x"\n}\n')
    run = project.run("plan-check", "broken", "wrong", "--validate-only")
    assert run.code == 2
    assert run.out.count("Missing name for resource") == 1  # Terraform says it twice
    assert "broken/main.tf:1: error TF201: Missing name for resource: All resource blocks must have 2 labels" in run.out
    assert "wrong/main.tf:2: error TF201: Unsupported argument" in run.out
    assert "problems during initiali" not in run.out


@pytest.mark.usefixtures("kept_warm")
def test_validation_needs_no_credentials(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    run = project.run("plan-check", "--validate-only")
    assert run.code == 0, run.said
    assert "terraform/fraud/prod: valid" in run.err
    assert "terraform/fraud/test: valid" in run.err


@pytest.mark.usefixtures("kept_warm")
def test_without_credentials_the_plan_says_so(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(project.root))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    run = project.run("plan-check", "--stack", "prod")
    assert run.code == 2
    assert "error TF202: No valid credential sources found" in run.out
    assert "aws sts get-caller-identity" in run.out


@pytest.mark.usefixtures("kept_warm")
def test_a_module_that_mlstage_did_not_write_is_judged_by_addresses(project: Project, server: int) -> None:
    project.write(
        "infra/main.tf",
        """
        variable "size" { type = number }
        provider "aws" { region = "us-east-1" }
        resource "aws_sagemaker_notebook_instance" "lab" {
          name          = "lab"
          role_arn      = "arn:aws:iam::123456789012:role/lab"
          instance_type = "ml.t3.medium"
          volume_size   = var.size
        }
        """,
    )
    project.write("infra/prod.tfvars", "size = 20\n")
    use_server(project.root / "infra", server)
    run = project.run(
        "plan-check", "infra", "--tier", "production", "--var-file", "infra/prod.tfvars", "--format", "json"
    )
    assert run.out, run.err
    told = json.loads(run.out)["diagnostics"]
    assert run.code == 1
    assert {one["where"]["file"] for one in told} == {"infra/main.tf"}
    assert {one["subject"] for one in told if one["severity"] == "error"} == {"aws_sagemaker_notebook_instance.lab"}


def test_folders_that_are_no_root_modules_are_refused(project: Project) -> None:
    run = project.run("plan-check", "environments")
    assert run.code == 2
    assert "environments has no *.tf or *.tf.json file" in run.err
    assert "nowhere is no folder" in project.run("plan-check", "nowhere").err
    assert "--stack chooses among" in project.run("plan-check", "environments", "--stack", "prod").err


def test_without_terraform_it_says_how_to_get_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    monkeypatch.delenv("MLSTAGE_TERRAFORM", raising=False)
    run = project.run("plan-check")
    assert run.code == 3
    assert "neither terraform nor tofu is on PATH" in run.err


def test_opentofu_is_taken_where_it_is_what_is_installed(
    project: Project, monkeypatch: pytest.MonkeyPatch, terraform: Terraform
) -> None:
    """A stand-in by name only: behind it is the real program, which answers to both."""
    place = project.root / "bin/tofu"
    place.parent.mkdir()
    place.symlink_to(terraform.command)
    monkeypatch.setenv("PATH", f"{place.parent}")
    run = project.run("plan-check", "--stack", "prod", "--validate-only")
    assert run.code == 0, run.said
    assert f"{MODULE}: tofu validate" in run.err


def test_a_spec_that_is_wrong_stops_before_terraform(project: Project) -> None:
    text = (project.root / "environments/spec.py").read_text()
    project.write("environments/spec.py", text.replace("ml.m5.xlarge", "ml.m5.xlrage"))
    run = project.run("plan-check")
    assert run.code == 2
    assert "ml.m5.xlrage" in run.out
    assert "terraform init" not in run.err
