"""What starts other things: state machines and schedules, and the jobs that exist only in their calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Resource
from mlstage.insight.cost import sagemaker_jobs
from mlstage.insight.cost.model import Line
from mlstage.insight.cost.pricing import Context, Pricers, prop, unpriced, usage
from mlstage.insight.cost.schedules import SCHEDULE
from mlstage.insight.cost.starts import Start
from mlstage.rules.views.jobs import JOB_CALLS
from mlstage.rules.views.links import follow
from mlstage.rules.views.states import STATE_MACHINE, is_read

# What asks, waits and stops costs nothing by itself; what tells others something, a fraction of a cent.
_QUIET: Final = ("describe", "get", "list", "stop", "delete", "tag", "put", "head")
_TELLING: Final = ("sns:publish", "sqs:sendmessage", "states:sendtasksuccess", "dynamodb:updateitem")


def state_machine(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the jobs that a state machine starts, and name its transitions and what of its calls has no price."""
    if prop(resource, "type").text == "EXPRESS":
        yield unpriced(resource, "executions", "an express workflow is paid by time and memory; no price is known")
    else:
        transitions = context.book.price("AmazonStates", "transitions", "Standard")
        yield usage(resource, "state transitions", transitions)
    if not is_read(resource):
        yield unpriced(resource, "what it starts", "its definition is not known before it is applied")
    for start in context.starts.of(resource):
        yield from _started(resource, start, context)


def schedule(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the job that a schedule starts by a call; its invocations are free, up to 14 million a month."""
    for start in context.starts.of(resource):
        yield from _started(resource, start, context)


def _started(resource: Resource, start: Start, context: Context) -> Iterator[Line]:
    if start.call in JOB_CALLS:
        yield from sagemaker_jobs.started(resource, start, context)
    elif start.call and not _is_quiet(start.call) and not _is_here(start, context):
        called = f"{start.call} of state {start.name!r}" if start.name else start.call
        yield unpriced(resource, called, "what it starts is not in this graph, or mlstage has no price for it")


def _is_quiet(call: str) -> bool:
    return call in _TELLING or call.partition(":")[2].startswith(_QUIET)


def _is_here(start: Start, context: Context) -> bool:
    """Say whether what is started is a resource of the graph, which is priced by itself."""
    return bool(start.named) and all(follow(context.graph, at, kind).resources for at, kind in start.named)


PRICERS: Pricers = {STATE_MACHINE: state_machine, SCHEDULE: schedule}
