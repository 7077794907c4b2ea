"""The machines behind a queue: On-Demand ones, and before them Spot ones where the author buys those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Purchase, Spot
from mlstage.spec.targets import Batch
from mlstage.targets.ecs.sizes import facts_of, size_of
from mlstage.targets.launch import agent_role, launched
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place

_QUEUE_NAME: Final = 128  # AWS Batch, CreateJobQueue: jobQueueName
# Ours: a job that found no machine for so long finds none today, and somebody should hear of it.
_WAITS_S: Final = 6 * 3600
_NO_ROOM: Final = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"


@dataclass(frozen=True, slots=True)
class Capacity:
    """A queue and what stands behind it."""

    queue: Resource
    others: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """In the order in which they are needed."""
        return (*self.others, self.queue)


def lower(place: Place, workload: str, on: Batch, purchase: Purchase, *, parts: int, internet: bool) -> Capacity:
    """Make the queue of a workload that runs `parts` containers at once at most."""
    kinds = ("spot", "on-demand") if isinstance(purchase, Spot) else ("on-demand",)
    machines = tuple(_machines(place, workload, on))
    made = [_environment(place, workload, on, kind, machines, parts=parts, internet=internet) for kind in kinds]
    orders: tuple[Value, ...] = tuple(
        {"order": number, "compute_environment": Ref(one.name, "arn")} for number, one in enumerate(made, 1)
    )
    give_up: Value = {"action": "CANCEL", "max_time_seconds": _WAITS_S, "reason": _NO_ROOM, "state": "RUNNABLE"}
    queue = Resource(
        place.name(workload, "queue"),
        "aws.batch.JobQueue",
        {
            "name": place.physical(workload, limit=_QUEUE_NAME),
            "state": "ENABLED",
            "priority": 1,
            "compute_environment_orders": orders,
            "job_state_time_limit_actions": (give_up,),
        },
        workload=workload,
    )
    return Capacity(queue, (*machines, *made))


def _environment(
    place: Place,
    workload: str,
    on: Batch,
    kind: str,
    machines: tuple[Resource, ...],
    *,
    parts: int,
    internet: bool,
) -> Resource:
    size, facts = size_of(on), facts_of(on)
    vcpus = facts.vcpu if facts else max(1, -(-(size.cpu or 1024) // 1024))
    resources: dict[str, Value] = {
        "max_vcpus": vcpus * parts,
        "subnets": subnets(place),
        "security_group_ids": security_groups(place, internet=internet),
    }
    if facts is None:
        resources = {"type": "FARGATE_SPOT" if kind == "spot" else "FARGATE", **resources}
    else:
        resources = {**_ec2(on, kind, machines), **resources, "tags": place.tags(workload)}
    return Resource(
        place.name(workload, f"{kind}-machines" if facts else f"{kind}-capacity"),
        "aws.batch.ComputeEnvironment",
        {"type": "MANAGED", "state": "ENABLED", "compute_resources": resources},
        workload=workload,
    )


def _ec2(on: Batch, kind: str, machines: tuple[Resource, ...]) -> dict[str, Value]:
    facts = facts_of(on)
    assert facts is not None, on
    profile = next(one for one in machines if one.type == "aws.iam.InstanceProfile")
    template = next(one for one in machines if one.type == "aws.ec2.LaunchTemplate")
    image = "ECS_AL2023_NVIDIA" if facts.gpu_count else "ECS_AL2023"
    return {
        "type": "SPOT" if kind == "spot" else "EC2",
        "allocation_strategy": "SPOT_PRICE_CAPACITY_OPTIMIZED" if kind == "spot" else "BEST_FIT_PROGRESSIVE",
        "min_vcpus": 0,
        "instance_types": (known(on.instance), *known(on.fallbacks)),
        "instance_role": Ref(profile.name, "arn"),
        "ec2_configurations": ({"image_type": image},),
        "launch_template": {
            "launch_template_id": Ref(template.name, "id"),
            "version": join(Ref(template.name, "latest_version")),
        },
    }


def _machines(place: Place, workload: str, on: Batch) -> Iterator[Resource]:
    """Make what EC2 machines start with, and the role of the agent on them; nothing on Fargate."""
    if facts_of(on) is None:
        return
    # Batch makes the cluster, under a name that begins so.
    role = agent_role(
        place, workload, place.arn("ecs", "cluster/AWSBatch-*"), place.arn("ecs", "container-instance/AWSBatch-*/*")
    )
    yield from role.resources
    yield Resource(
        place.name(workload, "machine-profile"),
        "aws.iam.InstanceProfile",
        {"name": place.physical(workload, "machine", limit=128), "role": Ref(role.role.name, "name")},
        workload=workload,
    )
    yield Resource(
        place.name(workload, "machines"),
        "aws.ec2.LaunchTemplate",
        launched(place, workload, known(on.storage)),
        options=Options(comment="Image, type and network are Batch's to choose."),
        workload=workload,
    )
