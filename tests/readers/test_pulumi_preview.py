"""A saved preview: what the stack will be, or a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlstage.graph import Ref, Resource
from mlstage.readers.errors import ReadError
from mlstage.readers.pulumi_preview import read_preview, read_preview_file

URN = "urn:pulumi:prod::shop::aws:ebs/volume:Volume::data"
ROLE = "urn:pulumi:prod::shop::aws:iam/role:Role::role"


def state(urn: str = URN, **inputs: Any) -> dict[str, Any]:
    return {"urn": urn, "custom": True, "type": urn.split("::")[2], "inputs": inputs}


def preview(*steps: dict[str, Any], **rest: Any) -> str:
    return json.dumps({"config": {}, "steps": list(steps), "changeSummary": {}, **rest})


def test_steps_become_resources_with_what_they_will_be() -> None:
    text = preview(
        {"op": "create", "urn": ROLE, "newState": state(ROLE)},
        {"op": "update", "urn": URN, "oldState": state(size=1), "newState": state(size=8.0)},
    )
    graph = read_preview(text, tier="production").graph
    assert graph.resources == (Resource("role", "aws.iam.Role", {}), Resource("data", "aws.ebs.Volume", {"size": 8}))
    assert (graph.stack, graph.tier) == ("prod", "production")


def test_what_is_deleted_is_not_there_and_what_is_replaced_is_there_once() -> None:
    text = preview(
        {"op": "delete", "urn": ROLE, "oldState": state(ROLE), "newState": None},
        {"op": "create-replacement", "urn": URN, "newState": state(size=2)},
        {"op": "replace", "urn": URN, "newState": state(size=2)},
        {"op": "delete-replaced", "urn": URN, "oldState": state(size=1), "newState": state(size=1)},
    )
    assert read_preview(text).graph.resources == (Resource("data", "aws.ebs.Volume", {"size": 2}),)


def test_links_hold_before_anything_exists() -> None:
    policy = state(
        "urn:pulumi:prod::shop::aws:iam/rolePolicy:RolePolicy::p", role="04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    )
    policy["propertyDependencies"] = {"role": [ROLE], "policy": None}
    text = preview({"op": "create", "newState": policy}, {"op": "create", "newState": state(ROLE)})
    assert read_preview(text).graph.by_name["p"].props["role"] == Ref("role", "")


def test_an_empty_preview_is_an_empty_graph() -> None:
    assert read_preview(preview()).graph.resources == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no JSON"),
        ('{"steps": [', "this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ("[]", "this is no preview"),
        ('{"steps": {}}', "this is no preview"),
        ('{"version": 4, "terraform_version": "1.11.4"}', "this is no preview: it has no `steps`"),
        ('{"steps": [3]}', "a step of the preview is not as Pulumi writes it"),
        ('{"steps": [{"newState": {"urn": "x"}}]}', "a step of the preview is not as Pulumi writes it"),
        (preview(diagnostics=[{"severity": "error", "message": "no  credentials\n"}]), "the preview failed"),
    ],
)
def test_what_is_no_preview_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ReadError) as refusal:
        read_preview(text)
    assert message in str(refusal.value)


def test_a_failed_preview_s_own_errors_are_told() -> None:
    with pytest.raises(ReadError, match="no credentials"):
        read_preview(preview(diagnostics=[{"severity": "error", "message": "no  credentials\n"}]))


def test_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    with pytest.raises(ReadError, match=r"preview\.json: it cannot be read"):
        read_preview_file(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ReadError, match=r"preview\.json: it is UTF-16 and not UTF-8 text.*PowerShell"):
        read_preview_file(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ReadError, match=r"preview\.json: this is no JSON"):
        read_preview_file(path)
    path.write_text(preview({"op": "create", "newState": state()}), encoding="utf-8")
    assert [resource.name for resource in read_preview_file(path).graph.resources] == ["data"]
