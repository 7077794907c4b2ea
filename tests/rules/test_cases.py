"""Cases of single rules that their examples do not show."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import pytest

from mlstage.graph import UNKNOWN, Graph, Group, Join, JsonDocument, Ref, Resource, Value
from mlstage.rules import Rule, all_rules, examples, judge, parse_settings

TODAY = date(2026, 11, 24)
RULES = {rule.id: rule for rule in all_rules()}


def said(rule: str, graph: Graph, settings: str = "") -> list[tuple[str, str]]:
    """Give what one rule says: the field and the message, or `?` where it is undecided."""
    verdict = judge(graph, parse_settings(settings, all_rules()), today=TODAY, rules=[RULES[rule]])
    found = [(item.finding.field, item.finding.message) for item in verdict.objections]
    return found + [(item.undecided.field, "?") for item in verdict.open]


def fields(rule: str, graph: Graph) -> list[tuple[str, bool]]:
    """Give the fields that a rule objects to (True) or cannot decide (False)."""
    return [(field, message != "?") for field, message in said(rule, graph)]


def policy(statement: Value) -> Graph:
    document = JsonDocument({"Version": "2012-10-17", "Statement": statement})
    return examples.in_production_stack(Resource("access", "aws.iam.RolePolicy", {"policy": document}))


ALLOW = {"Effect": "Allow"}
TERMINATE: dict[str, Value] = {**ALLOW, "Action": "ec2:TerminateInstances", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({**ALLOW, "Action": "*", "Resource": "*"}, [("Action", True), ("Resource", True)]),
        ({**ALLOW, "Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket/*"}, []),
        ({**ALLOW, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}, [("Resource", True)]),
        ({**ALLOW, "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:*"}, [("Resource", True)]),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, []),
        ({**ALLOW, "NotAction": "iam:*", "Resource": "arn:aws:s3:::b"}, [("NotAction", True)]),
        ({**ALLOW, "NotAction": "iam:*", "Resource": "*"}, [("NotAction", True)]),
        ({**ALLOW, "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b"}, [("NotResource", True)]),
        ({**ALLOW, "Action": "cloudwatch:PutMetricData", "Resource": "*"}, []),
        ({**ALLOW, "Action": "CloudWatch:putmetricdata", "Resource": "*"}, []),
        ({**ALLOW, "Action": ("ecr:GetAuthorizationToken", "s3:GetObject"), "Resource": "*"}, [("Resource", True)]),
        ({**ALLOW, "Action": "ec2:DescribeSubnets", "Resource": "*"}, []),
        # Wildcards of the author's own do not match the table's.
        ({**ALLOW, "Action": "ec2:D*", "Resource": "*"}, [("Resource", True)]),
        ({**ALLOW, "Action": "s3:GetObject", "Resource": Ref("bucket", "arn")}, []),
        ({**ALLOW, "Action": "s3:GetObject", "Resource": Join((Ref("bucket", "arn"), "/*"))}, []),
        ({**ALLOW, "Action": "s3:GetObject", "Resource": UNKNOWN}, [("Resource", False)]),
        # A condition on a tag keeps it to some; one on who asks, or against a tag, does not.
        ({**TERMINATE, "Condition": {"StringEquals": {"ec2:ResourceTag/cluster": "ml"}}}, []),
        ({**TERMINATE, "Condition": {"StringNotEquals": {"ec2:ResourceTag/cluster": "ml"}}}, [("Resource", True)]),
        ({**TERMINATE, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0a"}}}, [("Resource", True)]),
        ({**TERMINATE, "Condition": UNKNOWN}, [("Condition", False)]),
        ({**ALLOW, "Action": UNKNOWN, "Resource": "arn:aws:s3:::b"}, [("Action", False)]),
        ({"Effect": UNKNOWN, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}, []),
        ({"Effect": UNKNOWN, "Action": "s3:*", "Resource": "arn:aws:s3:::b"}, [("Effect", False)]),
    ],
)
def test_wildcards(statement: Value, expected: list[tuple[str, bool]]) -> None:
    found = fields("ML401", policy(statement))
    assert [(path.removeprefix("policy.Statement."), sure) for path, sure in found] == expected


def test_further_actions_may_be_allowed_on_everything() -> None:
    graph = policy({**ALLOW, "Action": "geo:SearchPlaceIndex", "Resource": "*"})
    assert said("ML401", graph, '{"ML401-wildcard-iam": {"actions": ["geo:Search*"]}}') == []
    assert said("ML401", graph) == [
        ("policy.Statement.Resource", "IAM role policy 'access' allows geo:SearchPlaceIndex on every resource (*)")
    ]


def test_every_action_of_the_table_has_a_source_and_stands_once() -> None:
    text = (files("mlstage.rules") / "data" / "actions_without_resource.tsv").read_text(encoding="utf-8")
    notes = [line for line in text.splitlines() if line.startswith("# source ")]
    sources = {line.removeprefix("# source ").partition(":")[0] for line in notes}
    head, *rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert head == ["action", "source"]
    assert all("https://" in note and note.count(" | ") == 2 for note in notes)
    assert {source for _, source in rows} == sources
    actions = [action for action, _ in rows]
    assert actions == sorted(set(actions), key=str.lower)
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]*\*?", action) for action in actions)


def test_a_policy_that_is_no_json_is_undecided() -> None:
    graph = examples.in_production_stack(Resource("access", "aws.iam.RolePolicy", {"policy": "{"}))
    assert set(fields("ML401", graph)) == {("policy", False)}


def test_an_endpoint_whose_configuration_lies_elsewhere_is_undecided() -> None:
    endpoint = Resource("e", "aws.sagemaker.Endpoint", {"endpoint_config_name": "made-by-hand"})
    graph = examples.in_production_stack(endpoint)
    for rule in ("ML201", "ML202"):
        assert fields(rule, graph) == [("endpoint_config_name", False)]


def test_a_target_that_nobody_knows_leaves_scaling_open() -> None:
    target, policy_ = examples.scaling(minimum=1)
    graph = examples.in_production_stack(
        examples.configuration(count=1), examples.endpoint(), target.with_props(resource_id=UNKNOWN), policy_
    )
    assert fields("ML201", graph) == [("resource_id", False)]
    assert fields("ML202", graph) == [("resource_id", False)]


def test_variants_count_together() -> None:
    one: dict[str, Value] = {"variant_name": "a"}
    other: dict[str, Value] = {"variant_name": "b"}
    rest: dict[str, Value] = {"instance_type": "ml.m5.xlarge", "initial_instance_count": 1}
    config = examples.configuration().with_props(production_variants=({**one, **rest}, {**other, **rest}))
    assert fields("ML202", examples.in_production_stack(config, examples.endpoint())) == []


def test_a_minimum_of_one_s_own() -> None:
    graph = examples.in_production_stack(examples.configuration(), examples.endpoint(), *examples.scaling())
    assert said("ML202", graph, '{"ML202-single-instance-in-production": {"minimum": 3}}') == [
        ("min_capacity", "endpoint 'scorer-endpoint' may run on 2 instances (min_capacity=2); 3 are needed")
    ]


@pytest.mark.parametrize("rule", ["ML104", "ML201", "ML202"])
def test_a_serverless_variant_has_no_instances(rule: str) -> None:
    variant: Value = {"variant_name": "a", "serverless_config": {"max_concurrency": 5, "memory_size_in_mb": 2048}}
    config = examples.configuration().with_props(production_variants=(variant,))
    assert said(rule, examples.in_production_stack(config, examples.endpoint())) == []


@pytest.mark.parametrize("rule", ["ML102", "ML104", "ML201"])
def test_an_instance_type_that_nobody_knows_is_undecided(rule: str) -> None:
    for kind in (UNKNOWN, "ml.z99.xlarge", Ref("parameter", "value")):
        config = examples.configuration().with_props(
            production_variants=({"variant_name": "a", "instance_type": kind, "initial_instance_count": 2},)
        )
        tier = "test" if rule == "ML102" else "production"
        graph = Graph((config, examples.endpoint()), stack="x", tier=tier)
        assert fields(rule, graph) == [("production_variants[0].instance_type", False)]


def test_every_accelerator_counts_in_test_and_is_named() -> None:
    found = [
        said("ML102", examples.in_test_stack(examples.notebook(kind)))
        for kind in ("ml.p3.2xlarge", "ml.inf2.xlarge", "ml.m5.xlarge")
    ]
    assert found == [
        [("instance_type", "notebook 'explore' runs on ml.p3.2xlarge (1 x NVIDIA V100)")],
        [("instance_type", "notebook 'explore' runs on ml.inf2.xlarge (1 x AWS Inferentia2)")],
        [],
    ]


def test_an_ec2_instance_with_a_gpu_counts_too() -> None:
    graph = examples.in_test_stack(Resource("box", "aws.ec2.Instance", {"instance_type": "g5.2xlarge"}))
    assert said("ML102", graph) == [("instance_type", "EC2 instance 'box' runs on g5.2xlarge (1 x NVIDIA A10G)")]


@pytest.mark.parametrize(
    ("spot", "checkpoint", "expected"),
    [
        (True, None, [True]),
        (True, UNKNOWN, [False]),
        (UNKNOWN, None, [False]),
        # What is known is enough.
        (False, UNKNOWN, []),
        (UNKNOWN, "s3://bucket/prefix/", []),
        (True, Ref("bucket", "id"), []),
    ],
)
def test_spot_and_checkpoint(spot: Value, checkpoint: Value, expected: list[bool]) -> None:
    arguments: Value = {"EnableManagedSpotTraining": spot, "CheckpointConfig": {"S3Uri": checkpoint}}
    steps: Value = ({"Name": "t", "Type": "Training", "Arguments": arguments},)
    pipeline = examples.training().with_props(pipeline_definition=JsonDocument({"Steps": steps}))
    assert [sure for _, sure in fields("ML103", examples.in_production_stack(pipeline))] == expected


def test_a_pipeline_whose_definition_lies_in_s3_is_undecided() -> None:
    pipeline = Resource("p", "aws.sagemaker.Pipeline", {"pipeline_definition_s3_location": {"bucket": "b"}})
    assert fields("ML103", examples.in_production_stack(pipeline)) == [("pipeline_definition_s3_location", False)]


def test_a_workload_is_called_by_its_name() -> None:
    group = Group("scorer", "RealtimeEndpoint", "SageMaker")
    policy_ = Resource(
        "scorer-policy",
        "aws.iam.RolePolicy",
        {"policy": JsonDocument({"Statement": ({**ALLOW, "Action": "s3:*", "Resource": "arn:aws:s3:::b"},)})},
        workload="scorer",
    )
    graph = examples.in_production_stack(examples.configuration("ml.t2.medium"), policy_, groups=(group,))
    assert said("ML104", graph)[0][1] == "real-time endpoint 'scorer' runs on ml.t2.medium, which is burstable"
    assert said("ML401", graph)[0][1] == "IAM role policy 'scorer-policy' of real-time endpoint 'scorer' allows s3:*"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_resources_without_properties_or_with_unknown_ones_break_no_rule(rule: Rule) -> None:
    for type_name in sorted(rule.types) or ["aws.sagemaker.Endpoint", "aws.sagemaker.EndpointConfiguration"]:
        judge(examples.in_production_stack(Resource("x", type_name, {})), today=TODAY, rules=[rule])
        props: dict[str, Value] = dict.fromkeys(_PROPERTIES, UNKNOWN)
        judge(examples.in_production_stack(Resource("x", type_name, props)), today=TODAY, rules=[rule])


_PROPERTIES = (
    "block_device_mappings",
    "capacity_provider_strategies",
    "ebs_block_devices",
    "encrypted",
    "endpoint_config_name",
    "inline_policies",
    "instance_type",
    "kms_key_arn",
    "load_balancers",
    "pipeline_definition",
    "policy",
    "production_variants",
    "root_block_device",
    "tags",
)
