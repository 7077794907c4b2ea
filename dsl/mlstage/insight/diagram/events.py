"""What starts and tells: schedules, event rules, queues and topics."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.graph import Resource, refs
from mlstage.insight.diagram.callers import asked
from mlstage.insight.diagram.model import Edge, Node
from mlstage.insight.diagram.paint import Context, Painters, Piece, number
from mlstage.insight.diagram.words import duration, plural, short_name, when
from mlstage.rules.truth import Field, field
from mlstage.rules.views.links import follow, names_of

SCHEDULE: Final = "aws.scheduler.Schedule"
RULE: Final = "aws.cloudwatch.EventRule"
RULE_TARGET: Final = "aws.cloudwatch.EventTarget"
ALARM: Final = "aws.cloudwatch.MetricAlarm"
QUEUE: Final = "aws.sqs.Queue"
TOPIC: Final = "aws.sns.Topic"
_SUBSCRIPTION: Final = "aws.sns.TopicSubscription"


def schedule(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a schedule by when it fires, and what it starts."""
    target = field(resource, "target")
    expression = field(resource, "schedule_expression")
    said, zone = when(expression.text or expression.shown), field(resource, "schedule_expression_timezone").text
    lines = () if said.startswith("every") else (zone or "UTC",)
    off = ("disabled",) if field(resource, "state").text == "DISABLED" else ()
    yield Node(resource.name, "clock", "Schedule", said, (*lines, *off), workload=resource.workload)
    # What AWS's API is called about stands in the input, by reference or by name.
    started = {ref.resource for key in ("arn", "input") for ref in refs(target[key].value)}
    label = _action(target["arn"])
    for name in sorted(started) or _named_in(target["input"], context):
        yield Edge(resource.name, name, "control", label)


def _action(arn: Field) -> str:
    """Say what is called of AWS's API: `stop` for `…:sagemaker:stopNotebookInstance`, else that something starts."""
    last = (arn.text or "").rpartition(":")[2]
    return next((verb for verb in ("start", "stop") if last.startswith(verb)), "starts").removesuffix("s") + "s"


def _named_in(given: Field, context: Context) -> list[str]:
    """Find what a call to AWS's API is about: the input names it."""
    try:
        said = json.loads(given.text or "null")
    except (ValueError, RecursionError):
        return []
    values = {value for value in said.values() if isinstance(value, str)} if isinstance(said, dict) else set()
    return [one.name for one in context.graph.resources if values & set(names_of(one))]


def rule(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a rule that fires by the clock as a node, and one that waits for something as an edge from there."""
    targets = [
        name
        for one in context.naming(resource, RULE_TARGET, "rule")
        for name in sorted({ref.resource for ref in refs(one.props.get("arn"))})
    ]
    expression = field(resource, "schedule_expression").text
    if expression:
        said = when(expression)
        lines = () if said.startswith("every") else ("UTC",)
        yield Node(resource.name, "clock", "Schedule", said, lines, workload=resource.workload)
        yield from (Edge(resource.name, name, "control", "starts") for name in targets)
        return
    sources = sorted({ref.resource for ref in refs(resource.props.get("event_pattern"))})
    label = field(resource, "description").text or "events"
    for source in sources:
        yield from (Edge(source, name, "control", "events", label) for name in targets)


def queue(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a queue, where its messages go that nobody could handle, and who fills it if nothing of the stack does."""
    redrive = field(resource, "redrive_policy")
    kept = number(field(resource, "message_retention_seconds"))
    dead = any(
        resource.name == ref.resource
        for other in context.graph.of(QUEUE)
        for ref in refs(other.props.get("redrive_policy"))
    )
    lines = (f"kept for {kept / 86400:g} days",) if kept and kept % 86400 == 0 else ()
    lines = (f"kept for {duration(kept)}",) if kept and not lines else lines
    title, label = short_name(resource, context.graph), "SQS queue of dead letters" if dead else "SQS queue"
    yield Node(resource.name, "queue", label, title, lines, workload=resource.workload)
    for ref in refs(redrive.value):
        yield Edge(resource.name, ref.resource, "data", "failed")
    if not dead:
        yield from asked(resource.name, resource.workload, context)


def topic(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a topic, the alarms that are told to it, and how many subscribe."""
    subscribed = context.naming(resource, _SUBSCRIPTION, "topic")
    ways = sorted({field(one, "protocol").text or "?" for one in subscribed})
    lines = (f"{plural('subscription', len(subscribed))} by {', '.join(ways)}",) if subscribed else ()
    title, names = short_name(resource, context.graph), tuple(one.name for one in subscribed)
    yield Node(resource.name, "queue", "SNS topic", title, lines, workload=resource.workload, stands_for=names)


def alarm(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show which workload's alarms are told to which topic: as an edge from what the alarm watches."""
    dimensions = field(resource, "dimensions")
    named = dimensions.value if isinstance(dimensions.value, Mapping) else {}
    watched = [one for key in named for one in follow(context.graph, dimensions[key], *_WATCHED).resources]
    told = [
        found
        for action in field(resource, "alarm_actions").items()
        for found in follow(context.graph, action, TOPIC).resources
    ]
    for one in watched[:1]:
        yield from (Edge(one.name, found.name, "control", "alarms") for found in told)


_WATCHED: Final = (
    "aws.sagemaker.Endpoint",
    "aws.ecs.Service",
    "aws.lambda_.Function",
    "aws.lb.LoadBalancer",
    QUEUE,
)

PAINTERS: Painters = {SCHEDULE: schedule, RULE: rule, QUEUE: queue, TOPIC: topic, ALARM: alarm}
