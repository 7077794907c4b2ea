"""A stack as the engine has it: names, links, workloads, components."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mlstage.graph import UNKNOWN, ConfigSecret, Graph, Group, Join, JsonDocument, Ref, Resource, Value, transform
from mlstage.readers.pulumi_stack import (
    EngineResource,
    project_of,
    read_resource,
    read_stack,
    shared_tags,
    stack_of,
)
from mlstage.rules import all_rules, judge
from tests.emit.sample import sample
from tests.readers.previews import preview_graphs, preview_programs

ROOT = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def engine_resource(token: str, name: str, parent: str = ROOT, types: str = "", **properties: object) -> EngineResource:
    return EngineResource(f"urn:pulumi:prod::shop::{types}{token}::{name}", token, name, properties, parent)


VOLUME = engine_resource("aws:ebs/volume:Volume", "data", size=8.0)
SCORER = EngineResource(
    "urn:pulumi:prod::shop::mlstage:workload:RealtimeEndpoint::fraud-scorer",
    "mlstage:workload:RealtimeEndpoint",
    "fraud-scorer",
    {},
    ROOT,
    custom=False,
)


def test_a_resource_has_the_vocabulary_s_type_and_its_urn_is_kept() -> None:
    reading = read_stack([VOLUME], tier="production")
    assert reading.graph.resources == (Resource("data", "aws.ebs.Volume", {"size": 8}),)
    assert reading.urns == {"data": VOLUME.urn}
    assert (reading.graph.stack, reading.graph.tier) == ("prod", "production")


def test_urns_tell_stack_and_project() -> None:
    assert (stack_of(VOLUME.urn), project_of(VOLUME.urn)) == ("prod", "shop")


def test_what_only_groups_others_is_no_resource() -> None:
    stack = EngineResource(ROOT, "pulumi:pulumi:Stack", "shop-prod", {}, custom=False)
    provider = engine_resource("pulumi:providers:aws", "default", region="us-east-1")
    component = replace(SCORER, urn="urn:x::y::my:own:Thing::a", type="my:own:Thing", name="a")
    assert read_stack([stack, provider, component]).graph.resources == ()


def test_a_type_that_the_vocabulary_lacks_keeps_its_token() -> None:
    job = engine_resource("aws:glue/job:Job", "j")
    assert read_stack([job]).graph.resources[0].type == "aws:glue/job:Job"


def test_names_that_several_resources_have_are_told_apart_in_any_order() -> None:
    volume = engine_resource("aws:ebs/volume:Volume", "data")
    system = engine_resource("aws:efs/fileSystem:FileSystem", "data")
    inner = engine_resource("aws:ebs/volume:Volume", "data", types="my:own:Thing$")
    assert set(read_stack([volume, system]).urns) == {
        "data (aws:ebs/volume:Volume)",
        "data (aws:efs/fileSystem:FileSystem)",
    }
    three = [volume, system, inner]
    expected = read_stack(three).urns
    assert set(expected) == {volume.urn, inner.urn, "data (aws:efs/fileSystem:FileSystem)"}
    assert read_stack(list(reversed(three))).urns == expected


def test_resources_below_a_workload_are_its_own() -> None:
    inner = EngineResource("urn:x::y::my:own:Part::part", "my:own:Part", "part", {}, SCORER.urn, custom=False)
    deep = replace(VOLUME, parent=inner.urn)
    graph = read_stack([SCORER, inner, deep]).graph
    assert graph.groups == (Group("fraud-scorer", "RealtimeEndpoint"),)
    assert graph.resources[0].workload == "fraud-scorer"
    assert read_stack([VOLUME]).graph.resources[0].workload == ""


def test_parents_that_go_in_a_circle_end() -> None:
    first = EngineResource("urn:x::y::a:b:C::1", "a:b:C", "1", {}, "urn:x::y::a:b:C::2", custom=False)
    second = replace(first, urn="urn:x::y::a:b:C::2", name="2", parent=first.urn)
    assert read_stack([first, second, replace(VOLUME, parent=first.urn)]).graph.resources[0].workload == ""


def test_one_resource_alone_knows_its_workload_by_its_parent_s_urn() -> None:
    graph = read_resource(replace(VOLUME, parent=SCORER.urn))
    assert graph.groups == (Group("fraud-scorer", "RealtimeEndpoint"),)
    assert graph.resources[0].workload == "fraud-scorer"
    assert read_resource(VOLUME).groups == ()


def test_an_unknown_value_leads_to_what_it_depends_on() -> None:
    role = engine_resource("aws:iam/role:Role", "role")
    policy = replace(
        engine_resource("aws:iam/rolePolicy:RolePolicy", "policy", role=UNKNOWN_TEXT, policy=UNKNOWN_TEXT),
        dependencies=(role.urn, VOLUME.urn),
        property_dependencies={"role": (role.urn,), "policy": ("urn:of::another::stack::x",)},
    )
    read = read_stack([role, policy, VOLUME]).graph.by_name["policy"]
    assert read.props["role"] == Ref("role", "")
    assert "Unknown" in type(read.props["policy"]).__name__
    assert read.depends_on == ("data",)


def test_a_tier_tag_counts_where_all_agree() -> None:
    tagged = engine_resource("aws:ebs/volume:Volume", "a", tags={"mlstage:tier": "production"})
    other = engine_resource("aws:ebs/volume:Volume", "b", tagsAll={"mlstage:tier": "test"})
    assert shared_tags(read_stack([tagged, VOLUME]).graph) == {"mlstage:tier": "production"}
    assert shared_tags(read_stack([tagged, other]).graph) == {}


LOOKED_UP = {"account_id": "123456789012", "names[0]": "us-east-1a", "names[1]": "us-east-1b"}


def as_known(graph: Graph) -> dict[str, dict[str, object]]:
    """Give the properties of a graph as a first preview can know them: what is no input of anything is unknown."""
    data = {resource.name for resource in graph.resources if resource.type.startswith("aws.get_")}

    def see(value: Value) -> Value:
        match value:
            case Ref(resource, attribute):
                if resource in data:  # look-ups are answered in a preview, too
                    return LOOKED_UP[attribute]
                literal = see(graph.by_name[resource].props.get(attribute, UNKNOWN))
                return literal if isinstance(literal, (str, int, float)) else UNKNOWN
            case Join(parts):
                texts = [part if isinstance(part, str) else see(part) for part in parts]
                return "".join(map(str, texts)) if UNKNOWN not in texts else UNKNOWN
            case JsonDocument(inner):
                return UNKNOWN if "UNKNOWN" in repr(inner) else value
            case ConfigSecret():
                return ConfigSecret("")
            case _:
                return value

    return {
        resource.name: {key: transform(value, see) for key, value in resource.props.items() if value is not None}
        for resource in graph.resources
        if resource.name not in data
    }


def as_read(value: Value) -> Value:
    """Forget where an unknown value comes from."""
    return transform(value, lambda part: UNKNOWN if isinstance(part, (Ref, Join)) else part)


def test_a_graph_comes_back_from_a_preview_of_its_program(tmp_path: Path) -> None:
    graph = sample()
    (resources,) = preview_graphs({"sample": graph}, tmp_path).values()
    read = {resource.name: resource for resource in read_stack(resources).graph.resources}
    for name, props in as_known(graph).items():
        resource = graph.by_name[name]
        assert read[name].type == resource.type
        assert read[name].workload == (resource.workload and f"{graph.environment}-{resource.workload}")
        assert {key: as_read(value) for key, value in read[name].props.items()} == props, name
    assert set(read) == set(as_known(graph))


FOREIGN = """
import pulumi
import pulumi_aws as aws

model = aws.sagemaker.Model("model", execution_role_arn="arn:aws:iam::1:role/r", primary_container={"image": "i"})
config = aws.sagemaker.EndpointConfiguration(
    "config",
    kms_key_arn="arn:aws:kms:us-east-1:1:key/k",
    production_variants=[
        {"variant_name": "a", "model_name": model.name, "instance_type": "ml.m5.large", "initial_instance_count": 2}
    ],
)
endpoint = aws.sagemaker.Endpoint("endpoint", endpoint_config_name=config.name)
target = aws.appautoscaling.Target(
    "target",
    service_namespace="sagemaker",
    scalable_dimension="sagemaker:variant:DesiredInstanceCount",
    resource_id=pulumi.Output.concat("endpoint/", endpoint.name, "/variant/a"),
    min_capacity=2,
    max_capacity=4,
)
aws.appautoscaling.Policy(
    "policy",
    policy_type="TargetTrackingScaling",
    service_namespace=target.service_namespace,
    scalable_dimension=target.scalable_dimension,
    resource_id=target.resource_id,
)
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_program_s_links_hold_before_anything_exists(tmp_path: Path, seed: int) -> None:
    program = tmp_path / "foreign.py"
    program.write_text(FOREIGN, encoding="utf-8")
    resources = preview_programs({"foreign": (program, "prod")})["foreign"]
    random.Random(seed).shuffle(resources)
    reading = read_stack(resources, tier="production")
    assert reading.graph.by_name["endpoint"].props["endpoint_config_name"] == Ref("config", "")
    # Each of these follows a link: without it, it would object or not know.
    linking = [rule for rule in all_rules() if rule.id in ("ML201", "ML202", "ML206")]
    verdict = judge(reading.graph, today=date(2026, 11, 24), rules=linking)
    assert (verdict.objections, verdict.open) == ((), ())
