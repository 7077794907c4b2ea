"""Functions that are called by the clock, or by hand, with nobody waiting for the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Ref, Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.workloads import BatchInference, Processing
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.lambda_.function import Function
from mlstage.targets.place import Place
from mlstage.targets.schedules import schedule, scheduler_role
from mlstage.targets.topics import Topic

# Ours: an invocation that could not start for so long is of no use any more.
_OLDEST_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Calls:
    """How a function is called without anybody waiting."""

    function: Function
    expression: str | None
    shards: int
    retries: int
    failure: Topic | None = None


def check(workload: Resolved[BatchInference] | Resolved[Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Say what a function that is called by hand only costs the author: nothing, but nobody calls it."""
    if known(workload.workload.schedule) is None and blame.place.production:
        what = "nothing calls the function: it has no schedule"
        output = f"{blame.place.environment}/{workload.workload.name}/start"
        instead = f'schedule="cron(0 3 * * ? *)", or call it by hand: the output {output} of the stack is how'
        yield blame("AWS217", "schedule", what, instead, severity=Severity.NOTE)


def lower(place: Place, workload: str, calls: Calls) -> tuple[Resource, ...]:
    """Say what happens to failed calls, and schedule one call for each shard."""
    alias = calls.function.alias
    invoked: dict[str, Value] = {
        "function_name": calls.function.name,
        "qualifier": Ref(alias.name, "name"),
        "maximum_retry_attempts": calls.retries,
        "maximum_event_age_in_seconds": _OLDEST_S,
    }
    if calls.failure:
        invoked["destination_config"] = {"on_failure": {"destination": calls.failure.arn}}
    name = place.name(workload, "failed-calls")
    on_failure = Resource(name, "aws.lambda_.FunctionEventInvokeConfig", invoked, workload=workload)
    return (on_failure, *_schedules(place, workload, calls))


def tell_failures(failure: Topic | None) -> Iterator[iam.Statement]:
    """Allow a function to send what failed for good to whom it concerns."""
    if failure:
        yield iam.allow("TellFailure", ["sns:Publish"], [failure.arn])


def _schedules(place: Place, workload: str, calls: Calls) -> tuple[Resource, ...]:
    if calls.expression is None:
        return ()
    role = scheduler_role(place, workload, iam.allow("Call", ["lambda:InvokeFunction"], [calls.function.arn]))
    made: list[Resource] = [*role.resources]
    for shard in range(calls.shards):
        part = "schedule" if calls.shards == 1 else f"schedule-{shard + 1}"
        event = {"shard": shard, "shards": calls.shards}
        target: dict[str, Value] = {"arn": calls.function.arn, "input": json.dumps(event)}
        made.append(schedule(place, workload, part, target, calls.expression, role))
    return tuple(made)
