"""What watches a service: failing answers, which take a new version back, and slow ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mlstage.graph import Ref, Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.text import milliseconds
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.ecs.balancers import Balancer
from mlstage.targets.place import Place

_BALANCER: Final = "AWS/ApplicationELB"
# Ours: so many failed answers in each of three minutes are no accident.
_FAILURES: Final = Limit(10, periods=3)


@dataclass(frozen=True, slots=True)
class Watched:
    """Alarms of a service; those of `rollback` stop a deployment and take it back."""

    rollback: tuple[Resource, ...]
    others: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of them."""
        return (*self.rollback, *self.others)


def of_service(place: Place, spec: RealtimeEndpoint, front: Balancer, *, second: bool = False) -> Watched:
    """Watch failing answers in production, and latency where the author names a target.

    A service with a `second` fleet is watched whichever group serves, and always: its updates go back by nothing else.
    """
    of: dict[str, Value] = {"LoadBalancer": Ref(front.balancer.name, "arn_suffix")}
    if not second:
        of["TargetGroup"] = Ref(front.group.name, "arn_suffix")
    failing = alarm(
        place,
        spec.name,
        "failing",
        f"{spec.name} answers with errors of its own (5xx)",
        Metric(_BALANCER, "HTTPCode_Target_5XX_Count", "Sum", of),
        _FAILURES,
        comment="Rings during a deployment: ECS then goes back to the version before.",
    )
    slow = known(spec.p95_latency)
    others = () if slow is None else (_latency(place, spec, slow, of),)
    return Watched((failing,) if place.production or second else (), others)


def _latency(place: Place, spec: RealtimeEndpoint, target: str, of: dict[str, Value]) -> Resource:
    return alarm(
        place,
        spec.name,
        "p95-latency",
        f"95 % of the requests to {spec.name} take the container longer than {target}",
        Metric(_BALANCER, "TargetResponseTime", "p95", of),
        Limit(milliseconds(target) / 1000),
        comment="TargetResponseTime is in seconds.",
    )
