"""What AWS makes of a resource: ids, ARNs, names and the other computed properties."""

import re
import string
from inspect import signature

import pytest
from pulumi_aws import eks

from mlstage.graph.vocabulary import VOCABULARY, by_token
from mlstage.offline.provider import behaviours, computed, diff, invokes, naming
from mlstage.offline.provider.computed import Settings, created, updated
from mlstage.offline.provider.identities import TEMPLATES
from mlstage.offline.provider.schema import ResourceType, resource_type
from mlstage.offline.provider.values import UNKNOWN, camel_case, differences

HERE = Settings("us-east-1", {"team": "ml"})
OWN_TYPES = sorted(info.token for info in VOCABULARY.values() if not info.data and info.token.startswith("aws:"))


def kind(token: str) -> ResourceType:
    found = resource_type(token)
    assert found is not None, token
    return found


@pytest.mark.parametrize("token", sorted(TEMPLATES))
def test_templates_name_what_pulumi_aws_has(token: str) -> None:
    described = kind(token)
    special = re.compile(r"(hex|HEX)\d+|.*Tail|" + "|".join(computed._SPECIAL))
    for name, template in TEMPLATES[token].items():
        assert name == "id" or name.partition(".")[0] in described.outputs
        for _, word, _, _ in string.Formatter().parse(template):
            assert word is None or special.fullmatch(word) or word in described.inputs, f"{name}: {word}"


@pytest.mark.parametrize("token", OWN_TYPES)
def test_every_type_of_the_vocabulary_can_be_made(token: str) -> None:
    described = kind(token)
    required = [name for name, field in described.inputs.items() if field.required and field.shape == "s"]
    arn = "arn:aws:sns:us-east-1:123456789012:x"
    inputs = {name: arn if name.endswith(("arn", "Arn", "topic")) else "x" for name in required}
    inputs = naming.with_name(described, inputs, "logical", {}, b"")
    properties = created(described, inputs, "logical", "seed", HERE)
    assert properties["id"]
    assert {name for name, output in described.outputs.items() if not output.optional} <= set(properties)
    if "arn" in described.outputs:
        assert re.fullmatch(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:(123456789012)?:\S+", properties["arn"])
    assert created(described, inputs, "logical", "seed", HERE) == properties
    assert not {item.path for item in diff.compare(described, inputs, dict(inputs))}
    assert diff.replacing_properties(described) - {"namePrefix"} <= set(described.inputs)


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (
            "aws:sagemaker/model:Model",
            {"name": "Fraud-Model"},
            {"id": "Fraud-Model", "arn": "arn:aws:sagemaker:us-east-1:123456789012:model/fraud-model"},
        ),
        (
            "aws:iam/role:Role",
            {"name": "r", "path": "/ml/"},
            {"id": "r", "arn": "arn:aws:iam::123456789012:role/ml/r"},
        ),
        ("aws:iam/rolePolicy:RolePolicy", {"name": "p", "role": "r"}, {"id": "r:p"}),
        (
            "aws:scheduler/schedule:Schedule",
            {"name": "s"},
            {"id": "default/s", "arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"},
        ),
        (
            "aws:sqs/queue:Queue",
            {"name": "q", "region": "eu-west-1"},
            {
                "id": "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
                "arn": "arn:aws:sqs:eu-west-1:123456789012:q",
                "region": "eu-west-1",
            },
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": "/a"},
            {"arn": "arn:aws:logs:us-east-1:123456789012:log-group:/a"},
        ),
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, {"id": "b", "arn": "arn:aws:s3:::b"}),
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b"}, {"id": "b"}),
        (
            "aws:ecs/service:Service",
            {"name": "s", "cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/c"},
            {"id": "arn:aws:ecs:us-east-1:123456789012:service/c/s"},
        ),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {"family": "f"},
            {"arn": "arn:aws:ecs:us-east-1:123456789012:task-definition/f:1", "revision": 1.0},
        ),
        (
            "aws:lambda/functionUrl:FunctionUrl",
            {"functionName": "arn:aws:lambda:us-east-1:123456789012:function:f"},
            {"id": "f", "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"},
        ),
        ("aws:lambda/function:Function", {"name": "f"}, {"memorySize": 128.0, "timeout": 3.0}),
        ("aws:glue/job:Job", {"name": "j"}, {"id": "j", "arn": "arn:aws:glue:us-east-1:123456789012:job/j"}),
    ],
)
def test_ids_and_arns(token: str, inputs: dict[str, object], expected: dict[str, object]) -> None:
    properties = created(kind(token), inputs, "logical", "seed", HERE)
    assert {name: properties[name] for name in expected} == expected


def test_other_parts_of_aws() -> None:
    there = Settings("cn-north-1", {})
    properties = created(kind("aws:sns/topic:Topic"), {"name": "t"}, "t", "seed", there)
    assert properties["arn"] == "arn:aws-cn:sns:cn-north-1:123456789012:t"


def test_names_are_filled_in_and_kept() -> None:
    role = kind("aws:iam/role:Role")
    first = naming.with_name(role, {}, "scorer", {}, b"seed")
    assert re.fullmatch(r"scorer-[0-9a-f]{7}", first["name"])
    assert first[naming.DEFAULTS] == ["name"]
    assert naming.with_name(role, {"path": "/"}, "scorer", first, b"other") == {**first, "path": "/"}
    assert naming.with_name(role, {}, "scorer", {}, b"other")["name"] != first["name"]
    assert naming.with_name(role, {"name": "own"}, "scorer", first, b"seed") == {"name": "own"}
    assert naming.with_name(role, {"namePrefix": "own"}, "scorer", {}, b"seed") == {"namePrefix": "own"}
    fifo = naming.with_name(kind("aws:sqs/queue:Queue"), {"fifoQueue": True}, "jobs", {}, b"seed")
    assert fifo["name"].endswith(".fifo")
    bucket = naming.with_name(kind("aws:s3/bucket:Bucket"), {}, "My_Data", {}, b"seed")
    assert bucket["bucket"].startswith("my-data-")
    assert "name" not in naming.with_name(kind("aws:ec2/vpc:Vpc"), {}, "main", {}, b"seed")


def test_a_property_taken_away_goes_back_to_its_default() -> None:
    function = kind("aws:lambda/function:Function")
    before = {"name": "f", "memorySize": 512.0, "description": "old"}
    old = created(function, before, "f", "seed", HERE)
    properties = updated(function, {"name": "f"}, "f", old, before, HERE)
    assert properties["memorySize"] == 128.0
    assert "description" not in properties
    assert properties["arn"] == old["arn"]


def test_previews_know_inputs_and_nothing_else() -> None:
    topic = kind("aws:sns/topic:Topic")
    inputs = computed.all_tags(topic, {"name": "t", "tags": {"owner": "me"}}, HERE)
    properties = computed.previewed(topic, inputs)
    assert properties["arn"] is UNKNOWN
    assert properties["name"] == "t"
    assert properties["tagsAll"] == {"team": "ml", "owner": "me"}
    assert "displayName" not in properties


@pytest.mark.parametrize(
    ("token", "old", "new", "expected"),
    [
        (
            "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            {"productionVariants": [{"instanceType": "a"}]},
            {"productionVariants": [{"instanceType": "b", "variantName": "main"}]},
            [
                ("productionVariants[0].instanceType", "update", True),
                ("productionVariants[0].variantName", "add", True),
            ],
        ),
        (
            "aws:sagemaker/endpoint:Endpoint",
            {"endpointConfigName": "a"},
            {"endpointConfigName": UNKNOWN},
            [("endpointConfigName", "update", False)],
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"tags": {"a": "1"}, "tagsAll": {"a": "1"}},
            {"tags": {"a": "2"}, "tagsAll": {"a": "2"}},
            [("tags.a", "update", False)],
        ),
        (
            "aws:iam/rolePolicy:RolePolicy",
            {"policy": '{"Version": "1", "Statement": []}'},
            {"policy": '{"Statement":[],"Version":"1"}'},
            [],
        ),
        (
            # The vocabulary does not know it, so nothing is said to replace it but its name.
            "aws:elasticache/cluster:Cluster",
            {"engine": "redis", "nodeType": "cache.t4g.small"},
            {"engine": "redis", "nodeType": "cache.t4g.medium"},
            [("nodeType", "update", False)],
        ),
        ("aws:glue/job:Job", {"name": "a"}, {"name": "b"}, [("name", "update", True)]),
        ("aws:iam/user:User", {"name": "a"}, {"name": "b"}, [("name", "update", False)]),
    ],
)
def test_differences(
    token: str, old: dict[str, object], new: dict[str, object], expected: list[tuple[str, str, bool]]
) -> None:
    assert [(item.path, item.kind, item.replaces) for item in diff.compare(kind(token), old, new)] == expected


@pytest.mark.parametrize(
    ("token", "properties"),
    [
        ("aws:lambda/functionScalingConfig:FunctionScalingConfig", {"functionName", "qualifier", "region"}),
        ("aws:ecs/expressGatewayService:ExpressGatewayService", {"infrastructureRoleArn", "serviceName", "region"}),
        ("aws:glue/job:Job", {"name", "region"}),
    ],
)
def test_documentation_tells_what_replaces(token: str, properties: set[str]) -> None:
    assert by_token(token) is None
    assert diff.replacing_properties(kind(token)) - {"namePrefix"} == properties


def test_paths_quote_what_is_no_name() -> None:
    old = {"tags": {"a.b": "1", 'q"': "1"}}
    assert sorted(path for path, _ in differences(old, {"tags": {}})) == ['tags["a.b"]', 'tags["q\\""]']


def test_behaviours_watch_properties_that_exist() -> None:
    for behaviour in behaviours.BEHAVIOURS:
        for token, names in behaviour.watched.items():
            described = kind(token)
            assert set(names) <= set(described.inputs) | set(described.outputs), token


def test_a_cluster_that_is_looked_up_has_what_programs_read_of_one() -> None:
    found = invokes.answer("aws:eks/getCluster:getCluster", {"name": "ml-platform"}, HERE)
    known = {camel_case(name) for name in signature(eks.GetClusterResult.__init__).parameters}
    assert set(found) <= known
    network = {camel_case(name) for name in signature(eks.outputs.GetClusterVpcConfigResult.__init__).parameters}
    assert set(found["vpcConfig"]) <= network
    assert found["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    assert found["vpcConfig"]["vpcId"] == invokes.answer("aws:ec2/getVpc:getVpc", {}, HERE)["id"]
    assert found["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
