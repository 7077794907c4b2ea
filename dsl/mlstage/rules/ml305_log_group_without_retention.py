"""ML305: logs that are kept, and paid, for ever."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, Change, resource_rule
from mlstage.rules.truth import Answer, Truth, field, when


@dataclass(frozen=True, slots=True)
class LogRetention:
    """How many days the repair keeps logs: one of the numbers that CloudWatch takes."""

    days: int = 90


@resource_rule(
    id="ML305",
    name="log-group-without-retention",
    title="Log group that keeps everything for ever",
    types=("aws.cloudwatch.LogGroup",),
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="retention_in_days=90 on the log group: as long as anybody would look back",
    sources=("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",),
    options=LogRetention,
)
def log_group_without_retention(resource: Resource, about: About) -> Iterator[Answer]:
    """CloudWatch never deletes logs by itself, and an endpoint that logs its requests fills gigabytes a day.

    Requests and answers in logs are personal data more often than not, which may not be kept for ever either. A group
    of the class `DELIVERY` has a retention that AWS sets.
    """
    yield from when(
        _keeps_for_ever(resource),
        field(resource, "retention_in_days"),
        f"{about.call(resource)} keeps its logs for ever",
    )


@log_group_without_retention.remedy
def _keep_for_a_while(resource: Resource, about: About) -> Iterator[Change]:
    if _keeps_for_ever(resource).value:
        yield Change("retention_in_days", about.options(LogRetention).days)


def _keeps_for_ever(resource: Resource) -> Truth:
    days = field(resource, "retention_in_days")
    endless = days.is_absent() | (days.is_given() & days.is_below(1))
    return endless & ~field(resource, "log_group_class").is_one_of("DELIVERY")


def _logs(days: int | None) -> Resource:
    props: dict[str, Value] = {"name": "/aws/sagemaker/Endpoints/scorer"}
    return Resource("logs", "aws.cloudwatch.LogGroup", props if days is None else {**props, "retention_in_days": days})


@log_group_without_retention.bad("logs", "retention_in_days")
def kept_for_ever() -> Graph:
    """A log group that does not say how long."""
    return examples.in_production_stack(_logs(None))


@log_group_without_retention.bad("logs", "retention_in_days")
def kept_for_ever_by_number() -> Graph:
    """A log group with 0, which means for ever."""
    return examples.in_production_stack(_logs(0))


@log_group_without_retention.good()
def kept_for_three_months() -> Graph:
    """A log group that keeps ninety days."""
    return examples.in_production_stack(_logs(90))
