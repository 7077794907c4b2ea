"""ML205: an async endpoint at zero that nothing wakes."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.alarms import Alarms
from mlstage.rules.views.endpoints import endpoints

_WAITING = "HasBacklogWithoutCapacity"


@stack_rule(
    id="ML205",
    name="async-that-never-wakes",
    title="Async endpoint that scales to zero and has nothing to wake it",
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="a step policy that adds one instance, and an alarm on HasBacklogWithoutCapacity that acts on it",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html",),
)
def async_that_never_wakes(graph: Graph, about: About) -> Iterator[Answer]:
    """With no instance there is no backlog per instance: target tracking alone starts the first one late, or never.

    Requests wait in the queue until they expire, and no metric that is watched moves. AWS publishes
    `HasBacklogWithoutCapacity` for exactly this: an alarm on it, at one, must act on a step policy of the endpoint.
    mlstage makes both where an async endpoint may go to zero.
    """
    alarms = Alarms(graph)
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            for target in served.targets:
                least = field(target, "min_capacity")
                yield from when(
                    ~endpoint.is_realtime & least.is_below(1) & ~alarms.act_on(_WAITING, endpoint.resource),
                    least,
                    f"{about.call(endpoint.resource)} scales to {least.shown}, and nothing wakes it",
                )


def _waking() -> tuple[Resource, Resource]:
    steps: dict[str, Value] = {
        "adjustment_type": "ChangeInCapacity",
        "step_adjustments": ({"metric_interval_lower_bound": "0", "scaling_adjustment": 1},),
    }
    policy = Resource(
        "scorer-wake",
        "aws.appautoscaling.Policy",
        {
            "policy_type": "StepScaling",
            "service_namespace": Ref("scorer-scaling", "service_namespace"),
            "scalable_dimension": Ref("scorer-scaling", "scalable_dimension"),
            "resource_id": Ref("scorer-scaling", "resource_id"),
            "step_scaling_policy_configuration": steps,
        },
        workload="scorer",
    )
    alarm: dict[str, Value] = {
        "namespace": "AWS/SageMaker",
        "metric_name": _WAITING,
        "dimensions": {"EndpointName": Ref("scorer-endpoint", "name")},
        "statistic": "Average",
        "period": 60,
        "evaluation_periods": 2,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "alarm_actions": (Ref("scorer-wake", "arn"),),
    }
    return policy, Resource("scorer-wake-alarm", "aws.cloudwatch.MetricAlarm", alarm, workload="scorer")


def _scaled(minimum: int) -> tuple[Resource, ...]:
    backlog: dict[str, Value] = {
        "metric_name": "ApproximateBacklogSizePerInstance",
        "namespace": "AWS/SageMaker",
        "statistic": "Average",
        "dimensions": ({"name": "EndpointName", "value": Ref("scorer-endpoint", "name")},),
    }
    return (
        examples.configuration(async_inference_config={"output_config": {"s3_output_path": "s3://acme/answers/"}}),
        examples.endpoint(),
        *examples.scaling(minimum, customized=backlog),
    )


@async_that_never_wakes.bad("scorer-scaling", "min_capacity")
def target_tracking_alone() -> Graph:
    """An async endpoint that may go to zero, with a target for its backlog only."""
    return examples.in_production_stack(*_scaled(0))


@async_that_never_wakes.good()
def woken_by_an_alarm() -> Graph:
    """An async endpoint that an alarm wakes."""
    return examples.in_production_stack(*_scaled(0), *_waking())


@async_that_never_wakes.good()
def always_one() -> Graph:
    """An async endpoint that keeps one instance."""
    return examples.in_production_stack(*_scaled(1))
