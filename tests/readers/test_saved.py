"""Judging saved plans and previews: which tier and who says so, what is not judged, what cannot be decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlstage.diagnostics import Kind, Severity
from mlstage.readers.errors import ReadError
from mlstage.readers.saved import Judged, Terms, judge_plan, judge_preview
from mlstage.rules import Level, Settings, Waiver

TODAY = date(2026, 11, 24)
OWNED = {"Owner": "payments", "Project": "shop"}


def volume(name: str, unknown: Sequence[str] = (), **values: Any) -> dict[str, Any]:
    """Make a volume as a plan has it: in the planned values, and in the changes."""
    address = f"aws_ebs_volume.{name}"
    place = {"address": address, "mode": "managed", "type": "aws_ebs_volume", "name": name}
    tags = {**OWNED, "Stage": "blue"}
    values = {"availability_zone": "us-east-1a", "size": 8, "encrypted": None, "tags": tags, **values}
    return {**place, "values": values, "change": {"after_unknown": dict.fromkeys(unknown, True)}}


def write(folder: Path, *resources: dict[str, Any]) -> Path:
    """Write a plan of these resources, whose configuration sets all that they have."""
    planned = [{key: value for key, value in one.items() if key != "change"} for one in resources]
    configured = [
        {
            **{key: one[key] for key in ("address", "mode", "type", "name")},
            "expressions": {
                name: {"constant_value": value} for name, value in one["values"].items() if value is not None
            }
            | {name: {} for name in one["change"]["after_unknown"]},
        }
        for one in resources
    ]
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [{"address": one["address"], "change": one["change"]} for one in resources],
        "configuration": {"root_module": {"resources": configured}},
    }
    path = folder / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def found(judged: Judged) -> list[tuple[str, str, str, str]]:
    return [(one.severity.value, one.code, one.subject, one.field) for one in judged.diagnostics]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write(tmp_path, volume("data", tags={**OWNED, "Environment": "dev"}), volume("safe", encrypted=True))


def test_a_finding_names_the_address_and_the_property_as_terraform_does(plan: Path) -> None:
    judged = judge_plan(plan, Terms(TODAY, stack="prod"))
    assert found(judged) == [("error", "ML402", "aws_ebs_volume.data", "encrypted")]
    (one,) = judged.diagnostics
    assert [note.message for note in one.related] == ["Terraform's address: aws_ebs_volume.data, `encrypted`"]
    assert str(one.where) == plan.as_posix()


def test_the_tier_comes_from_settings_then_from_the_name_then_from_a_tag_and_is_told(plan: Path) -> None:
    def told(terms: Terms) -> tuple[str, str]:
        tier = judge_plan(plan, terms).tier
        return tier.name, tier.because

    settings = Settings(tier="production")
    assert told(Terms(TODAY)) == ("test", "resources are tagged Environment=dev")
    assert told(Terms(TODAY, stack="prod")) == ("production", "the stack is named 'prod'")
    assert told(Terms(TODAY, settings, stack="dev")) == ("production", "the policies' settings say so")
    assert told(Terms(TODAY, settings, stack="dev", tier="test")) == ("test", "it was asked for")


def test_the_workspace_is_the_one_chosen_where_the_plan_lies(plan: Path) -> None:
    note = plan.parent / ".terraform" / "environment"
    note.parent.mkdir()
    note.write_text("live\n", encoding="utf-8")
    assert judge_plan(plan, Terms(TODAY)).tier.because == "the stack is named 'live'"
    note.write_text("default", encoding="utf-8")
    assert judge_plan(plan, Terms(TODAY)).tier.because == "resources are tagged Environment=dev"


def test_what_no_rule_knows_is_counted_by_type(tmp_path: Path) -> None:
    table = volume("users") | {"address": "aws_some_table.users", "type": "aws_some_table"}
    look_up = volume("zone") | {"address": "data.aws_some_zone.zone", "type": "aws_some_zone", "mode": "data"}
    judged = judge_plan(write(tmp_path, volume("safe", encrypted=True), table, look_up), Terms(TODAY, stack="prod"))
    assert judged.not_judged == {"aws_some_table": 1}
    assert "not judged: 1 resource of unknown type (1 aws_some_table)" in judged.summary.lines
    assert judged.summary.facts["not_judged"] == {"aws_some_table": 1}


def test_an_unknown_value_is_undecided_and_fails_where_that_is_asked(tmp_path: Path) -> None:
    plan = write(tmp_path, volume("late", unknown=["encrypted"]))
    judged = judge_plan(plan, Terms(TODAY, stack="prod"))
    assert found(judged) == [("note", "ML402", "aws_ebs_volume.late", "encrypted")]
    assert judged.diagnostics[0].kind is Kind.UNDECIDED
    assert "not decided: 1 value that is not known" in judged.summary.lines
    strict = judge_plan(plan, Terms(TODAY, Settings().strictly(), stack="prod"))
    assert [one.severity for one in strict.diagnostics] == [Severity.ERROR]


def test_waivers_of_the_settings_answer_and_unused_ones_are_told(plan: Path) -> None:
    waived = Waiver("ML402", "scratch", date(2026, 12, 31), resource="aws_ebs_volume.data")
    idle = Waiver("ML402", "it was", date(2026, 12, 31), resource="gone")
    judged = judge_plan(plan, Terms(TODAY, Settings(waivers=(waived, idle)), stack="prod"))
    told = [(one.kind, one.severity, one.subject) for one in judged.diagnostics]
    assert (Kind.WAIVED, Severity.NOTE, "aws_ebs_volume.data") in told
    assert (Kind.PROBLEM, Severity.WARNING, "gone") in told
    assert Severity.ERROR not in {severity for _, severity, _ in told}


def test_levels_of_the_settings_hold(plan: Path) -> None:
    from mlstage.rules.settings import RuleSettings

    off = Settings(rules={"ML402": RuleSettings(Level.DISABLED)})
    assert found(judge_plan(plan, Terms(TODAY, off, stack="prod"))) == []


URN = "urn:pulumi:blue::shop::aws:ebs/volume:Volume::data"


def test_a_preview_names_urns_and_its_configuration_says_the_tier(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    state = {
        "urn": URN,
        "custom": True,
        "type": "aws:ebs/volume:Volume",
        "inputs": {"size": 8, "tags": {**OWNED, "Stage": "blue"}},
    }
    step = {"op": "create", "urn": URN, "newState": state}
    config = {"mlstage:tier": "production", "aws:region": "eu-west-1"}
    path.write_text(json.dumps({"config": config, "steps": [step]}), encoding="utf-8")
    judged = judge_preview(path, Terms(TODAY))
    assert found(judged) == [("error", "ML402", URN, "encrypted")]
    assert judged.tier.because == "the stack's configuration has mlstage:tier"
    assert judged.verdict.graph.region == "eu-west-1"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"gone\.json: it cannot be read"):
        judge_plan(tmp_path / "gone.json", Terms(TODAY))


def test_documents_in_locals_are_read_from_the_module_beside_the_plan(tmp_path: Path) -> None:
    """A plan says `jsonencode(local.access)`, and nothing of what is in it before all that it refers to exists."""
    place = {
        "address": "aws_iam_role_policy.access",
        "mode": "managed",
        "type": "aws_iam_role_policy",
        "name": "access",
    }
    expression = {"constant_value": "${jsonencode(local.access)}", "references": ["local.access"]}
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**place, "values": {"role": "scorer"}}]}},
        "resource_changes": [{"address": place["address"], "change": {"after_unknown": {"policy": True}}}],
        "configuration": {"root_module": {"resources": [{**place, "expressions": {"policy": expression}}]}},
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert [d[:2] for d in found(judge_plan(path, Terms(TODAY, stack="prod")))] == [("note", "ML401")]
    (tmp_path / "main.tf.json").write_text("{", encoding="utf-8")
    assert [d[:2] for d in found(judge_plan(path, Terms(TODAY, stack="prod")))] == [("note", "ML401")]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}
    module = {"resource": {}, "locals": {"access": {"Version": "2012-10-17", "Statement": [statement]}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(module), encoding="utf-8")
    assert found(judge_plan(path, Terms(TODAY, stack="prod"))) == [
        ("error", "ML401", "aws_iam_role_policy.access", "policy.Statement[0].Action")
    ]
