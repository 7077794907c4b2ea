"""CloudWatch alarms, by the metric that they watch and the resource that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.graph import Graph, Join, Ref, Resource, Unknown
from mlstage.rules.truth import NO, Field, Truth, field
from mlstage.rules.views.links import names_of

ALARM: Final = "aws.cloudwatch.MetricAlarm"


class Alarms:
    """The alarms of a graph that act on something, found in one pass."""

    def __init__(self, graph: Graph) -> None:
        # By metric and by what a dimension names: a resource of the graph (True), or a literal name (False).
        self._about: dict[tuple[str, bool, str], list[Truth]] = {}
        self._open: list[Truth] = []
        for alarm in graph.of(ALARM):
            acts = field(alarm, "alarm_actions").is_given()
            for metric, dimensions in _watched(alarm):
                self._add(metric, dimensions, acts)

    def act_on(self, metric: str, resource: Resource) -> Truth:
        """Say whether an alarm on a metric of a resource does something when it rings."""
        found = [*self._about.get((metric, True, resource.name), ())]
        for name in names_of(resource):
            found += self._about.get((metric, False, name), ())
        answer = NO
        for acts in found or self._open:
            answer = answer | acts
        return answer

    def _add(self, metric: Field, dimensions: Field, acts: Truth) -> None:
        if metric.text is None:
            self._open += [metric.gap()] if isinstance(metric.value, Unknown | Ref | Join) else []
            return
        if isinstance(dimensions.value, Unknown):
            self._open.append(dimensions.gap())
        for value in dimensions.value.values() if isinstance(dimensions.value, Mapping) else ():
            if isinstance(value, str):
                self._about.setdefault((metric.text, False, value), []).append(acts)
            for ref in value.parts if isinstance(value, Join) else (value,):
                if isinstance(ref, Ref):
                    self._about.setdefault((metric.text, True, ref.resource), []).append(acts)
            if isinstance(value, Unknown):
                self._open.append(dimensions.gap())


def _watched(alarm: Resource) -> Iterator[tuple[Field, Field]]:
    """Yield metric and dimensions: of the alarm itself, or of each of the metrics that it computes with."""
    yield field(alarm, "metric_name"), field(alarm, "dimensions")
    for query in field(alarm, "metric_queries").items():
        yield query["metric"]["metric_name"], query["metric"]["dimensions"]
