"""CloudWatch alarms: one metric, one limit, and whom to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlstage.graph import Options, Resource, Value
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

_ALARM_NAME = 255  # CloudWatch, PutMetricAlarm: AlarmName


@dataclass(frozen=True, slots=True)
class Metric:
    """What CloudWatch is asked for: `statistic` is Average, Sum, … or a percentile such as `p95`."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, Value]

    def widget(self, region: str, title: str, *, period: int = 60) -> dict[str, Value]:
        """Show it on a dashboard."""
        pairs = tuple(part for pair in self.dimensions.items() for part in pair)
        properties: dict[str, Value] = {
            "title": title,
            "region": region,
            "view": "timeSeries",
            "stat": self.statistic,
            "period": period,
            "metrics": ((self.namespace, self.name, *pairs),),
        }
        return {"type": "metric", "properties": properties}


@dataclass(frozen=True, slots=True)
class Limit:
    """When an alarm rings: above (or below) a value in each of so many periods of so many seconds."""

    value: float
    above: bool = True
    period: int = 60
    periods: int = 5
    reached: bool = False
    """Whether reaching the value is enough."""
    needed: int | None = None
    """In how many of the periods it has to be so; in all of them by default."""

    @property
    def operator(self) -> str:
        """CloudWatch's word for it."""
        side = "Greater" if self.above else "Less"
        return f"{side}ThanOrEqualToThreshold" if self.reached else f"{side}ThanThreshold"


def alarm(
    place: Place,
    workload: str,
    part: str,
    description: str,
    metric: Metric,
    limit: Limit,
    *,
    actions: tuple[Value, ...] | None = None,
    missing: str = "notBreaching",
    comment: str = "",
) -> Resource:
    """Make an alarm. It tells whom the environment's `watch` names, unless other `actions` are given."""
    percentile = metric.statistic.startswith("p")
    if actions is None:
        actions = (topic_for(place, place.watch.alert).arn,) if place.watch else ()
    props: dict[str, Value] = {
        "name": place.physical(workload, part, limit=_ALARM_NAME),
        "alarm_description": description,
        "namespace": metric.namespace,
        "metric_name": metric.name,
        **({"dimensions": dict(metric.dimensions)} if metric.dimensions else {}),
        "extended_statistic" if percentile else "statistic": metric.statistic,
        "period": limit.period,
        "evaluation_periods": limit.periods,
        **({"datapoints_to_alarm": limit.needed} if limit.needed else {}),
        "comparison_operator": limit.operator,
        "threshold": limit.value,
        "treat_missing_data": missing,
    }
    if actions:
        props["alarm_actions"] = actions
    return Resource(
        place.name(workload, f"{part}-alarm"),
        "aws.cloudwatch.MetricAlarm",
        props,
        options=Options(comment=comment),
        workload=workload,
    )
