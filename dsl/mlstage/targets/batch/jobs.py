"""A job: what its container is, how often it is tried, what submits it, and whom a failure is told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value, join
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Batch
from mlstage.spec.text import gigabytes_up, seconds
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets import checkpoints, contract, iam, machines
from mlstage.targets.batch import capacity
from mlstage.targets.batch.checks import on_batch
from mlstage.targets.ecs.sizes import architecture_of, facts_of, size_of
from mlstage.targets.events import failures_told
from mlstage.targets.images import image_uri
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.network import leads_out
from mlstage.targets.place import Place
from mlstage.targets.schedules import schedule_of

_NAME_LIMIT: Final = 128  # AWS Batch, RegisterJobDefinition: jobDefinitionName
_LONGEST_S: Final = 24 * 3600  # ours, for batch inference, which names no time of its own
# How Batch reports what AWS took back, on EC2 and on Fargate; all else is the container's own failure.
# https://docs.aws.amazon.com/batch/latest/userguide/spot.html
_TAKEN_BACK: Final = ("Host EC2*", "Your Spot Task was interrupted*")


@dataclass(frozen=True, slots=True)
class Work:
    """What one container does, and what it may do it with."""

    image: str
    architecture: str
    variables: Mapping[str, str]
    command: tuple[str, ...]
    may: tuple[iam.Statement, ...]
    longest: int = _LONGEST_S


def lower(workload: Resolved[BatchInference | Training | Processing], place: Place) -> tuple[Resource, ...]:
    """Turn a job into its roles, its definition, its queue, its schedule, and who is told of its failures."""
    spec = workload.workload
    on, kept, count = on_batch(spec), spec.formerly or spec.name, known(spec.replicas)
    work = _work(spec, on, place)
    name = place.physical(kept, limit=_NAME_LIMIT)
    logs = log_group(place, spec.name, f"/aws/batch/{name}")
    roles = _roles(place, spec.name, on, work, logs)
    together = isinstance(spec, Training) and count > 1
    container = _container(place, on, work, roles, logs)
    definition = Resource(
        place.name(spec.name, "job"),
        "aws.batch.JobDefinition",
        {
            "name": name,
            "type": "multinode" if together else "container",
            **({} if together else {"platform_capabilities": ("EC2" if known(on.instance) else "FARGATE",)}),
            **_what_runs(container, count if together else 1),
            "retry_strategy": {"attempts": known(spec.retries) + 1, "evaluate_on_exits": _retried()},
            "timeout": {"attempt_duration_seconds": work.longest},
            "propagate_tags": True,
        },
        (logs.name,),
        workload=spec.name,
    )
    internet = leads_out(place, needed=machines.outside_ecr(spec, on))
    room = capacity.lower(place, spec.name, on, known(spec.purchase), parts=count, internet=internet)
    of_roles = [one for role in roles for one in role.resources]
    submitted = _submitted(place, spec, name, definition, room.queue, 1 if together else count)
    contact = known(spec.on_failure)
    told = failures_told(place, spec.name, _failed(room.queue), contact) if contact else ()
    return (logs, *of_roles, definition, *room.resources, *submitted, *told)


def _work(spec: BatchInference | Training | Processing, on: Batch, place: Place) -> Work:
    facts, command = facts_of(on), tuple(known(on.command))
    match spec:
        case BatchInference():
            model = known(spec.model)
            artifact = known(model.artifact)
            may = [
                *iam.read_objects(place, "Artifact", [artifact] if artifact else []),
                *iam.read_objects(place, "Input", [known(spec.input)]),
                *iam.write_objects(place, "Output", [known(spec.output)]),
                *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
            ]
            image = image_uri(known(model.image), place.region, facts)
            told = contract.with_own(contract.of_batch(spec), known(model.environment))
            return Work(image, architecture_of(on, known(model.architecture)), told, command, tuple(may))
        case Training():
            may = [
                *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
                *iam.write_objects(place, "Output", [known(spec.output)]),
                *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
            ]
            image = image_uri(known(spec.image), place.region, facts, "training")
            told = contract.with_own(contract.of_training(spec), known(spec.environment))
        case Processing():
            may = [
                *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
                *iam.write_objects(place, "Outputs", known(spec.outputs).values()),
                *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
            ]
            image = image_uri(known(spec.image), place.region, facts)
            told = contract.with_own(contract.of_processing(spec), known(spec.environment))
            command = tuple(known(spec.arguments)) or command
    longest = seconds(known(spec.max_runtime))
    return Work(image, architecture_of(on, None), told, command, tuple(may), longest)


def _roles(place: Place, workload: str, on: Batch, work: Work, logs: Resource) -> tuple[iam.Role, iam.Role]:
    """Make the role that starts the container, and the container's own."""
    about = f"{place.environment}/{workload}"
    starting = [
        *iam.pull_images(place, [work.image]),
        *write_logs([join(Ref(logs.name, "arn"), ":log-stream:*")]),
        *iam.read_secrets(known(on.secrets).values()),
    ]
    starts = iam.role(place, workload, "execution-role", "ecs-tasks", starting, f"Starts the jobs of {about}")
    may = [*work.may, *iam.use_key(place)]
    return starts, iam.role(place, workload, "job-role", "ecs-tasks", may, f"Container of {about}")


def _container(
    place: Place, on: Batch, work: Work, roles: tuple[iam.Role, iam.Role], logs: Resource
) -> dict[str, Value]:
    starts, own = roles
    options = {"awslogs-group": logs.props["name"], "awslogs-region": place.region, "awslogs-stream-prefix": "job"}
    found: dict[str, Value] = {
        "image": work.image,
        "command": work.command,
        "environment": tuple({"name": key, "value": value} for key, value in sorted(work.variables.items())),
        "secrets": tuple({"name": key, "valueFrom": arn} for key, arn in sorted(known(on.secrets).items())),
        "resourceRequirements": tuple(_resources(on)),
        "executionRoleArn": starts.arn,
        "jobRoleArn": own.arn,
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    if known(on.instance) is not None:
        return found
    found["networkConfiguration"] = {"assignPublicIp": "DISABLED"}
    arm = work.architecture == "arm64"
    found["runtimePlatform"] = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64" if arm else "X86_64"}
    if storage := known(on.storage):
        found["ephemeralStorage"] = {"sizeInGiB": gigabytes_up(storage)}
    return found


def _resources(on: Batch) -> Iterable[Value]:
    """Ask for vCPUs and memory, and on a machine of one's own for all of its GPUs."""
    size, facts = size_of(on), facts_of(on)
    units = size.cpu if size.cpu else (facts.vcpu if facts else 1) * 1024
    yield {"type": "VCPU", "value": f"{units / 1024:g}"}
    yield {"type": "MEMORY", "value": str(size.memory)}
    if facts and facts.gpu_count:
        yield {"type": "GPU", "value": str(facts.gpu_count)}


def _what_runs(container: dict[str, Value], nodes: int) -> dict[str, Value]:
    """Write the container once, or as the same for every machine of a multi-node parallel job."""
    if nodes == 1:
        return {"container_properties": JsonDocument(container)}
    ranges: Value = ({"targetNodes": "0:", "container": container},)
    return {"node_properties": JsonDocument({"numNodes": nodes, "mainNode": 0, "nodeRangeProperties": ranges})}


def _retried() -> tuple[Value, ...]:
    taken_back = tuple({"on_status_reason": reason, "action": "RETRY"} for reason in _TAKEN_BACK)
    return (*taken_back, {"on_reason": "*", "action": "EXIT"})


def _submitted(
    place: Place,
    spec: BatchInference | Training | Processing,
    name: str,
    definition: Resource,
    queue: Resource,
    parts: int,
) -> tuple[Resource, ...]:
    """Have EventBridge Scheduler submit the job, if it has a schedule."""
    array: dict[str, Value] = {"ArrayProperties": {"Size": parts}} if parts > 1 else {}
    job: dict[str, Value] = {
        "JobName": name,
        "JobQueue": Ref(queue.name, "arn"),
        "JobDefinition": Ref(definition.name, "arn"),
        **array,
    }
    target: dict[str, Value] = {
        "arn": f"arn:{place.partition}:scheduler:::aws-sdk:batch:submitJob",
        "input": JsonDocument(job),
    }
    # Every revision of the definition may be submitted: the schedule moves to the newest one.
    revisions = join(Ref(definition.name, "arn_prefix"), ":*")
    may = iam.allow("SubmitJob", ["batch:SubmitJob"], [Ref(queue.name, "arn"), revisions])
    return schedule_of(place, spec.name, "schedule", target, known(spec.schedule), may)


def _failed(queue: Resource) -> dict[str, Value]:
    return {
        "source": ("aws.batch",),
        "detail-type": ("Batch Job State Change",),
        "detail": {"status": ("FAILED",), "jobQueue": (Ref(queue.name, "arn"),)},
    }
