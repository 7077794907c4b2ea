"""When the schedules of a graph fire, and what they switch on and off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import field
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import follow
from mlstage.rules.views.once import once

SCHEDULE: Final = "aws.scheduler.Schedule"
RULE: Final = "aws.cloudwatch.EventRule"
RULE_TARGET: Final = "aws.cloudwatch.EventTarget"


def switched_by(graph: Graph, action: str, name: str) -> tuple[str, ...]:
    """Give the schedules that call an action of AWS's API (`startNotebookInstance`) about something by its name."""
    return tuple(sorted(_switches(graph).get((action, name), ())))


@once
def _switches(graph: Graph) -> dict[tuple[str, str], list[str]]:
    """Give when what is called of AWS's API, by the action and each text that it is given."""
    found: dict[tuple[str, str], list[str]] = {}
    for schedule in graph.of(SCHEDULE):
        target = field(schedule, "target")
        action, given = (target["arn"].text or "").rpartition(":")[2], document(target["input"]).value
        expression = expression_of(graph, schedule)
        for said in given.values() if isinstance(given, Mapping) and expression else ():
            if isinstance(said, str):
                found.setdefault((action, said), []).append(expression)
    return found


def expression_of(graph: Graph, schedule: Resource) -> str:
    """Give when a schedule, or the rule of an event target, fires; empty where it never does by the clock."""
    if schedule.type == RULE_TARGET:
        rules = follow(graph, field(schedule, "rule"), RULE).resources
        return expression_of(graph, rules[0]) if rules else ""
    return (field(schedule, "schedule_expression").text or "") if _enabled(schedule) else ""


def _enabled(schedule: Resource) -> bool:
    return field(schedule, "state").text != "DISABLED" and field(schedule, "is_enabled").value is not False
