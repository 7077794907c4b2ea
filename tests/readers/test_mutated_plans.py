"""Plans and previews that something has broken: judged, or refused in words, and never anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstage.readers.errors import ReadError
from mlstage.readers.pulumi_preview import read_preview
from mlstage.readers.saved import Terms, judge_plan
from mlstage.readers.terraform_plan import read_plan, read_plan_document
from mlstage.rules import judge

TODAY = date(2026, 11, 24)
# `services` of tests/policies/foreign, as Terraform 1.11.4 and the AWS provider 5.100.0 planned it.
PLAN = (Path(__file__).parent / "plans" / "services.json").read_text(encoding="utf-8")
# `access` of tests/terraform/foreign, likewise: policies of which only the blocks are known.
POLICIES = (Path(__file__).parent / "plans" / "access.json").read_text(encoding="utf-8")
URN = "urn:pulumi:prod::shop::aws:ecs/service:Service::web"
PREVIEW = json.dumps(
    {
        "config": {"aws:region": "eu-west-1"},
        "steps": [
            {
                "op": "create",
                "urn": URN,
                "newState": {
                    "urn": URN,
                    "custom": True,
                    "type": "aws:ecs/service:Service",
                    "inputs": {"cluster": "c", "loadBalancers": [{"containerPort": 80}], "desiredCount": 2.0},
                    "parent": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod",
                    "dependencies": [],
                    "propertyDependencies": {"cluster": [URN]},
                },
            }
        ],
        "changeSummary": {"create": 1},
    }
)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


JUNK: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "",
    "x" * 100_000,
    "module.a.module.b[0].x",
    'aws_ecs_service.web["a.b[0]"]',
    [],
    [None],
    {},
    {"references": "x"},
    {"references": [1, None, {}]},
    {"constant_value": {"a": [{}]}, "references": ["a.b"]},
    nested(60),
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a document: what holds it, and its key or number there."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from places(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from places(value[index])


def broken(text: str, data: st.DataObject) -> Any:
    """Break a document at up to three places: something else in a place, nothing there, or all of it twice."""
    document = json.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(document))
        holder, key = found[data.draw(st.integers(0, len(found) - 1))]
        match data.draw(st.sampled_from(["put", "drop", "double", "rename"])):
            case "put":
                holder[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case "rename" if isinstance(holder, dict):
                holder[f"{key}_"] = holder.pop(key)
            case _:
                del holder[key]
    return document


def judged(read: Callable[[], Any]) -> Any:
    """Read and judge; None for what was refused in words."""
    try:
        reading = read()
    except ReadError as error:
        assert error.what
        assert error.instead
        return None
    judge(reading.graph, today=TODAY)
    return reading


@settings(max_examples=200)
@given(st.data())
def test_a_mutated_plan_is_judged_or_refused(data: st.DataObject) -> None:
    document = broken(data.draw(st.sampled_from((PLAN, POLICIES))), data)
    reading = judged(lambda: read_plan_document(document))
    if reading is not None:
        # Nothing that will be there is left out in silence.
        planned = document.get("planned_values") or document.get("values") or {}
        assert {*addresses(planned.get("root_module") or {})} <= {*reading.addresses.values()}


def addresses(module: Any) -> Iterator[str]:
    for one in module.get("resources") or ():
        if one["type"] != "terraform_data":
            yield one["address"]
    for child in module.get("child_modules") or ():
        yield from addresses(child)


@settings(max_examples=100)
@given(st.data())
def test_a_mutated_preview_is_judged_or_refused(data: st.DataObject) -> None:
    document = broken(PREVIEW, data)
    judged(lambda: read_preview(json.dumps(document)))


@given(st.integers(0, len(PLAN) - 3))
def test_a_plan_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(ReadError, match=r"no JSON|empty"):
        read_plan(PLAN[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"bytes\.json: "):
        judge_plan(path, Terms(TODAY))


def plan(**change: Any) -> dict[str, Any]:
    return {"format_version": "1.2", "planned_values": {"root_module": {}}, **change}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "it must be an object"),
        ({}, "it has no `format_version`"),
        ({"version": 4, "lineage": "x", "serial": 1, "resources": []}, "this is Terraform's state and no plan"),
        (plan(format_version="2.0"), "the plan's format is 2.0, and mlstage reads 1.x"),
        (plan(format_version=1), "it has no `format_version`"),
        ({"format_version": "1.2", "resource_changes": []}, "a plan without `planned_values`"),
        (plan(errored=True), "the plan failed"),
        (plan(planned_values=3), "not as Terraform writes it"),
        (plan(resource_changes=[{}]), "not as Terraform writes it"),
    ],
)
def test_what_is_no_plan_is_refused_by_what_it_is(document: Any, message: str) -> None:
    with pytest.raises(ReadError) as refusal:
        read_plan_document(document)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"PK\x03\x04tfplan", "this is the plan as Terraform keeps it"),
        (b"\xff\xfe{\x00}\x00", "it is UTF-16 and not UTF-8 text"),
        (b'{"a": "\xe9"}', "it is not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"format_version": ' + b"9" * 5000 + b"}", "this is no JSON"),
    ],
)
def test_what_lies_in_the_place_of_a_plan_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(ReadError) as refusal:
        judge_plan(path, Terms(TODAY))
    assert message in str(refusal.value)
    assert "terraform show -json" in str(refusal.value)


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"\xef\xbb\xbf" + PLAN.encode())
    assert judge_plan(path, Terms(TODAY)).not_judged == {}


VOLUME = {"address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume", "name": "a"}


def test_modules_that_refer_to_each_other_in_a_circle_end() -> None:
    """Terraform refuses such a configuration; a file may say it all the same."""
    inner = {
        "outputs": {"out": {"expression": {"references": ["var.given"]}}},
        "resources": [{**VOLUME, "expressions": {"encrypted": {"references": ["var.given"]}}}],
        "variables": {"given": {}},
    }
    calls = {
        name: {"expressions": {"given": {"references": [f"module.{other}.out", f"module.{other}"]}}, "module": inner}
        for name, other in (("a", "b"), ("b", "a"))
    }
    resources = [{**VOLUME, "address": f"module.{name}.aws_ebs_volume.a", "values": {"size": 8}} for name in "ab"]
    modules = [{"address": f"module.{name}", "resources": [one]} for name, one in zip("ab", resources, strict=True)]
    changes = [{"address": one["address"], "change": {"after_unknown": {"encrypted": True}}} for one in resources]
    document = plan(
        planned_values={"root_module": {"child_modules": modules}},
        resource_changes=changes,
        configuration={"root_module": {"module_calls": calls}},
    )
    verdict = judge(read_plan_document(document, tier="production").graph, today=TODAY)
    assert [(one.rule.id, one.undecided.resource) for one in verdict.open if one.rule.id == "ML402"] == [
        ("ML402", "module.a.a"),
        ("ML402", "module.b.a"),
    ]


def test_references_that_fan_out_at_every_level_are_followed_once() -> None:
    """Twenty modules, each of which refers twice to the one inside: a million ways to one volume."""
    module: dict[str, Any] = {"resources": [{**VOLUME, "expressions": {}}], "outputs": {
        "out": {"expression": {"references": ["aws_ebs_volume.a.id"]}}}}  # fmt: skip
    planned: dict[str, Any] = {
        "resources": [{**VOLUME, "address": "module.m." * 20 + "aws_ebs_volume.a", "values": {}}]
    }
    for level in range(20, 0, -1):
        twice = {"references": ["module.m.out", "module.m"]}
        planned = {"child_modules": [{**planned, "address": ".".join(["module.m"] * level)}]}
        module = {"module_calls": {"m": {"module": module}}, "outputs": {"out": {"expression": twice}}}
    snapshot = {"address": "aws_ebs_snapshot.s", "mode": "managed", "type": "aws_ebs_snapshot", "name": "s"}
    planned["resources"] = [{**snapshot, "values": {}}]
    module["resources"] = [{**snapshot, "expressions": {"volume_id": {"references": ["module.m.out", "module.m"]}}}]
    document = plan(
        planned_values={"root_module": planned},
        configuration={"root_module": module},
        resource_changes=[{"address": "aws_ebs_snapshot.s", "change": {"after_unknown": {"volume_id": True}}}],
    )
    graph = read_plan_document(document).graph
    assert [ref.resource for ref in graph.by_name["s"].refs()] == ["module.m." * 20 + "a"]


def test_a_gigantic_text_is_read_and_not_searched_for_ever() -> None:
    values = {"size": 8, "encrypted": False, "snapshot_id": "a." * 500_000}
    one = {**VOLUME, "expressions": {"snapshot_id": {"references": ["a." * 500_000, "local.x"]}, "encrypted": {}}}
    document = plan(
        planned_values={"root_module": {"resources": [{**VOLUME, "values": values}]}},
        configuration={"root_module": {"resources": [one]}},
    )
    verdict = judge(read_plan_document(document, tier="production").graph, today=TODAY)
    assert "ML402" in {item.rule.id for item in verdict.objections}
