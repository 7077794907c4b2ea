"""Stacks in which all is as it should be, but for what an example is about."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from mlstage.graph import VOCABULARY, Graph, Group, Join, Ref, Resource, Value
from mlstage.rules.examples.sagemaker import model

Without = Literal["", "tags", "alarms", "idle stop", "hours"]


def in_production_stack(*resources: Resource, groups: tuple[Group, ...] = (), without: Without = "") -> Graph:
    """Make a graph of a production stack, in which all is as it should be but what it is to be `without`."""
    alarms = () if without == "alarms" else tuple(alarm for resource in resources for alarm in _alarms(resource))
    return _graph((*resources, *alarms), groups, "prod", "production", without)


def in_test_stack(*resources: Resource, groups: tuple[Group, ...] = (), without: Without = "") -> Graph:
    """Make a graph of a test stack, in which all is as it should be but what it is to be `without`."""
    return _graph(resources, groups, "test", "test", without)


def _graph(resources: tuple[Resource, ...], groups: tuple[Group, ...], stack: str, tier: str, without: str) -> Graph:
    resources = (*resources, *_missing(resources))
    known = {group.name for group in groups}
    tended = (one for resource in resources for one in _tended(resource, without))
    kept = (r if r.workload in known else replace(r, workload="") for r in tended)
    tagged = tuple(kept) if without == "tags" else tuple(_tagged(resource, stack) for resource in kept)
    return Graph(tagged, environment="fraud-detection", stack=stack, tier=tier, groups=groups)


def _missing(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Add the model that a configuration serves, where an example is not about it."""
    types = {resource.type for resource in resources}
    served = "aws.sagemaker.EndpointConfiguration" in types and "aws.sagemaker.Model" not in types
    return (model(),) if served else ()


def _tagged(resource: Resource, stack: str) -> Resource:
    info, given = VOCABULARY.get(resource.type), resource.props.get("tags", {})
    if info is None or not info.taggable or not isinstance(given, Mapping):
        return resource
    ours = {"owner": "payments-ml", "environment": "fraud-detection", "stage": stack}
    return resource.with_props(tags={**ours, **given})


def _tended(resource: Resource, without: str) -> Iterator[Resource]:
    """Stop notebooks that nobody uses, and those that somebody forgot."""
    if resource.type != "aws.sagemaker.NotebookInstance":
        yield resource
        return
    if without != "idle stop":
        name = f"{resource.name}-lifecycle"
        script = base64.b64encode(b"python3 /opt/autostop.py --idle-seconds 3600").decode()
        yield Resource(name, "aws.sagemaker.NotebookInstanceLifecycleConfiguration", {"on_start": script})
        resource = resource.with_props(lifecycle_config_name=Ref(name, "name"))
    yield resource
    if without != "hours":
        yield stop_schedule(resource)


def stop_schedule(notebook: Resource, action: str = "stopNotebookInstance") -> Resource:
    """Make a schedule that stops a notebook in the evening."""
    target: dict[str, Value] = {
        "arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{action}",
        "role_arn": "arn:aws:iam::123456789012:role/evening",
        "input": Join(('{"NotebookInstanceName": "', Ref(notebook.name, "name"), '"}')),
    }
    props: dict[str, Value] = {
        "schedule_expression": "cron(0 18 ? * MON-FRI *)",
        "flexible_time_window": {"mode": "OFF"},
        "target": target,
    }
    return Resource(f"{notebook.name}-evening", "aws.scheduler.Schedule", props)


# What serves: the metric of its errors, what it is called there, and by which of its attributes.
_SERVING: Mapping[str, tuple[str, str, str, str]] = {
    "aws.sagemaker.Endpoint": ("AWS/SageMaker", "Invocation5XXErrors", "EndpointName", "name"),
    "aws.ecs.Service": ("AWS/ECS", "CPUUtilization", "ServiceName", "name"),
    "aws.lambda_.Function": ("AWS/Lambda", "Errors", "FunctionName", "name"),
}


def _alarms(resource: Resource) -> Iterator[Resource]:
    if resource.type not in _SERVING:
        return
    namespace, metric, dimension, attribute = _SERVING[resource.type]
    dimensions: dict[str, Value] = {dimension: Ref(resource.name, attribute)}
    yield alarm(f"{resource.name}-errors", namespace, metric, dimensions)
    if resource.type == "aws.sagemaker.Endpoint":
        usage = alarm(f"{resource.name}-idle", "/aws/sagemaker/Endpoints", "GPUUtilization", dimensions)
        yield usage.with_props(comparison_operator="LessThanThreshold", threshold=20)


def alarm(name: str, namespace: str, metric: str, dimensions: Mapping[str, Value]) -> Resource:
    """Make an alarm on one metric, which tells somebody."""
    props: dict[str, Value] = {
        "namespace": namespace,
        "metric_name": metric,
        "dimensions": dimensions,
        "statistic": "Average",
        "period": 60,
        "evaluation_periods": 5,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 1,
        "alarm_actions": ("arn:aws:sns:us-east-1:123456789012:payments-ml",),
    }
    return Resource(name, "aws.cloudwatch.MetricAlarm", props)
