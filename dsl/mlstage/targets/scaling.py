"""Application Auto Scaling of what is not SageMaker's: a scalable target, and the policies that move it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Join, Ref, Resource, Value
from mlstage.spec.base import Node
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale
from mlstage.spec.text import seconds
from mlstage.targets.base import Blame
from mlstage.targets.place import Place


@dataclass(frozen=True, slots=True)
class Scaled:
    """What is scaled, in Application Auto Scaling's words."""

    namespace: str
    dimension: str
    resource_id: str | Ref | Join


def only(
    blame: Blame, path: str, asked: Autoscale, metrics: tuple[type[Node], ...], example: str
) -> Iterator[Diagnostic]:
    """Check that an Autoscale follows one of these metrics, and nothing but a target."""
    metric = known(asked.target)
    names = " or ".join(f"{one.__name__}(…)" for one in metrics)
    if metric is not None and not isinstance(metric, metrics):
        what = f"{type(metric).__name__} is not measured there; what can be followed is {names}"
        yield blame("AWS215", f"{path}.target", what, f"target={example}")
    elif metric is None:
        what = f"an Autoscale without a target would never follow the load there; it can follow {names}"
        yield blame("AWS215", path, what, f"target={example}")
    if known(asked.steps):
        what = "step scaling is for SageMaker's endpoints only"
        yield blame("AWS215", f"{path}.steps", what, f"leave `steps` out: target={example} alone")


def target(place: Place, workload: str, asked: Autoscale, of: Scaled) -> Resource:
    """Register what is scaled, with its bounds."""
    return Resource(
        place.name(workload, "scaling-target"),
        "aws.appautoscaling.Target",
        {
            "service_namespace": of.namespace,
            "scalable_dimension": of.dimension,
            "resource_id": of.resource_id,
            "min_capacity": known(asked.min),
            "max_capacity": known(asked.max),
        },
        workload=workload,
    )


def tracking(
    place: Place, workload: str, asked: Autoscale, of: Scaled, followed: Mapping[str, Value]
) -> tuple[Resource, ...]:
    """Make a scalable target that follows one metric, and moves its bounds by the clock if asked to."""
    registered = target(place, workload, asked, of)
    policy = policy_of(
        place,
        workload,
        "tracking",
        registered,
        {
            "policy_type": "TargetTrackingScaling",
            "target_tracking_scaling_policy_configuration": {
                **followed,
                "scale_in_cooldown": seconds(known(asked.scale_in_cooldown)),
                "scale_out_cooldown": seconds(known(asked.scale_out_cooldown)),
            },
        },
    )
    return (registered, policy, *_by_the_clock(place, workload, asked, registered))


def policy_of(place: Place, workload: str, part: str, registered: Resource, props: Mapping[str, Value]) -> Resource:
    """Make one policy of a scalable target."""
    return Resource(
        place.name(workload, "scaling-policy" if part == "tracking" else f"scaling-{part}"),
        "aws.appautoscaling.Policy",
        {
            "name": place.physical(workload, part, limit=255),
            "service_namespace": Ref(registered.name, "service_namespace"),
            "scalable_dimension": Ref(registered.name, "scalable_dimension"),
            "resource_id": Ref(registered.name, "resource_id"),
            **props,
        },
        workload=workload,
    )


def _by_the_clock(place: Place, workload: str, asked: Autoscale, registered: Resource) -> Iterator[Resource]:
    actions = known(asked.schedule)
    for number, action in enumerate(actions, 1):
        props: dict[str, Value] = {
            "name": place.physical(workload, f"scheduled-{number}", limit=255),
            "service_namespace": Ref(registered.name, "service_namespace"),
            "scalable_dimension": Ref(registered.name, "scalable_dimension"),
            "resource_id": Ref(registered.name, "resource_id"),
            "schedule": action.at,
            "timezone": action.timezone,
            "scalable_target_action": {"min_capacity": action.min, "max_capacity": action.max},
        }
        name = place.name(workload, f"scheduled-{number}")
        yield Resource(name, "aws.appautoscaling.ScheduledAction", props, workload=workload)
