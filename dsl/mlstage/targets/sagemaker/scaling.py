"""Auto-scaling of endpoints: by a target, by steps, by the clock, and up from nothing.

AWS refuses to remove a variant, or to change its instance type, while it is registered for scaling: what is registered
here locks the endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale, Step, Steps
from mlstage.spec.text import seconds
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.base import Blame
from mlstage.targets.place import Place
from mlstage.targets.sagemaker.metrics import REQUESTS, Kind, check_metric, in_aws_units, metric_of, predefined

INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED: Final = "sagemaker:variant:DesiredProvisionedConcurrency"
_POLICY_NAME: Final = 255  # Application Auto Scaling, PutScalingPolicy: PolicyName


def check(blame: Blame, path: str, asked: Autoscale, kind: Kind, facts: Instance | None) -> Iterator[Diagnostic]:
    """Yield what cannot scale such an endpoint."""
    target = known(asked.target)
    if target is not None:
        yield from check_metric(blame, f"{path}.target", target, kind, facts)
    steps_asked, by_clock = known(asked.steps), known(asked.schedule)
    for index, steps in enumerate(steps_asked):
        yield from check_metric(blame, f"{path}.steps.{index}.metric", known(steps.metric), kind, facts)
    lowest = min([known(asked.min), *(action.min for action in by_clock)])
    if lowest == 0 and kind == "asynchronous" and target is None:
        what = "nothing would take the endpoint back to 0: the Autoscale has no target"
        yield blame("AWS139", path, what, "target=BacklogPerInstance(5)")
    if lowest < 1 and kind == "real-time":
        own = known(asked.min) < 1
        what = "a real-time endpoint cannot scale to 0: `min` is 0"
        why = (
            "AWS has that for inference components, which neither pulumi_aws 7.51 nor Terraform's provider can make."
            " SageMakerServerless costs nothing while idle, and an AsyncEndpoint scales to 0."
        )
        where, instead = f"{path}.{'min' if own else 'schedule'}", "min=1, or an endpoint that can wait for an instance"
        yield blame("AWS114", where, what, instead, why)


@dataclass(frozen=True, slots=True)
class Scaled:
    """What is scaled: one variant of one endpoint, `part` setting apart those of several."""

    place: Place
    workload: str
    endpoint: Resource
    variant: str
    asked: Autoscale
    dimension: str
    facts: Instance | None = None
    part: str = ""

    @property
    def endpoint_name(self) -> Ref:
        """The endpoint's name, once it exists."""
        return Ref(self.endpoint.name, "name")

    def named(self, *parts: str) -> str:
        """Name, logically, something of its scaling."""
        return self.place.name(self.workload, self.part, *parts)

    def physical(self, *parts: str) -> str:
        """Name a policy or action in AWS."""
        return self.place.physical(self.workload, self.part, *parts, limit=_POLICY_NAME)


def scaling(scaled: Scaled) -> tuple[Resource, ...]:
    """Register a variant for scaling, with all that moves it."""
    target = _target(scaled)
    made = [target]
    if known(scaled.asked.target) is not None:
        made.append(_tracking(scaled, target))
    steps_asked = known(scaled.asked.steps)
    for number, steps in enumerate(steps_asked, 1):
        made += _steps(scaled, target, steps, "steps" if number == 1 else f"steps-{number}")
    return (*made, *_by_the_clock(scaled, target))


def waking(scaled: Scaled) -> tuple[Resource, ...]:
    """Wake an asynchronous endpoint at 0: target tracking has no metric there, since nothing is per instance."""
    target = scaled.named("scaling-target")
    step: Value = {"metric_interval_lower_bound": "0", "scaling_adjustment": 1}
    policy = _policy(
        scaled,
        target,
        "wake",
        {
            "policy_type": "StepScaling",
            "step_scaling_policy_configuration": {
                "adjustment_type": "ChangeInCapacity",
                "metric_aggregation_type": "Maximum",
                "cooldown": 300,
                "step_adjustments": (step,),
            },
        },
    )
    waits = Metric(REQUESTS, "HasBacklogWithoutCapacity", "Average", {"EndpointName": scaled.endpoint_name})
    rings = alarm(
        scaled.place,
        scaled.workload,
        "-".join(part for part in (scaled.part, "wake") if part),
        f"Requests wait for {scaled.workload}, which has no instance: one is started",
        waits,
        Limit(1, periods=2, reached=True),
        actions=(Ref(policy.name, "arn"),),
        missing="missing",
    )
    return policy, rings


def _target(scaled: Scaled) -> Resource:
    return Resource(
        scaled.named("scaling-target"),
        "aws.appautoscaling.Target",
        {
            "service_namespace": "sagemaker",
            "scalable_dimension": scaled.dimension,
            "resource_id": join("endpoint/", scaled.endpoint_name, f"/variant/{scaled.variant}"),
            "min_capacity": known(scaled.asked.min),
            "max_capacity": known(scaled.asked.max),
        },
        options=Options(locks=scaled.endpoint.name),
        workload=scaled.workload,
    )


def _policy(scaled: Scaled, target: str, part: str, props: dict[str, Value]) -> Resource:
    return Resource(
        scaled.named("scaling-policy" if part == "tracking" else f"scaling-{part}"),
        "aws.appautoscaling.Policy",
        {
            "name": scaled.physical(part),
            "service_namespace": Ref(target, "service_namespace"),
            "scalable_dimension": Ref(target, "scalable_dimension"),
            "resource_id": Ref(target, "resource_id"),
            **props,
        },
        workload=scaled.workload,
    )


def _tracking(scaled: Scaled, target: Resource) -> Resource:
    asked = known(scaled.asked.target)
    assert asked is not None, "asked for by the caller"
    metric = metric_of(asked, scaled.endpoint_name, scaled.variant)
    followed: dict[str, Value] = {"target_value": in_aws_units(asked, scaled.facts)}
    if own := predefined(asked):
        followed["predefined_metric_specification"] = {"predefined_metric_type": own}
    else:
        followed["customized_metric_specification"] = {
            "metric_name": metric.name,
            "namespace": metric.namespace,
            "statistic": metric.statistic,
            "dimensions": tuple({"name": name, "value": value} for name, value in metric.dimensions.items()),
        }
    tracking: dict[str, Value] = {
        **followed,
        "scale_in_cooldown": seconds(known(scaled.asked.scale_in_cooldown)),
        "scale_out_cooldown": seconds(known(scaled.asked.scale_out_cooldown)),
    }
    props: dict[str, Value] = {
        "policy_type": "TargetTrackingScaling",
        "target_tracking_scaling_policy_configuration": tracking,
    }
    return _policy(scaled, target.name, "tracking", props)


def _steps(scaled: Scaled, target: Resource, steps: Steps, part: str) -> tuple[Resource, ...]:
    asked = known(steps.metric)
    rising = all(step.above >= 0 for step in steps.steps)
    factor = in_aws_units(asked, scaled.facts) / asked.value
    cooldown = scaled.asked.scale_out_cooldown if rising else scaled.asked.scale_in_cooldown
    policy = _policy(
        scaled,
        target.name,
        part,
        {
            "policy_type": "StepScaling",
            "step_scaling_policy_configuration": {
                "adjustment_type": "ChangeInCapacity",
                "metric_aggregation_type": "Average",
                "cooldown": seconds(known(cooldown)),
                "step_adjustments": tuple(_adjustments(steps.steps, factor, rising)),
            },
        },
    )
    rings = alarm(
        scaled.place,
        scaled.workload,
        "-".join(name for name in (scaled.part, part) if name),
        f"Steps of {scaled.workload}: {type(asked).__name__} {'above' if rising else 'below'} {asked.value:g}",
        metric_of(asked, scaled.endpoint_name, scaled.variant),
        Limit(asked.value * factor, above=rising, periods=known(steps.minutes), reached=True),
        actions=(Ref(policy.name, "arn"),),
        missing="missing",
    )
    return policy, rings


def _adjustments(steps: Sequence[Step], factor: float, rising: bool) -> Iterator[Value]:
    """Write steps as intervals from the alarm's limit: each ends where the next one begins."""
    ordered = sorted(steps, key=lambda step: abs(step.above))
    near, far = (
        ("metric_interval_lower_bound", "metric_interval_upper_bound")
        if rising
        else ("metric_interval_upper_bound", "metric_interval_lower_bound")
    )
    for step, following in zip(ordered, [*ordered[1:], None], strict=True):
        adjustment: dict[str, Value] = {near: f"{step.above * factor:g}", "scaling_adjustment": step.add}
        if following is not None:
            adjustment[far] = f"{following.above * factor:g}"
        yield adjustment


def _by_the_clock(scaled: Scaled, target: Resource) -> Iterator[Resource]:
    by_clock = known(scaled.asked.schedule)
    for number, action in enumerate(by_clock, 1):
        props: dict[str, Value] = {
            "name": scaled.physical(f"scheduled-{number}"),
            "service_namespace": Ref(target.name, "service_namespace"),
            "scalable_dimension": Ref(target.name, "scalable_dimension"),
            "resource_id": Ref(target.name, "resource_id"),
            "schedule": action.at,
            "timezone": action.timezone,
            "scalable_target_action": {"min_capacity": action.min, "max_capacity": action.max},
        }
        name = scaled.named(f"scheduled-{number}")
        yield Resource(name, "aws.appautoscaling.ScheduledAction", props, workload=scaled.workload)
