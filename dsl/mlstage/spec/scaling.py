"""How many instances serve, and what decides it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Node, Problem
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.text import Duration

Count = Annotated[int, Field(ge=0)]


class _Metric(Node):
    """A target-tracking metric: auto-scaling adds or removes instances to hold it near its value."""

    value: Annotated[float, Field(gt=0)]

    @classmethod
    def positional(cls) -> str:
        return "value"


class InvocationsPerInstance(_Metric):
    """Invocations per minute and instance (`SageMakerVariantInvocationsPerInstance`)."""

    def __init__(self, value: float, /) -> None:
        super().__init__(value=value)


class CpuUtilization(_Metric):
    """CPU utilisation in per cent of one instance's vCPUs, averaged over the instances."""

    def __init__(self, value: float, /) -> None:
        super().__init__(value=value)

    def problems(self) -> Iterator[Problem]:
        if self.value > 100:
            what = f"CpuUtilization({self.value:g}) can never be reached: it is a percentage of the whole instance"
            yield Problem("SPEC104", "value", what, "CpuUtilization(70), for example")


class ConcurrentRequests(_Metric):
    """Requests in flight per instance (`SageMakerVariantConcurrentRequestsPerModelHighResolution`, every 10 s)."""

    def __init__(self, value: float, /) -> None:
        super().__init__(value=value)


class Autoscale(Node):
    """Between `min` and `max` instances, following one metric.

    `scale_in_cooldown` and `scale_out_cooldown` are the pauses after each change. Growing waits less than AWS's own
    default of 300 s, because an endpoint that is short of capacity loses requests.
    """

    min: Staged[Count]
    max: Staged[Count]
    target: Staged[InvocationsPerInstance | CpuUtilization | ConcurrentRequests]
    scale_in_cooldown: Staged[Duration] = "5m"
    scale_out_cooldown: Staged[Duration] = "1m"

    def problems(self) -> Iterator[Problem]:
        low, high = known(self.min), known(self.max)
        if low > high:
            yield Problem(
                "SPEC104", "max", f"Autoscale has max={high}, below min={low}", f"max={low} or more, or a smaller min"
            )
        if high < 1:
            yield Problem("SPEC104", "max", f"Autoscale has max={high}: it could never serve", "max=1 or more")
