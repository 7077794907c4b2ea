"""Real-time endpoints: a service behind a load balancer, which rolls from one version to the next and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.scaling import Autoscale, CpuUtilization, InvocationsPerInstance, MemoryUtilization
from mlstage.spec.targets import Ecs
from mlstage.spec.updates import Rolling
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets import contract, iam, machines, scaling
from mlstage.targets.base import Blame
from mlstage.targets.containers import Container
from mlstage.targets.ecs import alarms, capacity, checks, shifts
from mlstage.targets.ecs.balancers import Balancer, balancer
from mlstage.targets.ecs.cluster import ON_DEMAND, SPOT, Cluster
from mlstage.targets.ecs.sizes import architecture_of, facts_of
from mlstage.targets.ecs.tasks import Task, task
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.network import leads_out, security_groups, subnets
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "model on replicas purchase p95_latency update",
    sagemaker_only="models preprocess postprocess weight variants shadow capture",
)
_FOLLOWED: Final = (CpuUtilization, MemoryUtilization, InvocationsPerInstance)


def on_ecs(on: object) -> Ecs:
    """Give a workload's target as what it must be once this target was chosen."""
    assert isinstance(on, Ecs), on
    return on


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what ECS refuses of a real-time endpoint."""
    spec = workload.workload
    on, asked, update = on_ecs(known(spec.on)), known(spec.replicas), known(spec.update)
    yield from unsupported(blame, "ECS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.exposure(blame, on)
    yield from checks.asked_by_load_balancer(blame, on)
    if known(on.command):
        what = "`command` is for jobs; an endpoint's container serves by itself, as on SageMaker"
        yield blame("AWS224", "on.command", what, "leave `command` out")
    if isinstance(asked, Autoscale):
        yield from scaling.only(blame, "replicas", asked, _FOLLOWED, "CpuUtilization(70)")
        if known(asked.min) < 1:
            what = "a service whose callers wait keeps at least one task: `min` is 0"
            yield blame("AWS228", "replicas.min", what, "min=1, or an AsyncEndpoint, which can wait for a start")
    if shift := shifts.shift_of(update):
        yield from shifts.check(blame, spec, shift)
    elif update is not None and workload.origin("update.watched_for").kind != "default":
        what = "ECS watches its alarms while tasks are exchanged, and not for a time of one's own"
        yield blame("AWS229", "update.watched_for", what, "update=Rolling(percent=…) without `watched_for`")


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a real-time endpoint into a task, a load balancer, a service, and what scales and watches it."""
    spec = workload.workload
    on, model, kept = on_ecs(known(spec.on)), known(spec.model), spec.formerly or spec.name
    artifact = known(model.artifact)
    container = Container(
        image=image_uri(known(model.image), place.region, facts_of(on)),
        architecture=architecture_of(on, known(model.architecture)),
        variables=contract.with_own(contract.of_model(model), known(model.environment)),
        serves=True,
        artifact=artifact,
    )
    made = task(
        place, spec.name, kept, on, container, iam.read_objects(place, "Artifact", [artifact] if artifact else [])
    )
    front = balancer(place, spec.name, kept, on)
    asked = known(spec.replicas)
    most = known(asked.max) if isinstance(asked, Autoscale) else asked
    # While a new version rolls out, both have to fit.
    internet = leads_out(place, needed=machines.outside_ecr(spec, on))
    room = capacity.lower(place, spec.name, on, known(spec.purchase), most=2 * most, internet=internet)
    second = shifts.second(place, spec.name, kept, on, front) if shifts.shift_of(known(spec.update)) else None
    watched = alarms.of_service(place, spec, front, second=second is not None)
    groups = (*security_groups(place, internet=internet), Ref(front.service_group.name, "id"))
    service = _service(spec, place, _Parts(made, front, room, groups, watched.rollback, second))
    grows = _scaling(room.cluster, spec.name, asked, service, front) if isinstance(asked, Autoscale) else ()
    beside = second.resources if second else ()
    return (*made.resources, *front.resources, *beside, *room.resources, *watched.resources, service, *grows)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a service is put together from; `second` is there when its updates take a second fleet."""

    task: Task
    front: Balancer
    room: capacity.Capacity
    groups: tuple[Value, ...]
    rollback: tuple[Resource, ...]
    second: shifts.Second | None

    @property
    def needed(self) -> tuple[str, ...]:
        """Name what has to be there before it."""
        second = (self.second.rule.name, self.second.policy.name) if self.second else ()
        return (*(one.name for one in self.front.listeners), *second, *policies(self.task))


def _service(spec: RealtimeEndpoint, place: Place, parts: _Parts) -> Resource:
    on, asked, kept = on_ecs(known(spec.on)), known(spec.replicas), spec.formerly or spec.name
    scaled, shift = isinstance(asked, Autoscale), shifts.shift_of(known(spec.update))
    start_s = machines.start_seconds(known(spec.model))
    front: dict[str, Value] = {
        "target_group_arn": Ref(parts.front.group.name, "arn"),
        "container_name": kept,
        "container_port": known(on.port),
        **(parts.second.told if parts.second else {}),
    }
    props: dict[str, Value] = {
        "name": parts.room.cluster.service_name(kept),
        "cluster": parts.room.cluster.arn,
        "task_definition": parts.task.arn,
        "desired_count": _initial(asked),
        "capacity_provider_strategies": parts.room.strategies or fargate(spec.purchase),
        "network_configuration": {
            "subnets": subnets(place),
            "security_groups": parts.groups,
            "assign_public_ip": False,
        },
        "load_balancers": (front,),
        "health_check_grace_period_seconds": start_s,
        **(shifts.rollout(shift) if shift else _rollout(spec)),
        **stays_whole(parts.room),
    }
    if parts.rollback:
        names = tuple(Ref(alarm.name, "name") for alarm in parts.rollback)
        props["alarms"] = {"enable": True, "rollback": True, "alarm_names": names}
    return Resource(
        place.name(spec.name, "service"),
        "aws.ecs.Service",
        props,
        (parts.room.cluster.capacity, *parts.needed),
        Options(
            ignore_changes=("desired_count",) if scaled else (),
            minutes=shifts.longest(shift, start_s) if shift else 0,
        ),
        workload=spec.name,
    )


def _rollout(spec: RealtimeEndpoint) -> dict[str, Value]:
    """Say how tasks are exchanged: new ones first, and all of it back when they do not come up."""
    update, replicas = known(spec.update), known(spec.replicas)
    least = known(replicas.min) if isinstance(replicas, Autoscale) else replicas
    # A batch that rounds down to no task at all would never begin.
    batch = max(known(update.percent), -(-100 // max(least, 1))) if isinstance(update, Rolling) else 100
    return {
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 100 + batch,
    }


def stays_whole(room: capacity.Capacity) -> dict[str, Value]:
    """Give what every service has: tags on tasks, zones kept even, and an update that ends when the tasks are up."""
    spread = ({"type": "spread", "field": "attribute:ecs.availability-zone"},)
    return {
        "availability_zone_rebalancing": "ENABLED",
        "enable_ecs_managed_tags": True,
        "propagate_tags": "SERVICE",
        "wait_for_steady_state": True,
        **({"ordered_placement_strategies": spread} if room.strategies else {}),
    }


def policies(made: Task) -> tuple[str, ...]:
    """Name what tasks need before they start: a task that cannot pull its image yet is a failed deployment."""
    return made.execution_role.policy.name, made.task_role.policy.name


def fargate(purchase: object) -> tuple[Value, ...]:
    """Place tasks on Fargate; on Spot, all but the first one, so that somebody always works."""
    if not isinstance(known(purchase), Spot):
        return ({"capacity_provider": ON_DEMAND, "weight": 1},)
    return (
        {"capacity_provider": ON_DEMAND, "base": 1, "weight": 0},
        {"capacity_provider": SPOT, "weight": 1},
    )


def _initial(asked: int | Autoscale) -> int:
    if not isinstance(asked, Autoscale):
        return asked
    initial = known(asked.initial)
    return known(asked.min) if initial is None else initial


def scaled_service(service: Resource, cluster: Cluster) -> scaling.Scaled:
    """Say what Application Auto Scaling calls a service."""
    name = join("service/", Ref(cluster.logical, "name"), "/", Ref(service.name, "name"))
    return scaling.Scaled("ecs", "ecs:service:DesiredCount", name)


def _scaling(
    cluster: Cluster, workload: str, asked: Autoscale, service: Resource, front: Balancer
) -> tuple[Resource, ...]:
    metric = known(asked.target)
    predefined: dict[str, Value]
    match metric:
        case CpuUtilization():
            predefined = {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
        case MemoryUtilization():
            predefined = {"predefined_metric_type": "ECSServiceAverageMemoryUtilization"}
        case InvocationsPerInstance():
            label = join(Ref(front.balancer.name, "arn_suffix"), "/", Ref(front.group.name, "arn_suffix"))
            predefined = {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label}
        case _:
            raise TypeError(f"{metric!r} is refused by the check")
    followed: dict[str, Value] = {
        "predefined_metric_specification": predefined,
        "target_value": metric.value,
    }
    return scaling.tracking(cluster.place, workload, asked, scaled_service(service, cluster), followed)
