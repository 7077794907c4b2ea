"""What a workload on Lambda becomes."""

from __future__ import annotations

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    Lambda,
    Network,
    OwnNetwork,
    Processing,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    Stage,
    per_stage,
)
from mlstage.graph import Graph, Join, Ref
from tests.targets.support import ECR, MODEL, graph, inside, only, statements

ON = Lambda(memory="4GB", storage="2GB")


def _scorer(on: Lambda = ON, stack: str = "prod") -> Graph:
    return graph(RealtimeEndpoint(name="scorer", model=MODEL, on=on), stack=stack)


def test_a_function_is_published_and_called_through_its_alias() -> None:
    found = _scorer()
    function, alias = only(found, "aws.lambda_.Function"), only(found, "aws.lambda_.Alias")
    assert function.props["publish"] is True
    assert function.props["package_type"] == "Image"
    assert function.props["memory_size"] == 4096
    assert function.props["ephemeral_storage"] == {"size": 2048}
    assert alias.props["function_version"] == Ref(function.name, "version")
    url = only(found, "aws.lambda_.FunctionUrl")
    assert url.props["authorization_type"] == "AWS_IAM"
    assert url.props["qualifier"] == Ref(alias.name, "name")


def test_its_log_group_and_policy_are_there_before_it() -> None:
    found = _scorer()
    function, logs = only(found, "aws.lambda_.Function"), only(found, "aws.cloudwatch.LogGroup")
    assert logs.props == {**logs.props, "name": f"/aws/lambda/{function.props['name']}", "retention_in_days": 90}
    assert set(function.depends_on) == {logs.name, "fraud-scorer-role-policy"}


def test_its_role_reads_the_artifact_and_writes_its_own_log_only() -> None:
    may = statements(_scorer(), "fraud-scorer-role-policy")
    assert set(may) == {"ArtifactRead", "UseKey", "WriteLogs"}
    assert may["ArtifactRead"]["Resource"] == ("arn:aws:s3:::acme-models/fraud/model.tar.gz",)
    assert may["WriteLogs"]["Resource"] == (Join((Ref("fraud-scorer-logs", "arn"), ":log-stream:*")),)


def test_places_are_kept_warm_in_production_and_not_in_test() -> None:
    following = Autoscale(min=2, max=8, target=ProvisionedConcurrencyUtilization(70))
    on = Lambda(memory="4GB", storage="2GB", provisioned=per_stage(prod=following))
    assert not _scorer(on, "test").of("aws.appautoscaling.Target", "aws.lambda_.ProvisionedConcurrencyConfig")
    found = _scorer(on)
    target, policy = only(found, "aws.appautoscaling.Target"), only(found, "aws.appautoscaling.Policy")
    assert (target.props["min_capacity"], target.props["max_capacity"]) == (2, 8)
    assert target.props["scalable_dimension"] == "lambda:function:ProvisionedConcurrency"
    tracked = inside(policy.props["target_tracking_scaling_policy_configuration"])
    assert inside(tracked, "target_value") == 0.7
    assert inside(tracked, "predefined_metric_specification", "predefined_metric_type") == (
        "LambdaProvisionedConcurrencyUtilization"
    )


def test_a_number_of_warm_places_needs_no_scaling() -> None:
    found = _scorer(Lambda(memory="4GB", storage="2GB", provisioned=3))
    assert only(found, "aws.lambda_.ProvisionedConcurrencyConfig").props["provisioned_concurrent_executions"] == 3
    assert not found.of("aws.appautoscaling.Target")


def test_an_http_api_takes_signed_requests_to_one_route() -> None:
    found = _scorer(Lambda(memory="4GB", storage="2GB", timeout="20s", endpoint="api_gateway"))
    route = only(found, "aws.apigatewayv2.Route")
    assert (route.props["route_key"], route.props["authorization_type"]) == ("POST /invocations", "AWS_IAM")
    allowed = only(found, "aws.lambda_.Permission")
    assert allowed.props["source_arn"] == Join((Ref("fraud-scorer-api", "execution_arn"), "/*/POST/invocations"))
    assert not found.of("aws.lambda_.FunctionUrl")


def test_requests_of_a_queue_fail_one_by_one() -> None:
    found = graph(
        AsyncEndpoint(
            name="later",
            model=MODEL,
            on=ON,
            output="s3://acme-data/out/",
            replicas=Autoscale(min=0, max=5, target=BacklogPerInstance(3)),
            concurrency=4,
            on_failure="payments@acme.example",
            max_backlog_age="1h",
        )
    )
    mapping = only(found, "aws.lambda_.EventSourceMapping")
    assert mapping.props["function_response_types"] == ("ReportBatchItemFailures",)
    assert mapping.props["scaling_config"] == {"maximum_concurrency": 5}
    assert mapping.props["batch_size"] == 4
    queue = found.by_name["fraud-later-queue"]
    assert queue.props["visibility_timeout_seconds"] == 6 * 60
    assert inside(queue.props["redrive_policy"], "deadLetterTargetArn") == Ref("fraud-later-dead-letters", "arn")
    alarm = found.by_name["fraud-later-failure-alarm"]
    assert alarm.props["alarm_actions"] == (Ref("fraud-to-payments-acme-example", "arn"),)
    assert found.by_name["fraud-later-backlog-alarm"].props["threshold"] == 3600
    may = statements(found, "fraud-later-role-policy")
    assert may["TakeRequests"]["Resource"] == (Ref("fraud-later-queue", "arn"),)
    assert may["AnswersWrite"]["Resource"] == ("arn:aws:s3:::acme-data/out/*",)


def test_a_nightly_batch_is_called_once_for_each_shard() -> None:
    found = graph(
        BatchInference(
            name="nightly",
            model=MODEL,
            on=ON,
            input="s3://acme-data/in/",
            output="s3://acme-data/out/",
            replicas=2,
            schedule="rate(1 day)",
        )
    )
    calls = [one.props["target"] for one in found.of("aws.scheduler.Schedule")]
    assert [inside(call, "input") for call in calls] == ['{"shard": 0, "shards": 2}', '{"shard": 1, "shards": 2}']
    assert all(inside(call, "arn") == Ref("fraud-nightly-alias", "arn") for call in calls)
    variables = inside(only(found, "aws.lambda_.Function").props["environment"], "variables")
    assert inside(variables, "MLSTAGE_INPUT") == "s3://acme-data/in/"
    assert inside(variables, "MLSTAGE_MODEL_ARTIFACT") == "s3://acme-models/fraud/model.tar.gz"
    may = statements(found, "fraud-nightly-scheduler-role-policy")
    assert may["Call"]["Resource"] == (Ref("fraud-nightly-alias", "arn"),)


def test_processing_replaces_the_entry_point_and_ends_in_time() -> None:
    found = graph(
        Processing(
            name="clean",
            image=f"{ECR}/clean:1",
            on=Lambda(memory="1GB", architecture="arm64"),
            command=["python", "clean.py"],
            max_runtime="10m",
        )
    )
    function = only(found, "aws.lambda_.Function")
    assert function.props["image_config"] == {"entry_points": ("python", "clean.py")}
    assert (function.props["timeout"], function.props["architectures"]) == (600, ("arm64",))


def test_it_runs_in_the_network_of_its_stage() -> None:
    network = Network(vpc="vpc-0a1b2c3d4e", subnets=["subnet-0a1b2c3d4e"], security_groups=["sg-0a1b2c3d4e"])
    there = Stage(tier="production", network=network)
    found = graph(RealtimeEndpoint(name="scorer", model=MODEL, on=ON), stage=there)
    joined = inside(only(found, "aws.lambda_.Function").props["vpc_config"])
    assert joined == {"security_group_ids": ("sg-0a1b2c3d4e",), "subnet_ids": ("subnet-0a1b2c3d4e",)}
    assert "JoinNetwork" in statements(found, "fraud-scorer-role-policy")
    own = graph(
        RealtimeEndpoint(name="scorer", model=MODEL, on=ON), stage=Stage(tier="production", network=OwnNetwork())
    )
    assert inside(only(own, "aws.lambda_.Function").props["vpc_config"], "subnet_ids", 0) == Ref("fraud-subnet-1", "id")
