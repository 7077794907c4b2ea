"""Rules about updates and about being asked: what goes back, what stays, and who notices that a copy hangs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mlstage.graph import UNKNOWN, Graph, Ref, Resource, Value
from mlstage.rules import examples
from tests.rules.test_cases import fields, said

ASYNC = examples.configuration(async_inference_config={"output_config": {"s3_output_path": "s3://acme/answers/"}})


def production(*resources: Resource) -> Graph:
    return examples.in_production_stack(*resources)


def updated(replicas: Value = 4, **spec: Value) -> Graph:
    deployment, service = examples.deployment()
    own = deployment.props["spec"]
    assert isinstance(own, Mapping)
    return production(deployment.with_props(spec={**own, "replicas": replicas, **spec}), service)


def rolling(most: Value) -> Value:
    return {"type": "RollingUpdate", "rolling_update": {"max_unavailable": most}}


MOST = "spec.strategy.rolling_update.max_unavailable"


@pytest.mark.parametrize(
    ("replicas", "strategy", "expected"),
    [
        (4, None, []),
        (4, rolling("25%"), []),
        (4, rolling("100%"), [(MOST, True)]),
        (4, rolling(3), []),
        (4, rolling(4), [(MOST, True)]),
        (4, rolling(0), []),
        (1, rolling(0), []),
        (UNKNOWN, rolling(4), [("spec.replicas", False)]),
        (4, rolling(UNKNOWN), [(MOST, False)]),
        (4, {"type": UNKNOWN}, [("spec.strategy.type", False)]),
        # Kubernetes refuses both together; what counts is the first.
        (4, {"type": "Recreate", "rolling_update": {"max_unavailable": "100%"}}, [("spec.strategy.type", True)]),
    ],
)
def test_pods_that_stay_until_others_are_ready(replicas: Value, strategy: Value, expected: Any) -> None:
    assert fields("ML207", updated(replicas, strategy=strategy)) == expected


def test_an_autoscaler_s_minimum_is_what_a_rolling_update_leaves() -> None:
    deployment, service = examples.deployment()
    own = deployment.props["spec"]
    assert isinstance(own, Mapping)
    spec = {**own, "replicas": None, "strategy": rolling(2)}
    parts = (deployment.with_props(spec=spec), service)
    assert fields("ML207", production(*parts, examples.autoscaler(minimum=2))) == [(MOST, True)]
    assert fields("ML207", production(*parts, examples.autoscaler(minimum=3))) == []


def test_pods_that_nobody_calls_may_all_end() -> None:
    graph = updated(strategy={"type": "Recreate"})
    alone = production(*(one for one in graph.resources if one.type == "kubernetes.apps.v1.Deployment"))
    assert said("ML207", alone) == []


@pytest.mark.parametrize(("deadline", "expected"), [(600, []), (None, []), (2147483647, [True])])
def test_a_deadline_that_never_comes(deadline: Value, expected: list[bool]) -> None:
    assert [sure for _, sure in fields("ML207", updated(progress_deadline_seconds=deadline))] == expected


ERRORS: dict[str, Value] = {"FunctionName": Ref("scorer-function", "name")}


def function(*others: Resource, called: bool = True, **alias: Value) -> list[tuple[str, bool]]:
    made, named = examples.function()
    url = (examples.function_url(),) if called else ()
    graph = examples.in_production_stack(made, named.with_props(**alias), *url, *others, without="alarms")
    return fields("ML207", graph)


VERSION = [("function_version", True)]


def test_an_alias_that_moves_at_once_needs_somebody_who_is_told_of_errors() -> None:
    assert function() == VERSION
    assert function(called=False) == []
    assert function(examples.alarm("errors", "AWS/Lambda", "Errors", ERRORS)) == []
    assert function(examples.alarm("url", "AWS/Lambda", "Url5xxCount", ERRORS)) == []
    assert function(examples.alarm("api", "AWS/ApiGateway", "5xx", {"ApiId": "a1b2c3"})) == []
    silent = examples.alarm("errors", "AWS/Lambda", "Errors", ERRORS).with_props(alarm_actions=())
    assert function(silent) == VERSION
    assert function(examples.alarm("errors", "AWS/Lambda", "Errors", {"FunctionName": "another"})) == VERSION
    assert function(examples.alarm("slow", "AWS/Lambda", "Duration", ERRORS)) == VERSION


def test_an_alias_on_a_version_of_its_own_is_moved_by_hand() -> None:
    assert function(function_version="7") == []
    assert function(function_version=UNKNOWN) == []


@pytest.mark.parametrize(
    ("weights", "expected"),
    [({"7": 0.9}, []), ({}, VERSION), (UNKNOWN, [("routing_config.additional_version_weights", False)])],
)
def test_an_alias_with_weights_leaves_calls_to_the_former_version(weights: Value, expected: Any) -> None:
    assert function(routing_config={"additional_version_weights": weights}) == expected


def group(**props: Value) -> tuple[Resource, Resource]:
    named: dict[str, Value] = {
        "app_name": Ref("application", "name"),
        "deployment_group_name": "live",
        "deployment_config_name": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "service_role_arn": "arn:aws:iam::123456789012:role/deploy",
    }
    application = Resource("application", "aws.codedeploy.Application", {"name": "a", "compute_platform": "Lambda"})
    return application, Resource("deploy", "aws.codedeploy.DeploymentGroup", {**named, **props})


def test_codedeploy_shifts_callers_and_has_to_go_back_itself() -> None:
    back: Value = {"enabled": True, "events": ("DEPLOYMENT_STOP_ON_ALARM",)}
    assert function(*group(auto_rollback_configuration=back)) == []
    assert function(*group()) == [("auto_rollback_configuration.enabled", True)]
    assert function(*group(auto_rollback_configuration=UNKNOWN)) == [("auto_rollback_configuration", False)]
    # A group for machines is about something else.
    application, machines = group(deployment_config_name="CodeDeployDefault.OneAtATime")
    assert function(application.with_props(compute_platform="Server"), machines) == VERSION


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"deployment_circuit_breaker": None}, [("deployment_circuit_breaker", True)]),
        ({"deployment_circuit_breaker": {"enable": False, "rollback": True}}, [("deployment_circuit_breaker", True)]),
        ({"deployment_circuit_breaker": None, "alarms": {"enable": True, "rollback": True}}, []),
        ({"deployment_circuit_breaker": None, "deployment_controller": {"type": "CODE_DEPLOY"}}, []),
        ({"deployment_circuit_breaker": None, "load_balancers": ()}, []),
        ({"deployment_circuit_breaker": UNKNOWN}, [("deployment_circuit_breaker", False)]),
    ],
)
def test_services_that_go_back(changes: dict[str, Value], expected: Any) -> None:
    assert fields("ML207", production(examples.service().with_props(**changes))) == expected


@pytest.mark.parametrize("config", [ASYNC, examples.serverless()])
def test_updates_of_async_and_serverless_endpoints_are_not_meant(config: Resource) -> None:
    assert said("ML207", production(config, examples.endpoint(watched=False))) == []


def targets(**props: Value) -> Graph:
    made: dict[str, Value] = {"protocol": "HTTP", "target_type": "ip", **props}
    return production(Resource("scorers", "aws.lb.TargetGroup", made))


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({}, [("health_check.path", True)]),
        ({"health_check": {"path": "/ping"}}, []),
        # As Terraform's plans write a block.
        ({"health_check": ({"path": "/ping", "enabled": True},)}, []),
        ({"health_check": UNKNOWN}, [("health_check", False)]),
        ({"target_type": "lambda"}, []),
        ({"protocol": "TCP"}, [("protocol", True)]),
        ({"protocol": "TCP", "health_check": {"protocol": "HTTP", "path": "/ping"}}, []),
        ({"health_check": {"enabled": False}}, [("health_check.enabled", True)]),
    ],
)
def test_checks_of_target_groups(props: dict[str, Value], expected: Any) -> None:
    assert list(dict.fromkeys(fields("ML208", targets(**props)))) == expected


def test_a_container_without_a_port_needs_no_probe() -> None:
    deployment, before = examples.deployment()
    spec: Value = {"template": {"spec": {"containers": ({"name": "sidecar"}, {"name": "web", "ports": UNKNOWN})}}}
    graph = production(deployment.with_props(spec=spec), before)
    assert fields("ML208", graph) == [("spec.template.spec.containers[1].ports", False)]


def worker(*containers: Value, **service: Value) -> list[tuple[str, bool]]:
    named: dict[str, Value] = {"task_definition": Ref("task", "arn"), **service}
    made = examples.service(behind_load_balancer=False).with_props(**named)
    return fields("ML208", production(examples.task(*containers), made))


def asked(*command: Value) -> Value:
    return {"name": "main", "healthCheck": {"command": command}}


def test_tasks_that_no_load_balancer_asks_say_themselves_that_they_work() -> None:
    hangs = [("task_definition", True)]
    assert worker({"name": "main"}) == hangs
    assert worker({"name": "main"}, asked("CMD-SHELL", "true")) == []
    assert worker(asked("NONE")) == hangs
    assert worker(asked()) == hangs
    assert worker({"name": "main", "healthCheck": UNKNOWN}) == [("container_definitions[0].healthCheck", False)]
    assert worker({"name": "agent"}, scheduling_strategy="DAEMON") == []
    # Of a task definition that lies elsewhere nothing is known.
    assert worker(task_definition="scorer:7") == [("task_definition", False)]


def test_a_service_s_pods_need_one_probe_even_without_a_port() -> None:
    def pods(*containers: Value, called: bool = True) -> list[tuple[str, bool]]:
        deployment, service = examples.deployment()
        own = deployment.props["spec"]
        assert isinstance(own, Mapping) and isinstance(own["template"], Mapping)
        template = {**own["template"], "spec": {"containers": containers}}
        made = deployment.with_props(spec={**own, "template": template})
        return fields("ML208", production(made, *((service,) if called else ())))

    at = "spec.template.spec.containers[0].readiness_probe"
    probe: Value = {"http_get": {"path": "/ping", "port": 8080}}
    assert pods({"name": "web"}) == [(at, True)]
    assert pods({"name": "web"}, called=False) == []
    assert pods({"name": "web", "readiness_probe": probe}, {"name": "sidecar"}) == []
    assert pods({"name": "web", "readiness_probe": UNKNOWN}) == [(at, False)]
