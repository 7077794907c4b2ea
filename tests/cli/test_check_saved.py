"""`mlstage check --plan` and `--preview`: what is said of what, with which exit code; files that are no plans."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

from tests.project_support import Project

SARIF = Path(__file__).parents[1] / "diagnostics" / "schemas" / "sarif-2.1.0.json"
VOLUME = {"address": "aws_ebs_volume.data", "mode": "managed", "type": "aws_ebs_volume", "name": "data"}
URN = "urn:pulumi:{stack}::shop::{type}::{name}"


def plan(**values: object) -> str:
    resource = {**VOLUME, "values": {"size": 8, **values}}
    return json.dumps({"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}})


def preview(*types: str, stack: str = "prod", **inputs: object) -> str:
    steps = []
    for number, type_ in enumerate(types):
        urn = URN.format(stack=stack, type=type_, name=f"r{number}")
        steps.append({"op": "create", "newState": {"urn": urn, "type": type_, "custom": True, "inputs": inputs}})
    return json.dumps({"steps": steps})


def test_text_says_what_was_judged_as_what_and_where_each_finding_is(project: Project) -> None:
    project.write("plan.json", plan(tags={"Environment": "prod"}))
    run = project.run("check", "--plan", "plan.json")
    assert run.code == 1
    assert "plan.json: error ML402: EBS volume 'data' is not encrypted\n" in run.out
    assert "  note: Terraform's address: aws_ebs_volume.data, `encrypted`\n" in run.out
    assert "plan.json: 1 resource judged as production (resources are tagged Environment=prod)" in run.err


def test_several_files_are_judged_together_and_each_is_told(project: Project) -> None:
    project.write("plan.json", plan(encrypted=True, tags={"Environment": "test", "Owner": "ml", "Stage": "test"}))
    project.write("preview.json", preview("aws:ebs/volume:Volume", stack="dev", encrypted=True))
    run = project.run("check", "--plan", "plan.json", "--preview", "preview.json", "--format", "json")
    judged = json.loads(run.out)["judged"]
    assert [(one["file"], one["tier"]["name"], one["judged"]) for one in judged] == [
        ("plan.json", "test", 1),
        ("preview.json", "test", 1),
    ]


def test_types_that_no_rule_knows_are_told_by_type(project: Project) -> None:
    types = ("aws:glue/job:Job", "aws:glue/job:Job", "random:index/randomId:RandomId")
    project.write("preview.json", preview(*types))
    run = project.run("check", "--preview", "preview.json")
    assert run.code == 0
    said = "not judged: 3 resources of unknown type (2 aws:glue/job:Job, 1 random:index/randomId:RandomId)"
    assert said in run.said


def test_what_says_no_tier_is_told(project: Project) -> None:
    project.write("plan.json", plan())
    run = project.run("check", "--plan", "plan.json")
    assert "judged as neither test nor production (nothing says what they are for" in run.said
    assert "production (it was asked for)" in project.run("check", "--plan", "plan.json", "--tier", "production").said


BAD = {
    "empty": b"",
    "cut off": plan()[:60].encode(),
    "binary plan": b"PK\x03\x04\x14\x00\x08\x00tfplan",
    "UTF-16": plan().encode("utf-16"),
    "Latin": b'{"format_version": "1.2", "name": "\xe9"}',
    "deep": b'{"format_version": ' + b"[" * 200_000,
    "state": b'{"version": 4, "lineage": "x", "serial": 3, "resources": []}',
    "another version": b'{"format_version": "2.0", "planned_values": {}}',
    "failed": b'{"format_version": "1.2", "planned_values": {}, "errored": true}',
    "another thing": b'{"steps": []}',
    "a list": b"[1]",
    "a number": b"7",
    "a type that is none": plan().replace('"type": "aws_ebs_volume"', '"type": {"a": 1}').encode(),
    "deep inside": plan(tags={"a": "x"}).replace('"x"', "[" * 900 + "]" * 900).encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_plan_is_refused_in_words(project: Project, name: str) -> None:
    (project.root / "plan.json").write_bytes(BAD[name])
    run = project.run("check", "--plan", "plan.json")
    assert run.code == 2, run.said
    assert run.out.startswith("plan.json: error READ101: ")
    assert "\n  fix: " in run.out
    assert "Traceback" not in run.said
    sarif = json.loads(project.run("check", "--plan", "plan.json", "--format", "sarif").out)
    jsonschema.validate(sarif, json.loads(SARIF.read_text(encoding="utf-8")))
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == ["READ101"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b'{"steps": [', "was most likely cut off"),
        (b'{"steps": [{"newState": {"urn": 3, "type": "x"}}]}', "not as Pulumi writes it"),
        (b'{"diagnostics": [{"severity": "error", "message": "no  credentials\\n"}]}', "no credentials"),
        (plan().encode(), "this is no preview"),
    ],
)
def test_what_is_no_preview_is_refused_in_words(project: Project, content: bytes, message: str) -> None:
    (project.root / "preview.json").write_bytes(content)
    run = project.run("check", "--preview", "preview.json")
    assert run.code == 2
    assert message in run.out and "Traceback" not in run.said


def test_a_folder_or_nothing_in_the_place_of_a_file(project: Project) -> None:
    for name, message in (("environments", "Is a directory"), ("gone.json", "No such file")):
        run = project.run("check", "--plan", name)
        assert run.code == 2 and message in run.out


def test_a_plan_comes_through_a_pipe(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO(plan(tags={"Environment": "prod"}).encode())

    monkeypatch.setattr("sys.stdin", Piped())
    run = project.run("check", "--plan", "-")
    assert run.code == 1
    assert "-: 1 resource judged as production" in run.err


def test_one_file_that_cannot_be_read_does_not_hide_the_others(project: Project) -> None:
    project.write("good.json", plan(tags={"Environment": "prod"}))
    project.write("bad.json", "")
    run = project.run("check", "--plan", "bad.json", "--plan", "good.json")
    assert run.code == 2
    assert "bad.json: error READ101: it is empty" in run.out and "good.json: error ML402" in run.out


def test_an_option_that_makes_no_sense_is_refused(project: Project) -> None:
    project.write("plan.json", plan())
    for arguments, message in (
        (("environments/spec.py", "--plan", "plan.json"), "environments/spec.py is a spec"),
        (("--plan", "plan.json", "-s", "test", "-s", "prod"), "give --stack once"),
        (("--tier", "test"), "--tier is for --plan and --preview"),
    ):
        run = project.run("check", *arguments)
        assert run.code == 2 and message in run.err, run.said


def test_waivers_of_a_spec_count_for_what_was_compiled_from_it(project: Project) -> None:
    """The tags of a plan, and the names of a preview's components, tell the workload; the manifest has its waivers."""
    waiver = {"rule": "ML402", "environment": "fraud", "workload": "scorer", "reason": "scratch", "until": "2999-01-01"}
    other = {**waiver, "rule": "ML409", "reason": "for another stack"}
    manifest = {"stacks": {"prod": {"programs": {"fraud": {}}, "waivers": [waiver, other]}}}
    project.write("programs/manifest.json", json.dumps(manifest))
    tags = {"mlstage:environment": "fraud", "mlstage:stack": "prod", "mlstage:workload": "scorer"}
    project.write("plan.json", plan(tags=tags | {"owner": "ml", "stage": "prod", "environment": "prod"}))
    component = "urn:pulumi:prod::acme::mlstage:workload:RealtimeEndpoint::fraud-scorer"
    volume = "urn:pulumi:prod::acme::aws:ebs/volume:Volume::data"
    steps = [
        {"newState": {"urn": component, "type": "mlstage:workload:RealtimeEndpoint", "custom": False}},
        {"newState": {"urn": volume, "type": "aws:ebs/volume:Volume", "custom": True, "parent": component}},
    ]
    project.write("preview.json", json.dumps({"steps": steps}))
    for option, file in (("--plan", "plan.json"), ("--preview", "preview.json")):
        run = project.run("check", option, file, "--format", "json")
        told = [(one["code"], one["kind"]) for one in json.loads(run.out)["diagnostics"] if one["code"] != "ML501"]
        assert told == [("ML402", "waived")], (option, run.out)
