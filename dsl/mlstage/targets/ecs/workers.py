"""Asynchronous endpoints: a service that takes requests from a queue, as many tasks as the backlog asks for.

With min=0 it costs nothing while nothing waits. Target tracking cannot leave 0 by itself: a step policy wakes the
service when something waits and nobody works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale, BacklogPerInstance, CpuUtilization, MemoryUtilization
from mlstage.spec.text import seconds
from mlstage.spec.workloads import AsyncEndpoint
from mlstage.targets import contract, iam, machines, scaling
from mlstage.targets.base import Blame, No
from mlstage.targets.containers import Container
from mlstage.targets.ecs import capacity, checks
from mlstage.targets.ecs.cluster import Cluster
from mlstage.targets.ecs.services import fargate, on_ecs, policies, scaled_service, stays_whole
from mlstage.targets.ecs.sizes import architecture_of, facts_of
from mlstage.targets.ecs.tasks import Task, task
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.network import leads_out, security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.queues import RequestQueue, age_alarm, failure_alarm, request_queue
from mlstage.targets.topics import topic_for

FIELDS: Final = Fields.of(
    "model on output input failures replicas concurrency timeout on_success on_failure max_backlog_age purchase",
    update=No("workers are exchanged one after the other, and nobody waits for them", ""),
)
_FOLLOWED: Final = (BacklogPerInstance, CpuUtilization, MemoryUtilization)
_INSIGHTS: Final = "ECS/ContainerInsights"


def check(workload: Resolved[AsyncEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what ECS refuses of an asynchronous endpoint."""
    spec = workload.workload
    on, asked = on_ecs(known(spec.on)), known(spec.replicas)
    yield from unsupported(blame, "ECS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    for field in ("port", "health", "exposed", "certificate", "callers"):
        if workload.origin(f"on.{field}").kind != "default" and known(getattr(on, field)):
            what = f"`{field}` is for what answers callers; this takes its requests from a queue"
            yield blame("AWS224", f"on.{field}", what, f"leave `{field}` out")
    if isinstance(asked, Autoscale):
        yield from scaling.only(blame, "replicas", asked, _FOLLOWED, "BacklogPerInstance(5)")


def lower(workload: Resolved[AsyncEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn an asynchronous endpoint into a queue, a service that works on it, and what scales and watches both."""
    spec = workload.workload
    on, model, kept = on_ecs(known(spec.on)), known(spec.model), spec.formerly or spec.name
    queue = request_queue(place, spec.name, kept, hidden_for=seconds(known(spec.timeout)))
    success = known(spec.on_success)
    glad = topic_for(place, success) if success else None
    told: dict[str, Value] = {
        **contract.of_answers(spec),
        "MLSTAGE_QUEUE_URL": Ref(queue.queue.name, "url"),
        "MLSTAGE_CONCURRENCY": str(known(spec.concurrency) or 1),
        **({"MLSTAGE_SUCCESS_TOPIC": glad.arn} if glad else {}),
    }
    container = Container(
        image=image_uri(known(model.image), place.region, facts_of(on)),
        architecture=architecture_of(on, known(model.architecture)),
        variables={**told, **known(model.environment)},
        command=known(on.command),
        artifact=known(model.artifact),
        starts_in=machines.start_seconds(model),
    )
    may = [*_may(spec, place, queue), *([iam.allow("TellSuccess", ["sns:Publish"], [glad.arn])] if glad else [])]
    made = task(place, spec.name, kept, on, container, may)
    asked = known(spec.replicas)
    most = known(asked.max) if isinstance(asked, Autoscale) else asked
    internet = leads_out(place, needed=machines.outside_ecr(spec, on))
    room = capacity.lower(place, spec.name, on, known(spec.purchase), most=most + 1, internet=internet)
    service = _service(spec, place, made, room, internet=internet)
    return (
        *queue.resources,
        *(glad.resources if glad else ()),
        *made.resources,
        *room.resources,
        service,
        *(_scaling(room.cluster, spec.name, asked, service, queue) if isinstance(asked, Autoscale) else ()),
        *age_alarm(place, spec.name, queue, known(spec.max_backlog_age)),
        *failure_alarm(place, spec.name, queue, known(spec.on_failure)),
    )


def _may(spec: AsyncEndpoint, place: Place, queue: RequestQueue) -> Iterator[iam.Statement]:
    artifact, failures = known(known(spec.model).artifact), known(spec.failures)
    yield from iam.read_objects(place, "Artifact", [artifact] if artifact else [])
    yield from iam.read_objects(place, "Requests", filter(None, [known(spec.input)]))
    yield from iam.write_objects(place, "Answers", [known(spec.output), *([failures] if failures else [])])
    verbs = ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes")
    yield iam.allow("TakeRequests", [f"sqs:{verb}" for verb in verbs], [queue.arn])


def _service(spec: AsyncEndpoint, place: Place, made: Task, room: capacity.Capacity, *, internet: bool) -> Resource:
    asked, kept = known(spec.replicas), spec.formerly or spec.name
    scaled = isinstance(asked, Autoscale)
    count = known(asked.min) if isinstance(asked, Autoscale) else asked
    props: dict[str, Value] = {
        "name": room.cluster.service_name(kept),
        "cluster": room.cluster.arn,
        "task_definition": made.arn,
        "desired_count": count,
        "capacity_provider_strategies": room.strategies or fargate(spec.purchase),
        "network_configuration": {
            "subnets": subnets(place),
            "security_groups": security_groups(place, internet=internet),
            "assign_public_ip": False,
        },
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
        **stays_whole(room),
    }
    return Resource(
        place.name(spec.name, "service"),
        "aws.ecs.Service",
        props,
        (room.cluster.capacity, *policies(made)),
        Options(ignore_changes=("desired_count",) if scaled else ()),
        workload=spec.name,
    )


def _scaling(
    cluster: Cluster, workload: str, asked: Autoscale, service: Resource, queue: RequestQueue
) -> tuple[Resource, ...]:
    metric = known(asked.target)
    assert metric is not None, asked
    of = scaled_service(service, cluster)
    if isinstance(metric, BacklogPerInstance):
        followed = _followed(cluster, service, queue, metric.value)
    else:
        kind = "CPU" if isinstance(metric, CpuUtilization) else "Memory"
        predefined: dict[str, Value] = {"predefined_metric_type": f"ECSServiceAverage{kind}Utilization"}
        followed = {"predefined_metric_specification": predefined, "target_value": metric.value}
    made = scaling.tracking(cluster.place, workload, asked, of, followed)
    return made if known(asked.min) > 0 else (*made, *_waking(cluster, workload, made[0], service, queue))


def _metric(name: str, namespace: str, statistic: str, dimensions: dict[str, Value]) -> dict[str, Value]:
    listed = tuple({"name": key, "value": value} for key, value in dimensions.items())
    stat: dict[str, Value] = {
        "metric": {"metric_name": name, "namespace": namespace, "dimensions": listed},
        "stat": statistic,
    }
    return stat


def _of_service(cluster: Cluster, service: Resource) -> dict[str, Value]:
    return {"ClusterName": Ref(cluster.logical, "name"), "ServiceName": Ref(service.name, "name")}


def _followed(cluster: Cluster, service: Resource, queue: RequestQueue, target: float) -> dict[str, Value]:
    waiting = _metric(
        "ApproximateNumberOfMessagesVisible", "AWS/SQS", "Sum", {"QueueName": Ref(queue.queue.name, "name")}
    )
    running = _metric("RunningTaskCount", _INSIGHTS, "Average", _of_service(cluster, service))
    metrics: tuple[Value, ...] = (
        {"id": "waiting", "label": "Requests that wait", "metric_stat": waiting, "return_data": False},
        {"id": "running", "label": "Tasks that work", "metric_stat": running, "return_data": False},
        {
            "id": "backlog",
            "label": "Requests that wait, per task",
            "expression": "waiting / IF(FILL(running, 0) > 0, FILL(running, 0), 1)",
            "return_data": True,
        },
    )
    return {"customized_metric_specification": {"metrics": metrics}, "target_value": target}


def _waking(
    cluster: Cluster, workload: str, registered: Resource, service: Resource, queue: RequestQueue
) -> tuple[Resource, ...]:
    """Start one task when something waits and nobody works."""
    steps: dict[str, Value] = {
        "adjustment_type": "ChangeInCapacity",
        "cooldown": 60,
        "metric_aggregation_type": "Maximum",
        "step_adjustments": ({"metric_interval_lower_bound": "0", "scaling_adjustment": 1},),
    }
    place = cluster.place
    policy = scaling.policy_of(
        place,
        workload,
        "waking",
        registered,
        {"policy_type": "StepScaling", "step_scaling_policy_configuration": steps},
    )
    waiting: dict[str, Value] = {
        "id": "waiting",
        "metric": {
            "metric_name": "ApproximateNumberOfMessagesVisible",
            "namespace": "AWS/SQS",
            "dimensions": {"QueueName": Ref(queue.queue.name, "name")},
            "period": 60,
            "stat": "Maximum",
        },
    }
    running: dict[str, Value] = {
        "id": "running",
        "metric": {
            "metric_name": "RunningTaskCount",
            "namespace": _INSIGHTS,
            "dimensions": _of_service(cluster, service),
            "period": 60,
            "stat": "Maximum",
        },
    }
    asleep: dict[str, Value] = {
        "id": "asleep",
        "label": "Requests wait and no task works",
        "expression": "IF(waiting > 0 AND FILL(running, 0) < 1, 1, 0)",
        "return_data": True,
    }
    alarm = Resource(
        place.name(workload, "waking-alarm"),
        "aws.cloudwatch.MetricAlarm",
        {
            "name": place.physical(workload, "waking", limit=255),
            "alarm_description": f"Requests to {workload} wait and no task works on them",
            "metric_queries": (waiting, running, asleep),
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": 1,
            "evaluation_periods": 1,
            "treat_missing_data": "notBreaching",
            "alarm_actions": (Ref(policy.name, "arn"),),
        },
        workload=workload,
    )
    return policy, alarm
