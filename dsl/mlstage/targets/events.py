"""EventBridge rules: whom to tell when something ends badly."""

from __future__ import annotations

from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

_RULE_NAME_LIMIT: Final = 64  # EventBridge, PutRule: Name


def failures_told(place: Place, workload: str, pattern: dict[str, Value], contact: str) -> tuple[Resource, ...]:
    """Tell a contact of every event that matches a pattern: the failed runs of a workload, retries included."""
    topic = topic_for(place, contact)
    rule = Resource(
        place.name(workload, "failed"),
        "aws.cloudwatch.EventRule",
        {
            "name": place.physical(workload, "failed", limit=_RULE_NAME_LIMIT),
            "description": f"A run of {place.environment}/{workload} failed",
            "event_pattern": JsonDocument(pattern),
        },
        workload=workload,
    )
    target = Resource(
        place.name(workload, "failed-told"),
        "aws.cloudwatch.EventTarget",
        {"rule": Ref(rule.name, "name"), "arn": topic.arn},
        workload=workload,
    )
    return (*topic.resources, rule, target)
