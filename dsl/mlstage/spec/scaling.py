"""How many instances serve, and what decides it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mlstage.spec.base import Node, Problem
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.says import Says
from mlstage.spec.text import Duration

Count = Annotated[int, Field(ge=0), Says("a whole number from 0", "1")]


class _Metric(Node):
    """A target-tracking metric: auto-scaling adds or removes instances to hold it near its value.

    Each kind tells type checkers that the value needs no name; when it runs, `Node` sees to that.
    """

    value: Annotated[float, Field(gt=0, allow_inf_nan=False), Says("a number", "600")]

    @classmethod
    def positional(cls) -> str:
        return "value"


def _percentage(metric: _Metric, example: str) -> Iterator[Problem]:
    if metric.value > 100:
        what = f"{type(metric).__name__}({metric.value:g}) can never be reached: it is a percentage of the whole"
        yield Problem("SPEC104", "value", what, f"{example}, for example")


class InvocationsPerInstance(_Metric):
    """Invocations per minute and instance (`SageMakerVariantInvocationsPerInstance`)."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...


class CpuUtilization(_Metric):
    """CPU utilisation in per cent of one instance's vCPUs, averaged over the instances."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...

    def problems(self) -> Iterator[Problem]:
        yield from _percentage(self, "CpuUtilization(70)")


class GpuUtilization(_Metric):
    """GPU utilisation in per cent of one instance's GPUs together, averaged over the instances."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...

    def problems(self) -> Iterator[Problem]:
        yield from _percentage(self, "GpuUtilization(70)")


class MemoryUtilization(_Metric):
    """Memory in use, in per cent of the instance's, averaged over the instances."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...

    def problems(self) -> Iterator[Problem]:
        yield from _percentage(self, "MemoryUtilization(70)")


class BacklogPerInstance(_Metric):
    """Requests that wait, per instance (`ApproximateBacklogSizePerInstance`): the metric of asynchronous endpoints."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...


class ProvisionedConcurrencyUtilization(_Metric):
    """How much of a serverless endpoint's or function's provisioned concurrency is in use, in per cent."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...

    def problems(self) -> Iterator[Problem]:
        yield from _percentage(self, "ProvisionedConcurrencyUtilization(70)")


class ConcurrentRequests(_Metric):
    """Requests in flight per instance (`SageMakerVariantConcurrentRequestsPerModelHighResolution`, every 10 s)."""

    if TYPE_CHECKING:

        def __init__(self, value: float) -> None: ...


Metric = (
    InvocationsPerInstance
    | CpuUtilization
    | GpuUtilization
    | MemoryUtilization
    | ConcurrentRequests
    | BacklogPerInstance
    | ProvisionedConcurrencyUtilization
)


class Autoscale(Node):
    """Between `min` and `max` instances, following one metric.

    `scale_in_cooldown` and `scale_out_cooldown` are the pauses after each change. Growing waits less than AWS's own
    default of 300 s, because an endpoint that is short of capacity loses requests.
    """

    min: Staged[Count]
    max: Staged[Annotated[Count, Says("a whole number from 0", "4")]]
    target: Staged[Metric]
    scale_in_cooldown: Staged[Duration] = "5m"
    scale_out_cooldown: Staged[Duration] = "1m"

    def problems(self) -> Iterator[Problem]:
        low, high = known(self.min), known(self.max)
        if low > high:
            what = f"Autoscale has max={high}, below min={low}"
            yield Problem("SPEC104", "max", what, f"max={low} or more, or a smaller min", others=("min",))
        if high < 1:
            yield Problem("SPEC104", "max", f"Autoscale has max={high}: it could never serve", "max=1 or more")
