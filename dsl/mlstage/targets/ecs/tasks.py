"""A task: its definition, the role that its container works under, and the one that ECS starts it with.

The two roles are apart because they are two parties: the execution role pulls the image, writes the log and fetches
secrets before the container runs; the task role is what the container itself may do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance
from mlstage.graph import JsonDocument, Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Ecs
from mlstage.spec.text import gigabytes_up
from mlstage.targets import iam
from mlstage.targets.containers import MODEL_DIRECTORY, UNPACK, Container
from mlstage.targets.ecs.sizes import facts_of, size_of
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.machines import chip_of
from mlstage.targets.place import Place

_FAMILY_LIMIT: Final = 255  # ECS, RegisterTaskDefinition: family
_MODEL_VOLUME: Final = "model"
# ECS, on Spot: two minutes' notice, all of which a container may use to save what it has.
_STOP_TIMEOUT_S: Final = 120
# Ours: a task that says nothing of itself for a minute and a half is replaced.
_ASKED_EVERY_S: Final = 30
_ANSWERS_IN_S: Final = 10
_LONGEST_START_S: Final = 300  # ECS, HealthCheck: startPeriod


@dataclass(frozen=True, slots=True)
class Task:
    """A task definition with its roles and log group."""

    definition: Resource
    task_role: iam.Role
    execution_role: iam.Role
    logs: Resource

    @property
    def arn(self) -> Ref:
        """The ARN of this revision."""
        return Ref(self.definition.name, "arn")

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Log group and roles first."""
        return (self.logs, *self.execution_role.resources, *self.task_role.resources, self.definition)


def task(
    place: Place, workload: str, kept: str, on: Ecs, container: Container, statements: Iterable[iam.Statement]
) -> Task:
    """Make the task definition `kept` in AWS; `statements` are what the container itself may do."""
    name = place.physical(kept, limit=_FAMILY_LIMIT)
    logs = log_group(place, workload, f"/ecs/{name}")
    about = f"{place.environment}/{workload}"
    own = iam.role(
        place, workload, "task-role", "ecs-tasks", [*statements, *iam.use_key(place)], f"Container of {about}"
    )
    starts = iam.role(
        place,
        workload,
        "execution-role",
        "ecs-tasks",
        _starting(place, on, container, logs),
        f"Starts the tasks of {about}",
    )
    props: dict[str, Value] = {
        "family": name,
        "network_mode": "awsvpc",
        **_capacity(on, container),
        "execution_role_arn": starts.arn,
        "task_role_arn": own.arn,
        "container_definitions": JsonDocument(tuple(_containers(place, on, container, kept, logs))),
    }
    if _unpacked(on, container):
        props["volumes"] = ({"name": _MODEL_VOLUME},)
    definition = Resource(
        place.name(workload, "task"),
        "aws.ecs.TaskDefinition",
        props,
        (logs.name,),
        workload=workload,
    )
    return Task(definition, own, starts, logs)


def _starting(place: Place, on: Ecs, container: Container, logs: Resource) -> Iterator[iam.Statement]:
    images = [container.image, *([unpack] if (unpack := known(on.unpack)) else [])]
    yield from iam.pull_images(place, images)
    yield from write_logs([join(Ref(logs.name, "arn"), ":log-stream:*")])
    yield from iam.read_secrets(known(on.secrets).values())


def _capacity(on: Ecs, container: Container) -> dict[str, Value]:
    size = size_of(on)
    if known(on.instance) is not None:
        # The container's own reservation counts there; a limit for the task would keep it from what is free.
        return {"requires_compatibilities": ("EC2",)}
    props: dict[str, Value] = {
        "requires_compatibilities": ("FARGATE",),
        "cpu": str(size.cpu),
        "memory": str(size.memory),
        "runtime_platform": {
            "operating_system_family": "LINUX",
            "cpu_architecture": "ARM64" if container.architecture == "arm64" else "X86_64",
        },
    }
    if storage := known(on.storage):
        props["ephemeral_storage"] = {"size_in_gib": gigabytes_up(storage)}
    return props


def _unpacked(on: Ecs, container: Container) -> bool:
    return container.artifact is not None and known(on.unpack) is not None


def _containers(place: Place, on: Ecs, container: Container, name: str, logs: Resource) -> Iterator[Value]:
    first: dict[str, Value] = {
        "name": name,
        "image": container.image,
        "essential": True,
        "environment": _pairs(container.variables),
        "logConfiguration": _logging(place, logs, name),
        # Tasks on Spot get so long to save what they have.
        "stopTimeout": _STOP_TIMEOUT_S,
    }
    if container.serves:
        first["portMappings"] = ({"containerPort": known(on.port), "protocol": "tcp"},)
    if secrets := known(on.secrets):
        first["secrets"] = tuple({"name": key, "valueFrom": arn} for key, arn in sorted(secrets.items()))
    if container.entry_point:
        first["entryPoint"] = tuple(container.entry_point)
    if container.command:
        first["command"] = tuple(container.command)
    if asked := known(on.health_command):
        first["healthCheck"] = {
            "command": ("CMD-SHELL", asked),
            "interval": _ASKED_EVERY_S,
            "timeout": _ANSWERS_IN_S,
            "retries": 3,
            "startPeriod": min(container.starts_in, _LONGEST_START_S),
        }
    first |= _on_machine(on)
    if _unpacked(on, container):
        mount: dict[str, Value] = {"sourceVolume": _MODEL_VOLUME, "containerPath": MODEL_DIRECTORY}
        first["dependsOn"] = ({"containerName": "unpack", "condition": "SUCCESS"},)
        first["mountPoints"] = ({**mount, "readOnly": True},)
        yield first
        yield {
            "name": "unpack",
            "image": known(on.unpack),
            "essential": False,
            "entryPoint": ("sh", "-c"),
            "command": (UNPACK,),
            "environment": _pairs({"MLSTAGE_MODEL_ARTIFACT": container.artifact}),
            "mountPoints": ({**mount, "readOnly": False},),
            "logConfiguration": _logging(place, logs, "unpack"),
            **({"memoryReservation": 256} if known(on.instance) else {}),
        }
    else:
        yield first


def _on_machine(on: Ecs) -> dict[str, Value]:
    """Reserve what a container takes of a machine of one's own: memory, CPU, and all of its accelerators."""
    facts = facts_of(on)
    if facts is None:
        return {}
    size = size_of(on)
    reserved: dict[str, Value] = {"memoryReservation": size.memory}
    if size.cpu:
        reserved["cpu"] = size.cpu
    if facts.gpu_count:
        reserved["resourceRequirements"] = ({"type": "GPU", "value": str(facts.gpu_count)},)
    if chip_of(facts):
        reserved["linuxParameters"] = _neuron(facts)
    return reserved


def _neuron(facts: Instance) -> dict[str, Value]:
    count = facts.accelerator.count if facts.accelerator else 0
    devices: tuple[Value, ...] = tuple(
        {
            "hostPath": f"/dev/neuron{number}",
            "containerPath": f"/dev/neuron{number}",
            "permissions": ("read", "write"),
        }
        for number in range(count)
    )
    return {"devices": devices, "capabilities": {"add": ("IPC_LOCK",)}}


def _pairs(variables: Mapping[str, Value]) -> tuple[Value, ...]:
    return tuple({"name": name, "value": value} for name, value in sorted(variables.items()))


def _logging(place: Place, logs: Resource, prefix: str) -> dict[str, Value]:
    # The group's name is known before anything is made; a reference would hide all of the definition from a plan.
    options = {
        "awslogs-group": logs.props["name"],
        "awslogs-region": place.region,
        "awslogs-stream-prefix": prefix,
    }
    return {"logDriver": "awslogs", "options": options}
