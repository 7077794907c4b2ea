"""Rules about cost and operability on infrastructure of others: budgets, nights, notebooks, alarms, tags, data."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date

import pytest

from mlstage.graph import UNKNOWN, Graph, Join, Options, Ref, Resource, Value
from mlstage.rules import About, Change, all_rules, examples, judge, parse_settings

TODAY = date(2026, 11, 24)
RULES = {rule.id: rule for rule in all_rules()}
Found = list[tuple[str, str, bool]]


def fields(rule: str, *resources: Resource, settings: str = "", tier: str = "production") -> Found:
    """Give the resources and fields that a rule objects to (True) or cannot decide (False)."""
    graph = Graph(resources, stack="x", tier=tier, region="us-east-1")
    verdict = judge(graph, parse_settings(settings, all_rules()), today=TODAY, rules=[RULES[rule]])
    found = [(item.finding.resource, item.finding.field, True) for item in verdict.objections]
    return sorted([*found, *((o.undecided.resource, o.undecided.field, False) for o in verdict.open)])


def answers(found: Found) -> list[bool]:
    return [sure for _, _, sure in found]


SERVED = [examples.configuration(), examples.endpoint(), *examples.scaling()]


def budget(**props: Value) -> Resource:
    own: dict[str, Value] = {"budget_type": "COST", "limit_unit": "USD", "time_unit": "MONTHLY", "limit_amount": "100"}
    return Resource("b", "aws.budgets.Budget", {**own, **props})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [True]),
        ({"limit_amount": "100000"}, []),
        ({"limit_amount": UNKNOWN}, [False]),
        # Budgets of something else than what a month costs.
        ({"time_unit": "ANNUALLY"}, []),
        ({"budget_type": "USAGE"}, []),
        ({"limit_unit": "EUR"}, []),
    ],
)
def test_an_aws_budget_is_a_budget(changes: dict[str, Value], expected: list[bool]) -> None:
    assert answers(fields("ML301", *SERVED, budget(**changes))) == expected


def test_a_budget_of_the_author_or_of_the_settings_holds_where_there_is_no_other() -> None:
    assert fields("ML301", *SERVED) == []
    settings = json.dumps({"ML301-over-budget": {"monthly_usd": 100}})
    assert answers(fields("ML301", *SERVED, settings=settings)) == [True]
    graph = Graph(tuple(SERVED), stack="x", tier="test", region="us-east-1", facts={"monthly_budget": 100.0})
    (found,) = judge(graph, today=TODAY, rules=[RULES["ML301"]]).objections
    assert "above its budget of $100" in found.finding.message


def notebook(lifecycle: Value = None) -> Resource:
    return Resource("n", "aws.sagemaker.NotebookInstance", {"name": "explore", "lifecycle_config_name": lifecycle})


def script(text: Value) -> Resource:
    return Resource("l", "aws.sagemaker.NotebookInstanceLifecycleConfiguration", {"name": "stop", "on_start": text})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (encoded("python3 autostop.py --time 3600 --ignore-connections"), []),
        (encoded("aws sagemaker stop-notebook-instance --notebook-instance-name explore"), []),
        (encoded("pip install --upgrade pandas"), [True]),
        (UNKNOWN, [False]),
    ],
)
def test_a_start_script_is_read(text: Value, expected: list[bool]) -> None:
    assert answers(fields("ML302", notebook(Ref("l", "name")), script(text))) == expected
    assert answers(fields("ML302", notebook("stop"), script(text))) == expected


def test_a_script_that_is_not_in_the_stack_is_undecided() -> None:
    assert fields("ML302", notebook("elsewhere")) == [("n", "lifecycle_config_name", False)]
    assert fields("ML302", notebook(UNKNOWN)) == [("n", "lifecycle_config_name", False)]


def schedule(arn: Value, said: Value) -> Resource:
    return Resource("s", "aws.scheduler.Schedule", {"target": {"arn": arn, "input": said}})


STOP = "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance"
DELETE = "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (schedule(STOP, '{"NotebookInstanceName": "explore"}'), []),
        (schedule(STOP, Join(('{"NotebookInstanceName": "', Ref("n", "name"), '"}'))), []),
        (schedule(STOP, '{"NotebookInstanceName": "another"}'), [True]),
        (schedule(STOP, UNKNOWN), [False]),
        (schedule("arn:aws:lambda:us-east-1:123456789012:function:explore", "{}"), [True]),
    ],
)
def test_a_schedule_stops_the_notebook_that_it_names(found: Resource, expected: list[bool]) -> None:
    assert answers(fields("ML303", notebook(), found)) == expected


def nights(count: Value, kind: Value = "ml.m5.xlarge", **config: Value) -> list[Resource]:
    variant: Value = {"variant_name": "AllTraffic", "instance_type": kind, "initial_instance_count": count}
    return [examples.configuration().with_props(production_variants=(variant,), **config), examples.endpoint()]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (nights(1), []),
        (nights(2), [True]),
        (nights(1, "ml.g5.xlarge"), [True]),
        (nights(UNKNOWN), [False]),
        (nights(1, UNKNOWN), [False]),
        (nights(2, async_inference_config={"output_config": {"s3_output_path": "s3://b/"}}), []),
        # What counts is what is certain: one instance here, whatever the maximum.
        ([*nights(1), *examples.scaling(minimum=1, maximum=20)], []),
        ([*nights(2), schedule(DELETE, '{"EndpointName": "scorer"}')], []),
        ([*nights(2), Resource("a", "aws.appautoscaling.ScheduledAction",
                               {"resource_id": "endpoint/scorer/variant/AllTraffic"})], []),
        ([*nights(2), Resource("a", "aws.appautoscaling.ScheduledAction", {"resource_id": UNKNOWN})], [False]),
    ],
)  # fmt: skip
def test_nights_in_test(resources: list[Resource], expected: list[bool]) -> None:
    assert answers(fields("ML304", *resources, tier="test")) == expected
    assert fields("ML304", *resources) == []


def tasks(count: Value, **props: Value) -> list[Resource]:
    task = examples.task().with_props(**{"cpu": "4 vCPU", "memory": "8 GB", **props})
    return [task, examples.service().with_props(task_definition=Ref("task", "arn"), desired_count=count)]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (tasks(1), []),
        (tasks(2), [True]),
        (tasks(None), []),
        (tasks(UNKNOWN), [False]),
        (tasks(2, cpu=UNKNOWN), [False]),
        ([examples.service(count=2)], [False]),
        # On machines of one's own, these are what is paid.
        ([examples.service("machines", count=9)], []),
        ([examples.service(count=9, behind_load_balancer=False)], []),
        ([*tasks(2), *examples.service_scaling(minimum=1)], []),
        ([*tasks(2), Resource("a", "aws.appautoscaling.ScheduledAction", {"resource_id": "service/scoring/web"})], []),
    ],
)
def test_nights_of_tasks_in_test(resources: list[Resource], expected: list[bool]) -> None:
    assert answers(fields("ML304", *resources, tier="test")) == expected


def test_what_a_night_may_cost_is_an_option() -> None:
    settings = json.dumps({"ML304-idle-endpoint-at-night-in-test": {"monthly_usd": 10}})
    assert answers(fields("ML304", *nights(1), settings=settings, tier="test")) == [True]


@pytest.mark.parametrize(("days", "expected"), [(None, [True]), (0, [True]), (14, []), (UNKNOWN, [False])])
def test_retention(days: Value, expected: list[bool]) -> None:
    logs = Resource("l", "aws.cloudwatch.LogGroup", {"name": "/fraud", "retention_in_days": days})
    assert answers(fields("ML305", logs)) == expected
    assert fields("ML305", logs.with_props(log_group_class="DELIVERY")) == []


NAT = Resource("nat", "aws.ec2.NatGateway", {"subnet_id": Ref("s", "id")})
SUBNET = Resource("s", "aws.ec2.Subnet", {"vpc_id": Ref("v", "id")})
VPC = Resource("v", "aws.ec2.Vpc", {"cidr_block": "10.0.0.0/16"})


def way(service: Value, **props: Value) -> Resource:
    return Resource("e", "aws.ec2.VpcEndpoint", {"vpc_id": Ref("v", "id"), "service_name": service, **props})


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([NAT, SUBNET, VPC], [True]),
        # Without a type an endpoint is a gateway.
        ([NAT, SUBNET, VPC, way("com.amazonaws.eu-west-1.s3")], []),
        ([NAT, SUBNET, VPC, way("com.amazonaws.eu-west-1.dynamodb")], [True]),
        ([NAT, SUBNET, VPC, way("com.amazonaws.eu-west-1.s3", vpc_endpoint_type="Interface")], [True]),
        ([NAT, SUBNET, VPC, way("com.amazonaws.eu-west-1.s3", vpc_id="vpc-of-others")], [True]),
        ([NAT, SUBNET, VPC, way("com.amazonaws.eu-west-1.s3", vpc_id=UNKNOWN)], [False]),
        ([NAT, SUBNET, VPC, way(UNKNOWN)], [False]),
        ([NAT.with_props(subnet_id="subnet-of-others")], [False]),
        ([NAT.with_props(connectivity_type="private"), SUBNET, VPC], []),
    ],
)
def test_nat_and_endpoints(resources: list[Resource], expected: list[bool]) -> None:
    assert answers(fields("ML306", *resources)) == expected


def alarm(dimensions: Value, **props: Value) -> Resource:
    base = examples.alarm("rings", "AWS/SageMaker", "Invocation5XXErrors", {})
    return base.with_props(dimensions=dimensions, **props)


@pytest.mark.parametrize(
    ("watching", "expected"),
    [
        (alarm({"EndpointName": "scorer"}), []),
        (alarm({"EndpointName": Ref("scorer-endpoint", "name")}), []),
        (alarm({"EndpointName": "another"}), [True]),
        (alarm({"EndpointName": "scorer"}, alarm_actions=None), [True]),
        (alarm({"EndpointName": "scorer"}, actions_enabled=False), [True]),
        (alarm({"EndpointName": "scorer"}, actions_enabled=UNKNOWN), [False]),
        (alarm({"EndpointName": UNKNOWN}), [False]),
        (alarm(UNKNOWN), [False]),
        # One that computes with several metrics.
        (
            alarm(None, metric_name=None).with_props(
                metric_queries=({"id": "m1", "metric": {"dimensions": {"EndpointName": "scorer"}}},)
            ),
            [],
        ),
    ],
)
def test_an_alarm_is_about_what_its_dimensions_name(watching: Resource, expected: list[bool]) -> None:
    assert answers(fields("ML502", examples.configuration(), examples.endpoint(), watching)) == expected


def test_an_alarm_that_takes_a_deployment_back_is_heard() -> None:
    silent = alarm({"EndpointName": "scorer"}, alarm_actions=None, name="scorer-5xx")
    assert fields("ML502", examples.configuration(), examples.endpoint(), silent) == []


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Ref("wake", "arn"), [True]),
        ("arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:6d8972f3:resource/sagemaker/endpoint/e", [True]),
        (Ref("topic", "arn"), []),
        (UNKNOWN, [False]),
    ],
)
def test_an_alarm_that_only_scales_tells_nobody(action: Value, expected: list[bool]) -> None:
    wakes = alarm({"EndpointName": "scorer"}, alarm_actions=(action,))
    policy = Resource("wake", "aws.appautoscaling.Policy", {"policy_type": "StepScaling"})
    topic = Resource("topic", "aws.sns.Topic", {})
    assert answers(fields("ML502", examples.configuration(), examples.endpoint(), wakes, policy, topic)) == expected
    both = wakes.with_props(alarm_actions=(action, Ref("topic", "arn")))
    assert fields("ML502", examples.configuration(), examples.endpoint(), both, policy, topic) == []


def test_an_alarm_on_its_target_group_watches_a_service() -> None:
    service = examples.service().with_props(load_balancers=({"target_group_arn": Ref("t", "arn")},))
    targets = Resource("t", "aws.lb.TargetGroup", {"name": "t"})
    failing = alarm({"TargetGroup": Ref("t", "arn_suffix")}, metric_name="HTTPCode_Target_5XX_Count")
    assert fields("ML502", service, targets, failing) == []
    assert fields("ML502", service, targets) == [("web", "load_balancers", True)]


def test_a_function_is_asked_for_alarms_only_where_callers_wait() -> None:
    assert fields("ML502", *examples.function()) == []
    assert answers(fields("ML502", *examples.function(), examples.function_url())) == [True]
    for called in (Ref("scorer-function", "invoke_arn"), Ref("scorer-alias", "invoke_arn")):
        behind = Resource("rest", "aws.apigateway.Integration", {"uri": called})
        assert answers(fields("ML502", *examples.function(), behind)) == [True]


@pytest.mark.parametrize(("capture", "expected"), [(None, [True]), (False, [True]), (True, []), (UNKNOWN, [False])])
def test_capture(capture: Value, expected: list[bool]) -> None:
    kept: Value = {"enable_capture": capture}
    served = [examples.configuration(captured=False, data_capture_config=kept), examples.endpoint()]
    assert answers(fields("ML503", *served)) == expected


@pytest.mark.parametrize(
    ("tags", "lacks"),
    [
        ({"Owner": "a", "Project": "b", "Environment": "prod"}, ""),
        ({"mlstage:owner": "a", "mlstage:environment": "b", "mlstage:stack": "prod"}, ""),
        ({"team": "a", "app": "b", "env": "prod"}, ""),
        ({"Owner": "a", "Environment": "prod"}, "project"),
        ({"Owner": "a", "Environment": "Staging"}, "project"),
        ({"Owner": "a", "Environment": "fraud"}, "stage"),
        ({"Owner": "a", "Stage": "prod"}, "environment"),
        ({"Name": "x"}, "owner, environment and stage"),
        (None, "owner, environment and stage"),
    ],
)
def test_tags_as_teams_have_them(tags: Value, lacks: str) -> None:
    graph = Graph((Resource("q", "aws.sqs.Queue", {"tags": tags}),), stack="x", tier="production")
    said = [item.finding.message for item in judge(graph, today=TODAY, rules=[RULES["ML501"]]).objections]
    assert said == ([f"queue 'q' has no tag for {lacks}"] if lacks else [])


def test_tags_of_the_provider_count_and_unknown_ones_are_undecided() -> None:
    whole: Value = {"owner": "a", "project": "b", "stage": "c"}
    assert fields("ML501", Resource("q", "aws.sqs.Queue", {"tags": None, "tags_all": whole})) == []
    assert fields("ML501", Resource("q", "aws.sqs.Queue", {"tags": UNKNOWN})) == [("q", "tags", False)]


def test_tags_that_are_known_are_written_and_the_others_stay() -> None:
    options = parse_settings('{"ML501-missing-tags": {"owner": "payments"}}', all_rules()).options(RULES["ML501"])
    about = About("prod", "production", {}, options)
    remedy = RULES["ML501"].on_remedy
    assert remedy is not None
    queue = Resource("q", "aws.sqs.Queue", {"tags": {"project": "fraud"}})
    assert list(remedy(queue, about)) == [
        Change("tags", {"project": "fraud", "owner": "payments", "stage": "prod"}),
    ]
    assert list(remedy(queue.with_props(tags=UNKNOWN), about)) == []
    staged = Resource("q", "aws.sqs.Queue", {"tags": {"team": "a", "Environment": "prod"}})
    known = parse_settings('{"ML501-missing-tags": {"project": "fraud"}}', all_rules()).options(RULES["ML501"])
    assert list(remedy(staged, About("prod", "production", {}, known))) == [
        Change("tags", {"team": "a", "Environment": "prod", "project": "fraud"})
    ]


def test_what_protects_data() -> None:
    assert answers(fields("ML504", Resource("b", "aws.s3.Bucket", {"force_destroy": True}))) == [True]
    assert fields("ML504", Resource("b", "aws.s3.Bucket", {})) == []
    assert answers(fields("ML504", Resource("t", "aws.dynamodb.Table", {}))) == [True]
    assert answers(fields("ML504", Resource("d", "aws.rds.Cluster", {"deletion_protection": UNKNOWN}))) == [False]
    assert fields("ML504", Resource("k", "aws.kms.Key", {})) == []
    settings = json.dumps({"ML504-unprotected-state-in-production": {"days": 30}})
    key = Resource("k", "aws.kms.Key", {"deletion_window_in_days": 20})
    assert (answers(fields("ML504", key)), answers(fields("ML504", key, settings=settings))) == ([], [True])


def test_pulumi_s_protection_counts() -> None:
    files = Resource("f", "aws.efs.FileSystem", {"encrypted": True})
    assert answers(fields("ML504", files)) == [True]
    assert fields("ML504", replace(files, options=Options(protect=True))) == []


def test_a_backup_policy_is_of_the_file_system_that_it_names() -> None:
    files, backup = examples.file_system(encrypted=True)
    off: Value = {"status": "DISABLED"}
    assert fields("ML504", files, backup) == []
    assert answers(fields("ML504", files, backup.with_props(backup_policy=off))) == [True]
    assert answers(fields("ML504", files, backup.with_props(file_system_id=UNKNOWN))) == [False]


@pytest.mark.parametrize(
    ("algorithm", "expected"), [("aws:kms", []), ("aws:kms:dsse", []), ("AES256", [True]), (UNKNOWN, [False])]
)
def test_a_bucket_is_encrypted_by_itself_or_by_a_resource_of_its_own(algorithm: Value, expected: list[bool]) -> None:
    rule: Value = {"apply_server_side_encryption_by_default": {"sse_algorithm": algorithm}}
    apart = Resource("e", "aws.s3.BucketServerSideEncryptionConfiguration", {"bucket": "models", "rules": (rule,)})
    bucket = Resource("b", "aws.s3.Bucket", {"bucket": "models"})
    assert answers(fields("ML402", bucket, apart)) == expected
    assert answers(fields("ML402", bucket.with_props(server_side_encryption_configuration={"rule": rule}))) == expected
    assert answers(fields("ML402", bucket)) == [True]


def test_databases_and_queues_at_rest() -> None:
    assert answers(fields("ML402", examples.database())) == [True]
    assert fields("ML402", examples.database(storage_encrypted=True)) == []
    assert answers(fields("ML402", examples.database(snapshot_identifier="nightly"))) == [False]
    assert fields("ML402", Resource("q", "aws.sqs.Queue", {})) == []
    assert answers(fields("ML402", Resource("q", "aws.sqs.Queue", {"sqs_managed_sse_enabled": False}))) == [True]
