"""Jobs: a task that a state machine starts, watches, ends in time, and starts again when AWS took its machine away.

ECS itself neither ends a task that runs too long nor starts one again that a Spot interruption ended; Step Functions
does both, and keeps a history. The state machine is started by EventBridge Scheduler, or by hand
(`aws stepfunctions start-execution`).
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value, join
from mlstage.spec.purchase import Purchase, Spot
from mlstage.targets import iam
from mlstage.targets.ecs.capacity import Capacity
from mlstage.targets.ecs.cluster import ON_DEMAND, SPOT
from mlstage.targets.ecs.tasks import Task
from mlstage.targets.logs import log_group
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.schedules import schedule_of
from mlstage.targets.topics import Topic

_NAME_LIMIT: Final = 80  # Step Functions, CreateStateMachine: name
# Ours: a machine that AWS took back is seldom there again at once.
_PAUSE_S: Final = 60
_LONGEST_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Job:
    """A task as a job: how it is placed, how long it may take, and how often it is started again.

    Of `shards` tasks, of which 40 run at once, each finds its number in MLSTAGE_SHARD.
    """

    task: Task
    container: str
    purchase: Purchase
    capacity: Capacity
    retries: int
    schedule: str | None
    shards: int = 1
    longest: int = _LONGEST_S
    failure: Topic | None = None
    internet: bool = False


def lower(place: Place, workload: str, kept: str, job: Job) -> tuple[Resource, ...]:
    """Make the state machine of a job, its role and log, and its schedule."""
    name = place.physical(kept, limit=_NAME_LIMIT)
    logs = log_group(place, workload, f"/aws/vendedlogs/states/{name}", "runs")
    role = iam.role(
        place, workload, "runs-role", "states", _may(place, job), f"Runs the jobs of {place.environment}/{workload}"
    )
    machine = Resource(
        place.name(workload, "job"),
        "aws.sfn.StateMachine",
        {
            "name": name,
            "role_arn": role.arn,
            "definition": JsonDocument(_definition(place, job)),
            "logging_configuration": {
                "level": "ERROR",
                "include_execution_data": True,
                "log_destination": join(Ref(logs.name, "arn"), ":*"),
            },
        },
        # Its first run may be at once: the cluster has to know its capacity by then.
        (role.policy.name, job.capacity.cluster.capacity),
        workload=workload,
    )
    started = schedule_of(
        place,
        workload,
        "schedule",
        {"arn": Ref(machine.name, "arn")},
        job.schedule,
        iam.allow("StartJob", ["states:StartExecution"], [Ref(machine.name, "arn")]),
    )
    topics = job.failure.resources if job.failure else ()
    return (*topics, logs, *role.resources, machine, *started)


def _may(place: Place, job: Job) -> Iterator[iam.Statement]:
    family = join(Ref(job.task.definition.name, "arn_without_revision"), ":*")
    in_cluster: dict[str, Value] = {"ArnEquals": {"ecs:cluster": job.capacity.cluster.arn}}
    tasks = place.arn("ecs", f"task/{job.capacity.cluster.name}/*")
    yield iam.allow("RunTask", ["ecs:RunTask"], [family], in_cluster)
    yield iam.allow("WatchTask", ["ecs:DescribeTasks", "ecs:StopTask"], [tasks], in_cluster)
    yield iam.allow("TagTask", ["ecs:TagResource"], [tasks], {"StringEquals": {"ecs:CreateAction": "RunTask"}})
    passed: dict[str, Value] = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    roles = [job.task.task_role.arn, job.task.execution_role.arn]
    yield iam.allow("PassTaskRoles", ["iam:PassRole"], roles, passed)
    # Step Functions hears of a task's end through a rule of this name, which it makes itself.
    rule = place.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")
    yield iam.allow("HearOfItsEnd", ["events:DescribeRule", "events:PutRule", "events:PutTargets"], [rule])
    verbs = ["CreateLogDelivery", "DeleteLogDelivery", "GetLogDelivery", "ListLogDeliveries", "UpdateLogDelivery"]
    verbs += ["DescribeLogGroups", "DescribeResourcePolicies", "PutResourcePolicy"]
    yield iam.allow("DeliverLogs", [f"logs:{verb}" for verb in verbs], ["*"])
    if job.failure:
        yield iam.allow("TellFailure", ["sns:Publish"], [job.failure.arn])
        yield from iam.use_key(place)


def _definition(place: Place, job: Job) -> Value:
    states = _states(place, job)
    if job.shards == 1:
        return {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": states}
    at_once: dict[str, Value] = {
        "Type": "Map",
        "Items": tuple(str(number) for number in range(job.shards)),
        "ItemSelector": {"shard": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Begin", "States": states},
        "End": True,
    }
    return {"QueryLanguage": "JSONata", "StartAt": "EveryShard", "States": {"EveryShard": at_once}}


def _states(place: Place, job: Job) -> dict[str, Value]:
    """Run the task; when AWS ended it, not the container itself, wait and run it again; then say that it failed."""
    begin: dict[str, Value] = {"runs": 1}
    if job.shards > 1:
        begin["shard"] = "{% $states.input.shard %}"
    spot = isinstance(job.purchase, Spot) and not job.capacity.strategies
    states: dict[str, Value] = {
        "Begin": {"Type": "Pass", "Assign": begin, "Next": "Run"},
        "Run": _run(place, job, SPOT if spot else ON_DEMAND),
        "Again": {
            "Comment": "A container that ended by itself has failed for good; what AWS ended is tried again.",
            "Type": "Choice",
            "Choices": (
                {"Condition": "{% $own %}", "Next": "Failed"},
                {
                    "Condition": f"{{% $runs <= {job.retries} %}}",
                    "Assign": {"runs": "{% $runs + 1 %}"},
                    "Next": "Pause",
                },
            ),
            "Default": "RunOnDemand" if spot else "Failed",
        },
        "Pause": {"Type": "Wait", "Seconds": _PAUSE_S, "Next": "Run"},
    }
    if spot:
        states["RunOnDemand"] = _last_run(place, job)
    told: dict[str, Value] = {"Type": "Fail", "Error": "JobFailed", "Cause": "{% $why %}"}
    if not job.failure:
        return {**states, "Failed": told}
    states["Failed"] = {
        "Type": "Task",
        "Resource": f"arn:{place.partition}:states:::sns:publish",
        "Arguments": {
            "TopicArn": job.failure.arn,
            "Subject": f"{place.environment}/{job.container} failed in {place.stack}"[:100],
            "Message": "{% $why %}",
        },
        "Next": "Ended",
    }
    return {**states, "Ended": told}


def _run(place: Place, job: Job, provider: str) -> dict[str, Value]:
    ended: dict[str, Value] = {
        "ErrorEquals": ("States.TaskFailed",),
        "Assign": {
            "own": '{% $contains($states.errorOutput.Cause, "EssentialContainerExited") %}',
            "why": "{% $states.errorOutput.Cause %}",
        },
        "Next": "Again",
    }
    return {
        "Type": "Task",
        "Resource": f"arn:{place.partition}:states:::ecs:runTask.sync",
        "TimeoutSeconds": job.longest,
        "Arguments": _arguments(place, job, provider),
        "Catch": (ended, _FAILS),
        "End": True,
    }


# Whatever else went wrong: a time that is up, a right that is missing.
_FAILS: Final[dict[str, Value]] = {
    "ErrorEquals": ("States.ALL",),
    "Assign": {"why": "{% $states.errorOutput.Error & ': ' & $string($states.errorOutput.Cause) %}"},
    "Next": "Failed",
}


def _last_run(place: Place, job: Job) -> dict[str, Value]:
    """Run it once more on demand, when Spot capacity was taken back too often; a failure of its own stays one."""
    return {**_run(place, job, ON_DEMAND), "Catch": (_FAILS,)}


def _arguments(place: Place, job: Job, provider: str) -> dict[str, Value]:
    own = job.capacity.provider
    strategy: dict[str, Value] = {"CapacityProvider": Ref(own.name, "name") if own else provider, "Weight": 1}
    arguments: dict[str, Value] = {
        "Cluster": job.capacity.cluster.arn,
        "TaskDefinition": job.task.arn,
        "CapacityProviderStrategy": (strategy,),
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": subnets(place),
                "SecurityGroups": security_groups(place, internet=job.internet),
                "AssignPublicIp": "DISABLED",
            },
        },
        "EnableECSManagedTags": True,
        "PropagateTags": "TASK_DEFINITION",
    }
    if job.shards == 1:
        return arguments
    shard: tuple[Value, ...] = (
        {"Name": "MLSTAGE_SHARD", "Value": "{% $shard %}"},
        {"Name": "MLSTAGE_SHARDS", "Value": str(job.shards)},
    )
    return {**arguments, "Overrides": {"ContainerOverrides": ({"Name": job.container, "Environment": shard},)}}
