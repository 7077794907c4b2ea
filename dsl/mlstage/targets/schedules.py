"""EventBridge Scheduler: one schedule, and the role that lets it do one thing."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.graph import Resource, Value
from mlstage.targets import iam
from mlstage.targets.place import Place

_SCHEDULE_NAME_LIMIT = 64  # EventBridge Scheduler, CreateSchedule: Name


def scheduler_role(place: Place, workload: str, *statements: iam.Statement) -> iam.Role:
    """Make the role that EventBridge Scheduler takes on for a workload's schedules."""
    what = f"Schedules of {place.environment}/{workload}"
    return iam.role(place, workload, "scheduler-role", "scheduler", statements, what)


def schedule(
    place: Place,
    workload: str,
    part: str,
    target: Mapping[str, Value],
    expression: str,
    role: iam.Role,
    timezone: str = "UTC",
) -> Resource:
    """Make one schedule."""
    return Resource(
        place.name(workload, part),
        "aws.scheduler.Schedule",
        {
            "name": place.physical(workload, part, limit=_SCHEDULE_NAME_LIMIT),
            "schedule_expression": expression,
            "schedule_expression_timezone": timezone,
            "flexible_time_window": {"mode": "OFF"},
            "target": {**target, "role_arn": role.arn},
        },
        (role.policy.name,),
        workload=workload,
    )


def schedule_of(
    place: Place,
    workload: str,
    part: str,
    target: Mapping[str, Value],
    expression: str | None,
    may: iam.Statement,
) -> tuple[Resource, ...]:
    """Make a schedule with its role, or nothing where there is no expression."""
    if expression is None:
        return ()
    role = scheduler_role(place, workload, may)
    return (*role.resources, schedule(place, workload, part, target, expression, role))
