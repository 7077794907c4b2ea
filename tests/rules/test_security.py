"""Rules about security on infrastructure of others: what is a secret, whose an image is, who may do and reach what."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from mlstage.diagnostics import FORMATS, render
from mlstage.graph import UNKNOWN, ConfigSecret, Graph, Join, JsonDocument, Ref, Resource, Value
from mlstage.rules import all_rules, diagnostics, examples, judge, parse_settings
from mlstage.rules.views.secrets import secret_in

TODAY = date(2026, 11, 24)
RULES = {rule.id: rule for rule in all_rules()}


def fields(
    rule: str, *resources: Resource, settings: str = "", tier: str = "production"
) -> list[tuple[str, str, bool]]:
    """Give the resources and fields that a rule objects to (True) or cannot decide (False)."""
    graph = Graph(resources, stack="x", tier=tier)
    verdict = judge(graph, parse_settings(settings, all_rules()), today=TODAY, rules=[RULES[rule]])
    found = [(item.finding.resource, item.finding.field, True) for item in verdict.objections]
    return sorted([*found, *((o.undecided.resource, o.undecided.field, False) for o in verdict.open)])


def model(image: Value, role: Value = None, **props: Value) -> Resource:
    return Resource(
        "m", "aws.sagemaker.Model", {"execution_role_arn": role, "primary_container": {"image": image}, **props}
    )


ROLE = "arn:aws:iam::123456789012:role/scorer"
OURS = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1.7"
THEIRS = "210987654321.dkr.ecr.us-east-1.amazonaws.com/fraud:1.7"
AWS = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
DIGEST = "@sha256:" + "0f1e2d3c" * 8


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("DB_PASSWORD", "correct-horse", "a secret"),
        ("dbPassword", "correct-horse", "a secret"),
        ("HF_TOKEN", "abcdef-123456", "a secret"),
        ("WANDB_API_KEY", "0123456789abcdef0123", "a secret"),
        ("SIGNING_KEY", "k-5f1d0c2b7e", "a secret"),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE", "an access key of AWS"),
        ("ANYTHING", f"token hf_{'Ab1' * 12} for the hub", "a token of Hugging Face"),
        ("CERTIFICATE", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
        ("DATABASE_URL", "postgres://scorer:correct-horse@db.acme.example/fraud", "an address with a password"),
        ("PARTITION_KEY", "9f8A7c6B5d4E3f2A1b0C", "a key"),
        # What only sounds like one.
        ("PARTITION_KEY", "customer_id", ""),
        ("MAX_TOKENS", "512", ""),
        ("TOKENIZER", "bert-base-uncased", ""),
        ("EOS_TOKEN", "<|endoftext|>", ""),
        ("PAD_TOKEN", "padding", ""),
        ("SECRET_NAME", "fraud/database", ""),
        ("SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:fraud-AbCdEf", ""),
        ("DB_PASSWORD", "arn:aws:secretsmanager:us-east-1:123456789012:secret:fraud-AbCdEf", ""),
        ("DB_PASSWORD", "{{resolve:secretsmanager:fraud}}", ""),
        ("DB_PASSWORD", "${DB_PASSWORD}", ""),
        ("DB_PASSWORD", "/run/secrets/database", ""),
        ("DB_PASSWORD", "ssm:/fraud/database", ""),
        ("DB_PASSWORD", "", ""),
        ("REQUIRE_AUTH_TOKEN", "false", ""),
        ("DATABASE_URL", "postgres://scorer:${PASSWORD}@db.acme.example/fraud", ""),
        ("DATABASE_URL", "postgres://db.acme.example:5432/fraud", ""),
        ("MODEL_KEY", "fraud/2026-11-01/model.tar.gz", ""),
        ("GIT_COMMIT", "9f8a7c6b5d4e3f2a1b0c9f8a7c6b5d4e3f2a1b0c", ""),
    ],
)
def test_what_is_a_secret(name: str, text: str, what: str) -> None:
    assert secret_in(name, text) == what


SECRET = "correct-horse-battery"


def holding(value: Value) -> list[Resource]:
    """Give everything that can be told a secret, told this one."""
    pair: Value = ({"name": "DB_PASSWORD", "value": value},)
    step: Value = {"Type": "Training", "Name": "t", "Arguments": {"HyperParameters": {"db_password": value}}}
    pipeline = JsonDocument({"Steps": (step,)})
    return [
        model(OURS, primary_container={"image": OURS, "environment": {"DB_PASSWORD": value}}),
        Resource("p", "aws.sagemaker.Pipeline", {"pipeline_definition": pipeline}),
        examples.task({"name": "web", "image": OURS, "environment": pair}),
        examples.lone_function(environment={"variables": {"DB_PASSWORD": value}}),
        *examples.deployment(own={"env": pair}),
    ]


def test_a_secret_is_found_wherever_containers_are_told_something() -> None:
    assert fields("ML407", *holding(SECRET)) == [
        ("m", "primary_container.environment.DB_PASSWORD", True),
        ("p", "pipeline_definition.Steps[0].Arguments.HyperParameters.db_password", True),
        ("scorer", "environment.variables.DB_PASSWORD", True),
        ("task", "container_definitions[0].environment[0].value", True),
        ("web", "spec.template.spec.containers[0].env[0].value", True),
    ]


def test_a_secret_is_printed_nowhere() -> None:
    verdict = judge(Graph(tuple(holding(SECRET)), stack="prod", tier="production"), today=TODAY)
    found = diagnostics([verdict])
    assert "ML407" in {one.code for one in found}
    assert SECRET not in "".join(render(found, style) for style in ("text", *FORMATS)) + repr(found)


def test_a_value_of_a_secret_s_name_that_nobody_knows_yet_is_undecided() -> None:
    assert [sure for _, _, sure in fields("ML407", *holding(UNKNOWN))] == [False] * 5


@pytest.mark.parametrize(
    "value", [ConfigSecret("password"), Ref("secret", "arn"), Join((Ref("secret", "arn"), ":a::"))]
)
def test_what_is_taken_from_elsewhere_is_no_text(value: Value) -> None:
    found = fields("ML407", *holding(value))
    assert [one for one in found if one[2]] == []
    if isinstance(value, ConfigSecret):
        assert found == []


def test_a_harmless_name_is_an_option() -> None:
    settings = json.dumps({"ML407-plaintext-secret": {"harmless": ["DB_PASSWORD"]}})
    assert [name for name, _, _ in fields("ML407", *holding(SECRET), settings=settings)] == ["p"]


def test_container_definitions_that_a_program_wrote_as_text_are_read() -> None:
    listed = [
        {"name": "web", "image": "nginx", "privileged": True, "environment": [{"name": "A_TOKEN", "value": SECRET}]}
    ]
    task = examples.task().with_props(container_definitions=json.dumps(listed))
    assert [field for _, field, _ in fields("ML407", task)] == ["container_definitions[0].environment[0].value"]
    assert [field for _, field, _ in fields("ML409", task)] == ["container_definitions[0].image"]
    assert [field for _, field, _ in fields("ML411", task)] == ["container_definitions[0].privileged"]


@pytest.mark.parametrize("rule", ["ML407", "ML409", "ML411"])
def test_containers_that_nobody_knows_yet_are_undecided(rule: str) -> None:
    task = examples.task().with_props(container_definitions=UNKNOWN)
    assert fields(rule, task) == [("task", "container_definitions", False)]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (OURS, []),
        (OURS.replace(":1.7", ":latest"), [True]),
        (OURS.replace(":1.7", ""), [True]),
        # The port of a registry is no tag.
        ("registry.acme.example:5000/fraud", [True]),
        ("registry.acme.example:5000/fraud:2", []),
        (f"nginx{DIGEST}", []),
        (f"nginx:latest{DIGEST}", []),
        (UNKNOWN, [False]),
        (Ref("repository", "repository_url"), [False]),
        (Join((Ref("repository", "repository_url"), ":latest")), [True]),
        (Join((Ref("repository", "repository_url"), ":1.7")), []),
        (Join((Ref("repository", "repository_url"), ":", Ref("build", "tag"))), [False]),
    ],
)
def test_versions_of_images(image: Value, expected: list[bool]) -> None:
    assert [sure for _, _, sure in fields("ML409", model(image))] == expected


@pytest.mark.parametrize(
    ("image", "role", "expected"),
    [
        (THEIRS, ROLE, [True]),
        (THEIRS + DIGEST, ROLE, []),
        (OURS, ROLE, []),
        (AWS, ROLE, []),
        ("public.ecr.aws/lambda/python:3.12", ROLE, []),
        ("docker.io/vllm/vllm-openai:v0.11.0", ROLE, [True]),
        (Join((Ref("repository", "repository_url"), ":1.7")), ROLE, []),
        (UNKNOWN, ROLE, [False]),
        # Without a role that says it, the only account is taken for one's own.
        (THEIRS, Ref("role", "arn"), []),
    ],
)
def test_whose_an_image_is(image: Value, role: Value, expected: list[bool]) -> None:
    assert [sure for _, _, sure in fields("ML410", model(image, role))] == expected
    # A digest keeps code from being exchanged; what it does with the network is another question.
    isolated = fields("ML406", model(image, role, enable_network_isolation=True))
    assert [sure for _, _, sure in isolated] == []


def test_of_two_accounts_nobody_knows_which_is_one_s_own_unless_it_is_said() -> None:
    two = [examples.lone_function(image_uri=OURS, role=Ref("r", "arn")), model(THEIRS, Ref("r", "arn"))]
    assert fields("ML410", *two) == [("m", "primary_container.image", False), ("scorer", "image_uri", False)]
    # The one that is left is taken for this stack's.
    settings = json.dumps({"ML410-foreign-image-without-digest": {"accounts": ["123456789012"]}})
    assert fields("ML410", *two, settings=settings) == []


FULL = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


@pytest.mark.parametrize(
    ("kind", "props", "field"),
    [
        ("RolePolicyAttachment", {"policy_arn": FULL}, "policy_arn"),
        ("UserPolicyAttachment", {"policy_arn": FULL}, "policy_arn"),
        ("GroupPolicyAttachment", {"policy_arn": FULL}, "policy_arn"),
        ("PolicyAttachment", {"policy_arn": FULL}, "policy_arn"),
        ("RolePolicyAttachmentsExclusive", {"policy_arns": (FULL,)}, "policy_arns[0]"),
        ("Role", {"managed_policy_arns": ("arn:aws:iam::aws:policy/ReadOnlyAccess", FULL)}, "managed_policy_arns[1]"),
    ],
)
def test_policies_are_found_however_they_are_attached(kind: str, props: dict[str, Value], field: str) -> None:
    assert fields("ML403", Resource("a", f"aws.iam.{kind}", props)) == [("a", field, True)]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws-cn:iam::aws:policy/AmazonS3FullAccess", [True]),
        ("arn:aws:iam::aws:policy/PowerUserAccess", [True]),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", []),
        ("arn:aws:iam::123456789012:policy/FraudFullAccess", []),
        (Ref("policy", "arn"), []),
        (UNKNOWN, [False]),
    ],
)
def test_which_managed_policies_allow_everything(arn: Value, expected: list[bool]) -> None:
    attachment = Resource("a", "aws.iam.RolePolicyAttachment", {"policy_arn": arn})
    assert [sure for _, _, sure in fields("ML403", attachment)] == expected


def balancer(*groups: Resource, named: Value, kind: str = "application") -> list[Resource]:
    entry: dict[str, Value] = {"load_balancer_type": kind, "security_groups": named}
    actions: Value = (
        {"type": "forward", "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/1"},
    )
    listener: dict[str, Value] = {"load_balancer_arn": Ref("entry", "arn"), "default_actions": actions}
    return [
        Resource("entry", "aws.lb.LoadBalancer", entry),
        Resource("http", "aws.lb.Listener", listener),
        *groups,
    ]


def group(*ranges: str) -> Resource:
    return Resource("g", "aws.ec2.SecurityGroup", {"name": "g", "ingress": ({"cidr_blocks": ranges, "from_port": 80},)})


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (balancer(group("0.0.0.0/0"), named=(Ref("g", "id"),)), [True]),
        (balancer(group("203.0.113.0/24"), named=(Ref("g", "id"),)), []),
        (balancer(named=("sg-0a1b2c3d4e5f60718",)), [False]),
        (balancer(named=UNKNOWN), [False]),
        # The VPC's own group lets nobody in from outside; a network load balancer without groups lets everybody in.
        (balancer(named=None), []),
        (balancer(named=None, kind="network"), [True]),
    ],
)
def test_a_load_balancer_is_as_open_as_its_security_groups(resources: list[Resource], expected: list[bool]) -> None:
    assert [sure for _, _, sure in fields("ML408", *resources)] == expected


@pytest.mark.parametrize(("named", "expected"), [(Ref("logs", "id"), []), ("acme-logs", []), ("acme-other", [True])])
def test_logs_of_a_load_balancer_can_have_no_key(named: Value, expected: list[bool]) -> None:
    bucket = Resource("logs", "aws.s3.Bucket", {"bucket": "acme-logs"})
    entry = Resource("entry", "aws.lb.LoadBalancer", {"access_logs": {"bucket": named, "enabled": True}})
    assert [sure for _, _, sure in fields("ML402", bucket, entry)] == expected


NLB = "service.beta.kubernetes.io/aws-load-balancer-"


@pytest.mark.parametrize(
    ("spec", "annotations", "expected"),
    [
        ({"type": "ClusterIP"}, {}, []),
        ({"type": "LoadBalancer"}, {f"{NLB}scheme": "internal"}, []),
        ({"type": "LoadBalancer"}, {f"{NLB}internal": "true"}, []),
        ({"type": "LoadBalancer"}, {f"{NLB}scheme": "internet-facing"}, [True]),
        # AWS's controllers make internal load balancers unless they are told otherwise.
        ({"type": "LoadBalancer", "load_balancer_class": "eks.amazonaws.com/nlb"}, {}, []),
        ({"type": "LoadBalancer"}, {f"{NLB}type": "external"}, []),
        ({"type": "LoadBalancer", "load_balancer_source_ranges": ("0.0.0.0/0",)}, {}, [True]),
        ({"type": UNKNOWN}, {}, [False]),
    ],
)
def test_services_of_kubernetes(spec: Value, annotations: Value, expected: list[bool]) -> None:
    service = Resource("s", "kubernetes.core.v1.Service", {"metadata": {"annotations": annotations}, "spec": spec})
    assert [sure for _, _, sure in fields("ML408", service)] == expected


@pytest.mark.parametrize(("kind", "expected"), [(None, [True]), ("NONE", [True]), ("AWS_IAM", []), (UNKNOWN, [False])])
def test_function_urls_and_routes(kind: Value, expected: list[bool]) -> None:
    for name in ("aws.lambda_.FunctionUrl", "aws.apigatewayv2.Route"):
        found = fields("ML408", Resource("u", name, {"authorization_type": kind}))
        assert [sure for _, _, sure in found] == expected


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        ("HTTP", "POST /predict", [True]),
        ("HTTP", "$default", [True]),
        ("HTTP", "ANY /health", [True]),
        ("HTTP", "GET /v1/health", []),
        ("HTTP", "GET /health/details", [True]),
        ("HTTP", "OPTIONS /{proxy+}", []),
        ("HTTP", UNKNOWN, [False]),
        ("WEBSOCKET", "$connect", [True]),
        # AWS takes no authorisation on these.
        ("WEBSOCKET", "$default", []),
        ("WEBSOCKET", "predict", []),
    ],
)
def test_routes_that_nobody_could_sign_in_for(kind: str, key: Value, expected: list[bool]) -> None:
    api = Resource("api", "aws.apigatewayv2.Api", {"protocol_type": kind})
    route = Resource("r", "aws.apigatewayv2.Route", {"api_id": Ref("api", "id"), "route_key": key})
    assert [sure for _, _, sure in fields("ML408", api, route)] == expected


@pytest.mark.parametrize(
    ("method", "api", "expected"),
    [
        ({"http_method": "POST"}, {}, [True]),
        ({"http_method": "OPTIONS"}, {}, []),
        ({"http_method": "POST", "api_key_required": True}, {}, []),
        ({"http_method": "POST", "authorization": "COGNITO_USER_POOLS"}, {}, []),
        ({"http_method": "POST", "authorization": UNKNOWN}, {}, [False]),
        ({"http_method": "POST"}, {"endpoint_configuration": {"types": "PRIVATE"}}, []),
        ({"http_method": "POST"}, {"endpoint_configuration": {"types": "REGIONAL"}}, [True]),
        ({"http_method": "POST"}, {"policy": "{}"}, []),
    ],
)
def test_methods_of_rest_apis(method: dict[str, Value], api: dict[str, Value], expected: list[bool]) -> None:
    rest = Resource("api", "aws.apigateway.RestApi", {"name": "api", **api})
    asked: dict[str, Value] = {"rest_api": Ref("api", "id"), "authorization": "NONE", **method}
    assert [sure for _, _, sure in fields("ML408", rest, Resource("m", "aws.apigateway.Method", asked))] == expected


@pytest.mark.parametrize(("kind", "expected"), [("ingress", [True]), ("egress", [])])
def test_rules_of_groups_in_the_old_form_count(kind: str, expected: list[bool]) -> None:
    rule: dict[str, Value] = {"security_group_id": Ref("g", "id"), "type": kind, "cidr_blocks": ("0.0.0.0/0",)}
    resources = balancer(group(), Resource("all", "aws.ec2.SecurityGroupRule", rule), named=(Ref("g", "id"),))
    assert [sure for _, _, sure in fields("ML408", *resources)] == expected


@pytest.mark.parametrize(
    ("actions", "conditions", "expected"),
    [
        (({"type": "forward"},), (), ["http", "rule"]),
        (({"type": "authenticate-oidc"}, {"type": "forward"}), (), ["http"]),
        (({"type": "fixed-response"},), (), ["http"]),
        (({"type": "forward"},), ({"source_ip": {"values": ("203.0.113.0/24",)}},), ["http"]),
        (({"type": "forward"},), ({"source_ip": {"values": ("203.0.113.0/24", "0.0.0.0/0")}},), ["http", "rule"]),
        (({"type": "forward"},), ({"path_pattern": {"values": ("/chat/*",)}},), ["http", "rule"]),
    ],
)
def test_rules_of_listeners_have_actions_of_their_own(actions: Value, conditions: Value, expected: list[str]) -> None:
    said: dict[str, Value] = {"listener_arn": Ref("http", "arn"), "actions": actions, "conditions": conditions}
    rule = Resource("rule", "aws.lb.ListenerRule", said)
    resources = balancer(group("0.0.0.0/0"), rule, named=(Ref("g", "id"),))
    assert [name for name, _, _ in fields("ML408", *resources)] == expected


@pytest.mark.parametrize("table", ["secret_formats.tsv", "public_images_of_aws.tsv"])
def test_every_row_of_a_table_has_a_source(table: str) -> None:
    lines = (files("mlstage.rules") / "data" / table).read_text(encoding="utf-8").splitlines()
    notes = [line for line in lines if line.startswith("# source ")]
    assert all("https://" in note and note.count(" | ") == 2 for note in notes)
    _, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert {row[-1] for row in rows} == {note.removeprefix("# source ").partition(":")[0] for note in notes}
    assert len({row[0] for row in rows}) == len(rows)
