"""Who is told, or what is taken back, when a resource fails: the alarms about it, whatever their metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Graph, Join, Ref, Resource
from mlstage.rules.truth import YES, Field, Truth, any_of, field, truth
from mlstage.rules.views.alarms import ALARM
from mlstage.rules.views.links import Mentions

# What takes a deployment back when an alarm rings, and where it names its alarms.
_TAKING_BACK: Final = (("aws.sagemaker.Endpoint", "deployment_config"), ("aws.ecs.Service", "alarms"))


class Watchers:
    """The alarms of a graph, by what they watch."""

    def __init__(self, graph: Graph) -> None:
        self._types = {one.name: one.type for one in graph.resources}
        alarms = graph.of(ALARM)
        self._watching = Mentions((one, place) for one in alarms for place in _dimensions(one))
        self._rollbacks = Mentions((one, field(one, name)) for kind, name in _TAKING_BACK for one in graph.of(kind))

    def of(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the alarms about a resource."""
        return self._watching.of(resource)

    def watches(self, resource: Resource) -> Truth:
        """Say whether an alarm that is heard watches a resource; what is not known may be that alarm."""
        heard = any_of(self.is_heard(alarm) for alarm in self.of(resource))
        return heard | self.unknown()

    def watches_what(self, at: Field) -> Truth:
        """Say whether an alarm that is heard watches what a field names, be it in this stack or not."""
        return any_of(self.is_heard(alarm) for alarm in self._watching.of_named(at.value))

    def unknown(self) -> Truth:
        """Say that there are alarms of which nobody knows what they watch, if there are."""
        return any_of(place.gap() for place in self._watching.open)

    def is_heard(self, alarm: Resource) -> Truth:
        """Say whether an alarm tells somebody, or has a deployment taken back."""
        if self._rollbacks.of(alarm):
            return YES
        tells = any_of(self._tells(action) for action in field(alarm, "alarm_actions").items())
        return ~field(alarm, "actions_enabled").is_false() & tells

    def _tells(self, action: Field) -> Truth:
        """Say whether an action reaches somebody; what adds or takes machines goes unheard."""
        value = action.value
        named = [part for part in (value.parts if isinstance(value, Join) else (value,)) if isinstance(part, Ref)]
        scales = any("autoscaling" in self._types.get(one.resource, "") for one in named)
        return action.is_given() & ~truth(scales or ":autoscaling:" in (action.text or ""))


def metrics(alarm: Resource) -> Iterator[Field]:
    """Yield what says which metric is watched: the alarm itself, or the metrics of its queries."""
    own = Field(alarm, "", alarm.props)
    if own["metric_name"].value is not None:
        yield own
    for query in field(alarm, "metric_queries").items():
        metric = query["metric"]
        if metric.value is not None:
            yield metric


def _dimensions(alarm: Resource) -> Iterator[Field]:
    for metric in metrics(alarm):
        yield metric["dimensions"]


def is_about_low(alarm: Resource, *names: str) -> Truth:
    """Say whether an alarm rings when one of these metrics is low."""
    below = field(alarm, "comparison_operator").satisfies(lambda text: text.startswith("LessThan"))
    about = any_of(metric["metric_name"].is_one_of(*names) for metric in metrics(alarm))
    return below & about
