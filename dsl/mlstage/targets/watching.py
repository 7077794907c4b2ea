"""What an environment's `watch` and its budget make beside the workloads' own alarms: a dashboard and a budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.targets.alarms import Metric
from mlstage.targets.place import BUDGET_TAG, Place
from mlstage.targets.topics import Topic, topic_for

_DASHBOARD_NAME: Final = 255  # CloudWatch, PutDashboard
_BUDGET_NAME: Final = 100  # AWS Budgets, CreateBudget
_WIDE, _HIGH = 8, 6
_IN_A_ROW: Final = 3
# Ours: when money is told of; the second of them before it is spent.
_SPENT: Final = (("ACTUAL", 80.0), ("FORECASTED", 100.0), ("ACTUAL", 100.0))


def watching(place: Place, resources: Iterable[Resource], budget: float | None) -> tuple[Resource, ...]:
    """Make the topic that alarms go to, the dashboard, and the budget."""
    topic = topic_for(place, place.watch.alert) if place.watch else None
    made: list[Resource] = [*topic.resources] if topic else []
    if place.watch is not None and place.watch.dashboard:
        made += _dashboard(place, tuple(resources))
    if budget is not None:
        made.append(_budget(place, budget, topic))
    return tuple(made)


def _dashboard(place: Place, resources: tuple[Resource, ...]) -> Iterator[Resource]:
    widgets = [widget for resource in resources for widget in _widgets(place, resource)]
    alarms = tuple(Ref(one.name, "arn") for one in resources if one.type == "aws.cloudwatch.MetricAlarm")
    if alarms:
        listed: dict[str, Value] = {"title": "Alarms", "alarms": alarms}
        widgets.insert(0, {"type": "alarm", "properties": listed})
    if not widgets:
        return
    placed = tuple(
        {**widget, "x": _WIDE * (at % _IN_A_ROW), "y": _HIGH * (at // _IN_A_ROW), "width": _WIDE, "height": _HIGH}
        for at, widget in enumerate(widgets)
    )
    yield Resource(
        place.shared("dashboard"),
        "aws.cloudwatch.Dashboard",
        {
            "dashboard_name": place.physical(limit=_DASHBOARD_NAME),
            "dashboard_body": JsonDocument({"widgets": placed}),
        },
    )


def _widgets(place: Place, resource: Resource) -> Iterator[dict[str, Value]]:
    """Show what each alarm looks at: one graph for each metric, with the alarm's limit in it."""
    if resource.type != "aws.cloudwatch.MetricAlarm":
        return
    props = resource.props
    dimensions, limit = props.get("dimensions"), props.get("threshold")
    if not isinstance(dimensions, Mapping):
        return
    statistic = str(props.get("extended_statistic") or props.get("statistic"))
    metric = Metric(str(props["namespace"]), str(props["metric_name"]), statistic, dimensions)
    widget = metric.widget(place.region, f"{resource.workload}: {metric.name}", period=_period(props.get("period")))
    line: Value = {"horizontal": ({"label": "alarm", "value": limit},)}
    properties = widget["properties"]
    assert isinstance(properties, Mapping), "made by Metric.widget"
    yield {**widget, "properties": {**properties, "annotations": line}}


def _period(value: Value) -> int:
    return value if isinstance(value, int) else 60


def _budget(place: Place, amount: float, topic: Topic | None) -> Resource:
    """Make a budget of what carries the budget's own tag: a filter cannot ask for environment and stack at once.

    AWS knows costs by tag once `mlstage:budget` is activated as a cost allocation tag, in the billing console.
    """
    props: dict[str, Value] = {
        "name": place.physical(limit=_BUDGET_NAME),
        "budget_type": "COST",
        "limit_amount": f"{amount:g}",
        "limit_unit": "USD",
        "time_unit": "MONTHLY",
        "cost_filters": ({"name": "TagKeyValue", "values": (f"user:{BUDGET_TAG}${place.billed_to}",)},),
    }
    if topic is not None:
        props["notifications"] = tuple(_notification(kind, share, topic) for kind, share in _SPENT)
    return Resource(place.shared("budget"), "aws.budgets.Budget", props)


def _notification(kind: str, share: float, topic: Topic) -> dict[str, Value]:
    return {
        "comparison_operator": "GREATER_THAN",
        "notification_type": kind,
        "threshold": share,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": (topic.arn,),
    }
