"""Which schedules of a graph start what, and how often a month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.insight.calendar import ScheduleError, runs_per_month
from mlstage.rules.truth import field
from mlstage.rules.views.links import names_in, names_of

SCHEDULE: Final = "aws.scheduler.Schedule"
RULE: Final = "aws.cloudwatch.EventRule"
RULE_TARGET: Final = "aws.cloudwatch.EventTarget"


def monthly_runs(graph: Graph, started: Resource) -> tuple[float | None, str]:
    """Say how often a month schedules start a resource, and in what words; None where none does."""
    expressions = [expression for expression, target in _all(graph) if _names(target, started)]
    if not expressions:
        return None, ""
    try:
        runs = sum(runs_per_month(expression) for expression in expressions)
    except ScheduleError as error:
        return None, str(error)
    return runs, f"{runs:.4g} {'run' if runs == 1 else 'runs'} a month ({', '.join(expressions)})"


def switched_by(graph: Graph, action: str, name: str) -> tuple[str, ...]:
    """Give the schedules that call an action of AWS's API (`startNotebookInstance`) about something by its name."""
    found = []
    for schedule in graph.of(SCHEDULE):
        target = field(schedule, "target")
        arn, given = target["arn"].text, target["input"].text
        if _enabled(schedule) and arn and arn.endswith(f":{action}") and _mentions(given, name):
            found.append(field(schedule, "schedule_expression").text or "")
    return tuple(sorted(expression for expression in found if expression))


def runs_of_schedule(schedule: Resource) -> float | None:
    """Say how often a month one schedule fires; None where that cannot be read."""
    expression = field(schedule, "schedule_expression").text
    try:
        return runs_per_month(expression) if expression and _enabled(schedule) else None
    except ScheduleError:
        return None


def _all(graph: Graph) -> Iterator[tuple[str, Value]]:
    """Yield each enabled schedule's expression and what it starts."""
    for schedule in graph.of(SCHEDULE):
        expression = field(schedule, "schedule_expression").text
        if expression and _enabled(schedule):
            yield expression, field(schedule, "target")["arn"].value
            # A universal target names what it starts in its input.
            yield expression, _pipeline_in(field(schedule, "target")["input"].text)
    for rule_target in graph.of(RULE_TARGET):
        rule = next((one for one in graph.of(RULE) if _names(rule_target.props.get("rule"), one)), None)
        expression = field(rule, "schedule_expression").text if rule else None
        if rule and expression and _enabled(rule):
            yield expression, rule_target.props.get("arn")


def _enabled(schedule: Resource) -> bool:
    return field(schedule, "state").text != "DISABLED" and field(schedule, "is_enabled").value is not False


def _names(value: Value, resource: Resource) -> bool:
    if isinstance(value, Ref):
        return value.resource == resource.name
    if isinstance(value, str):
        return not names_in(value).isdisjoint(names_of(resource))
    return False


def _pipeline_in(text: str | None) -> Value:
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    name = found.get("PipelineName") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def _mentions(text: str | None, name: str) -> bool:
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return False
    return isinstance(found, dict) and name in found.values()
