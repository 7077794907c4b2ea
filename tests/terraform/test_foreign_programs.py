"""Programs in plain HCL that mlstage never saw, planned by the real provider: a verdict for every resource and field.

The verdicts are written by hand beside the programs, and whole: what no line of `verdict.txt` names is clean. Missing
tags are told apart, as no program has them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mlstage.diagnostics import Diagnostic, Kind
from mlstage.graph import VOCABULARY
from mlstage.offline.terraform import Terraform
from mlstage.readers.saved import Judged, Terms, judge_plan

TODAY = date(2026, 11, 24)
PROGRAMS = Path(__file__).parent / "foreign"
TAGS = "ML501"

TIERS = {
    "serving": ("production", "the stack is named 'live'"),
    "training": ("test", "resources are tagged Environment=dev"),
    "access": ("production", "resources are tagged Environment=production"),
    "services": ("production", "resources are tagged env=live"),
    "functions": ("production", "resources are tagged stage=prod"),
    "storage": ("production", "resources are tagged Environment=prod"),
}


@pytest.fixture(scope="module")
def judged(warm_terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """Plan and judge every program, as a user would: `terraform show -json` into a file of the module's folder."""
    return {name: _judged(name, warm_terraform, tmp_path_factory.mktemp(name) / name) for name in TIERS}


def _judged(name: str, terraform: Terraform, folder: Path) -> Judged:
    shutil.copytree(PROGRAMS / name, folder)
    terraform.init(folder)
    if name == "serving":
        made = terraform.run(folder, "workspace", "new", "live")
        assert made.returncode == 0, made.stderr
    plan = folder / "plan.json"
    plan.write_text(json.dumps(terraform.plan(folder, "-refresh=false")), encoding="utf-8")
    return judge_plan(plan, Terms(TODAY))


def told(found: Iterator[Diagnostic]) -> list[str]:
    """Give a verdict as lines: how much it weighs, the rule, the resource, the field."""
    return sorted(
        f"{one.severity if one.kind is Kind.PROBLEM else one.kind} {one.code} {one.subject} {one.field}"
        for one in found
    )


@pytest.mark.parametrize("name", TIERS)
def test_a_foreign_program_gets_its_verdict(name: str, judged: dict[str, Judged]) -> None:
    found = told(one for one in judged[name].diagnostics if one.code != TAGS)
    lines = (PROGRAMS / name / "verdict.txt").read_text(encoding="utf-8").splitlines()
    assert found == sorted(line for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", TIERS)
def test_every_resource_that_takes_tags_lacks_them(name: str, judged: dict[str, Judged]) -> None:
    resources = {one.name: one for one in judged[name].verdict.graph.resources}
    taggable = {one for one, r in resources.items() if r.type in VOCABULARY and VOCABULARY[r.type].taggable}
    missing = {item.finding.resource for item in judged[name].verdict.objections if item.rule.id == TAGS}
    assert missing == taggable


@pytest.mark.parametrize("name", TIERS)
def test_what_says_the_tier_is_told(name: str, judged: dict[str, Judged]) -> None:
    assert (judged[name].tier.name, judged[name].tier.because) == TIERS[name]


def test_a_type_that_no_rule_knows_is_told(judged: dict[str, Judged]) -> None:
    assert {name: one.not_judged for name, one in judged.items() if one.not_judged} == {
        "storage": {"aws_glue_catalog_database": 1}
    }


def test_findings_stand_at_the_line_that_writes_them(judged: dict[str, Judged]) -> None:
    def line(program: str, code: str, subject: str) -> tuple[str, str]:
        (one,) = (d for d in judged[program].diagnostics if (d.code, d.subject) == (code, subject))
        assert one.where is not None
        file = Path(one.where.file)
        return file.name, file.read_text(encoding="utf-8").splitlines()[one.where.line - 1].strip()

    legacy = 'module.endpoint["legacy"].aws_sagemaker_endpoint_configuration.this'
    assert line("serving", "ML104", legacy) == ("main.tf", "instance_type          = var.instance_type")
    template = "aws_launch_template.machines"
    assert line("storage", "ML402", template) == ("main.tf", "encrypted   = block_device_mappings.value")
    task = "aws_ecs_task_definition.web"
    assert line("services", "ML409", task) == (
        "main.tf",
        'image        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:latest"',
    )


def test_with_strict_what_is_open_fails(warm_terraform: Terraform, judged: dict[str, Judged]) -> None:
    assert warm_terraform
    from mlstage.rules import Settings

    one = judged["storage"]
    strict = judge_plan(Path(one.file), Terms(TODAY, Settings().strictly()))
    late = [d for d in strict.diagnostics if d.subject == "aws_ebs_volume.late" and d.kind is Kind.UNDECIDED]
    assert [d.severity.value for d in late] == ["error"]
