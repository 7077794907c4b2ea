"""Between how many and how many: what auto-scaling of a graph does to its endpoints, services and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Join, Ref, Resource, Unknown, Value
from mlstage.insight.calendar import ScheduleError, average_between, minutes_ahead, read_cron
from mlstage.insight.cost.model import Amount, in_words
from mlstage.insight.facts import Traffic
from mlstage.insight.simulation import MINUTES, Change, Metric, Scaling, Service, average
from mlstage.rules.truth import Field, field
from mlstage.rules.views.links import Pointers

TARGET: Final = "aws.appautoscaling.Target"
POLICY: Final = "aws.appautoscaling.Policy"
ACTION: Final = "aws.appautoscaling.ScheduledAction"

_BACKLOG: Final = "ApproximateBacklogSizePerInstance"
METRICS: Final[Mapping[str, Metric]] = {
    "SageMakerVariantInvocationsPerInstance": "invocations",
    "ALBRequestCountPerTarget": "invocations",
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": "concurrency",
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": "concurrency",
    "ConcurrentRequestsPerModel": "concurrency",
    "ECSServiceAverageCPUUtilization": "utilisation",
    "CPUUtilization": "utilisation",
    "CPUUtilizationNormalized": "utilisation",
    "GPUUtilization": "utilisation",
    "GPUUtilizationNormalized": "utilisation",
    "LambdaProvisionedConcurrencyUtilization": "utilisation",
    "SageMakerVariantProvisionedConcurrencyUtilization": "utilisation",
    _BACKLOG: "backlog",
}

_BOUNDS: Final = ("min_capacity", "max_capacity")

# The day that is simulated: a Wednesday of the 28 years, so that schedules of working days hold.
_WEDNESDAY: Final = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many there are at the least and at the most, on average over time, and what moves them in between."""

    low: float
    high: float
    scaling: Scaling | None = None
    note: str = ""

    def amount(self, traffic: Traffic | None, service: Service) -> tuple[Amount, str, bool]:
        """Give how many there are, in what words, and whether that rests on an assumption."""
        amount, words, assumed = self._amount(traffic, service)
        return amount, in_words(self.note, words), assumed

    def _amount(self, traffic: Traffic | None, service: Service) -> tuple[Amount, str, bool]:
        if self.low == self.high and self.scaling is None:
            return Amount.exactly(self.low), "", False
        if traffic is None:
            words = "expected at its minimum: no `expects=Traffic(…)` says otherwise"
            return Amount(self.low, self.low, self.high), words, True
        if self.scaling is None or self.scaling.metric is None:
            words = "expected at its minimum: nothing that can be simulated moves it"
            return Amount(self.low, self.low, self.high), words, True
        if self.scaling.metric in ("concurrency", "utilisation", "backlog") and service.seconds is None:
            words = f"expected at its minimum: its {self.scaling.metric} needs `duration_ms` in `expects=Traffic(…)`"
            return Amount(self.low, self.low, self.high), words, True
        expected = min(max(average(traffic, self.scaling, service), self.low), self.high)
        played = "week" if self.scaling.week else "day"
        return Amount(self.low, expected, self.high), f"{expected:.2f} on average over a simulated {played}", False


class ScalingIndex:
    """Which scalable targets, policies and scheduled actions of a graph are about which resource."""

    def __init__(self, graph: Graph) -> None:
        self._targets = Pointers(graph.of(TARGET), "resource_id", named=_names)
        self._policies = Pointers(graph.of(POLICY), "resource_id", through=self._targets, named=_names)
        self._actions = Pointers(graph.of(ACTION), "resource_id", through=self._targets, named=_names)
        self._graph = graph

    def bounds(self, resource: Resource, count: float, *, variant: str = "", dimension: str = "") -> Bounds:
        """Give the bounds of a resource that has `count` of something if nothing scales it."""
        targets = [one for one in self._targets.to(resource) if _about(one, variant, dimension, self._graph)]
        if not targets:
            return Bounds(count, count)
        target = targets[0]
        low, high = _number(target, "min_capacity", count), _number(target, "max_capacity", count)
        policies = sorted(self._of(self._policies, resource, variant, dimension), key=_is_by_steps)
        actions = list(self._of(self._actions, resource, variant, dimension))
        scaling = _scaling(int(low), int(high), policies[0] if policies else None, actions)
        try:
            lows, highs = _averages(actions, low, high)
        except ScheduleError:
            lows, highs = low, high
        notes = ["bounds on average, as scheduled actions move them"] if actions else []
        notes += [f"its {key} is not known" for key in _BOUNDS if isinstance(field(target, key).value, Unknown)]
        return Bounds(lows, highs, scaling, "; ".join(notes))

    def all_of(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the scalable targets, policies and scheduled actions that are about a resource."""
        return tuple(one for found in (self._targets, self._policies, self._actions) for one in found.to(resource))

    def _of(self, found: Pointers, resource: Resource, variant: str, dimension: str) -> Iterator[Resource]:
        for one in found.to(resource):
            if _about(one, variant, dimension, self._graph):
                yield one


def _names(text: str) -> tuple[str, ...]:
    """Give what a scalable target's id names: `endpoint/NAME/variant/…`, `service/CLUSTER/NAME`, `function:NAME:…`."""
    for pattern in (r"endpoint/([^/]+)/", r"service/[^/]+/([^/]+)", r"function:([^:]+)"):
        if match := re.match(pattern, text):
            return (match.group(1),)
    return ()


def _about(one: Resource, variant: str, dimension: str, graph: Graph) -> bool:
    """Rule out what scales another variant, or something else of the same resource."""
    seen = _resolved(one.props.get("scalable_dimension"), "scalable_dimension", graph)
    if dimension and isinstance(seen, str) and seen != dimension:
        return False
    value = _resolved(one.props.get("resource_id"), "resource_id", graph)
    text = value if isinstance(value, str) else value.parts[-1] if isinstance(value, Join) and value.parts else None
    found = re.search(r"/variant/(.+)$", text) if isinstance(text, str) else None
    return found is None or not variant or found.group(1) == variant


def _is_by_steps(policy: Resource) -> bool:
    return field(policy, "target_tracking_scaling_policy_configuration").value is None


def _resolved(value: Value, key: str, graph: Graph) -> Value:
    """Follow a policy's reference to its target for a value that both share."""
    if isinstance(value, Ref) and value.resource in graph.by_name and value.attribute == key:
        return graph.by_name[value.resource].props.get(key)
    return value


def _number(resource: Resource, key: str, otherwise: float) -> float:
    found = field(resource, key).number
    return otherwise if found is None else float(found)


def _scaling(low: int, high: int, policy: Resource | None, actions: list[Resource]) -> Scaling:
    days = tuple(_changes_on(day, actions) for day in range(7))
    changes, week = days[_WEDNESDAY], days if len(set(days)) > 1 else ()
    if policy is None:
        return Scaling(low, high, changes=changes, week=week)
    tracking = field(policy, "target_tracking_scaling_policy_configuration")
    metric = METRICS.get(_metric_name(tracking))
    target = tracking["target_value"].number
    if metric is None or not target:
        return Scaling(low, high, changes=changes, week=week)
    out, in_ = tracking["scale_out_cooldown"].number, tracking["scale_in_cooldown"].number
    return Scaling(
        low,
        high,
        metric,
        float(target),
        300.0 if out is None else float(out),
        300.0 if in_ is None else float(in_),
        changes,
        week,
    )


def _metric_name(tracking: Field) -> str:
    predefined = tracking["predefined_metric_specification"]["predefined_metric_type"].text
    own = tracking["customized_metric_specification"]
    if predefined or (named := own["metric_name"].text) is None:
        return predefined or _computed(own)
    return named


def _computed(own: Field) -> str:
    """Name what a metric that is computed of others stands for: messages of a queue, for each task that works."""
    inner = {one["metric_stat"]["metric"]["metric_name"].text for one in own["metrics"].items()}
    return _BACKLOG if {"ApproximateNumberOfMessagesVisible", "RunningTaskCount"} <= inner else ""


def _bounds_of(action: Resource) -> tuple[int | None, int | None]:
    new = field(action, "scalable_target_action")
    low, high = new["min_capacity"].number, new["max_capacity"].number
    return None if low is None else int(low), None if high is None else int(high)


def _changes_on(day: int, actions: list[Resource]) -> tuple[Change, ...]:
    return tuple(sorted((change for action in actions for change in _changes(action, day)), key=lambda one: one[0]))


def _changes(action: Resource, day: int) -> Iterator[Change]:
    """Yield the minutes of a day of the week (Monday is 0), in UTC, at which a scheduled action moves the bounds."""
    expression = field(action, "schedule").text or ""
    try:
        cron = read_cron(expression)
    except ScheduleError:
        return
    if cron.days[day]:
        ahead = minutes_ahead(field(action, "timezone").text or "UTC")
        for minute in cron.minutes:
            yield ((minute - ahead) % MINUTES, *_bounds_of(action))


def _averages(actions: list[Resource], low: float, high: float) -> tuple[float, float]:
    lows = [(field(one, "schedule").text or "", _bounds_of(one)[0]) for one in actions]
    highs = [(field(one, "schedule").text or "", _bounds_of(one)[1]) for one in actions]
    return (
        average_between(tuple((when, float(value)) for when, value in lows if value is not None), low),
        average_between(tuple((when, float(value)) for when, value in highs if value is not None), high),
    )
