"""How many instances serve, and what decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mlstage.spec.base import Many, Node, Problem
from mlstage.spec.per_stage import PerStage, Staged, known
from mlstage.spec.says import Says
from mlstage.spec.text import Duration, ScheduleExpression
from mlstage.spec.working_hours import Timezone

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


class PodMetric(_Metric):
    """A metric of the containers' own, by the name that a Kubernetes cluster's custom metrics API knows it by.

    The value is the average over the pods. The cluster needs an adapter for that API, such as Prometheus Adapter.
    """

    name: Annotated[str, Field(min_length=1), Says("the name of a metric", '"requests_in_flight"')]

    if TYPE_CHECKING:

        def __init__(self, value: float, *, name: str) -> None: ...


Metric = (
    InvocationsPerInstance
    | CpuUtilization
    | GpuUtilization
    | MemoryUtilization
    | ConcurrentRequests
    | BacklogPerInstance
    | ProvisionedConcurrencyUtilization
    | PodMetric
)


class Step(Node):
    """From so far above its threshold on (or below it, if negative), add so many instances (or take them away)."""

    above: Annotated[float, Field(allow_inf_nan=False), Says("a number", "0")]
    add: Annotated[int, Says("a whole number, negative to take away", "1")]


class Steps(Node):
    """Step scaling: when a metric passes its value, capacity changes by steps, the bigger the farther it is beyond.

    `Steps(CpuUtilization(60), [Step(above=0, add=1), Step(above=20, add=3)])` adds one instance above 60 % and three
    above 80 %. What it added, another rule must take away: give the Autoscale a `target` as well.
    """

    metric: Staged[Metric]
    steps: Many[Step]
    minutes: Staged[Annotated[int, Field(ge=1), Says("a whole number from 1", "2")]] = 2

    if TYPE_CHECKING:

        def __init__(self, metric: Metric, *, steps: Sequence[Step], minutes: int | PerStage[int] = 2) -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "metric"

    def problems(self) -> Iterator[Problem]:
        if not self.steps:
            yield Problem("SPEC104", "steps", "there are no steps", "steps=[Step(above=0, add=1)]")
        starts = [step.above for step in self.steps]
        if len(set(starts)) < len(starts):
            yield Problem("SPEC104", "steps", "two steps begin at the same distance", "one step for each distance")
        if any(step.above < 0 for step in self.steps) and any(step.above >= 0 for step in self.steps):
            what = "some steps begin below the metric's value and some above"
            yield Problem("SPEC104", "steps", what, "one Steps(…) for each direction")


class ScheduledAction(Node):
    """From a time on, other bounds: `ScheduledAction("cron(0 20 ? * MON-FRI *)", min=1, max=2)` for the nights.

    The bounds hold until another action changes them, so actions come in pairs.
    """

    at: ScheduleExpression
    min: Count
    max: Count
    timezone: Timezone = "UTC"

    if TYPE_CHECKING:

        def __init__(self, at: str, *, min: int, max: int, timezone: str = "UTC") -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "at"

    def problems(self) -> Iterator[Problem]:
        if self.min > self.max:
            what = f"ScheduledAction has max={self.max}, below min={self.min}"
            yield Problem("SPEC104", "max", what, f"max={self.min} or more, or a smaller min", others=("min",))


class Autoscale(Node):
    """Between `min` and `max` instances, following one metric.

    `steps` react to a metric by steps, beside or in place of the `target`, and `schedule` moves the bounds by the
    clock: nights, weekends. `initial` is how many there are after each update, which resets them; without it, `min`.
    `scale_in_cooldown` and `scale_out_cooldown` are the pauses after each change. Growing waits less than AWS's own
    default of 300 s, because an endpoint that is short of capacity loses requests.
    """

    min: Staged[Count]
    max: Staged[Annotated[Count, Says("a whole number from 0", "4")]]
    target: Staged[Metric | None] = None
    steps: Staged[Many[Steps]] = ()
    schedule: Staged[Many[ScheduledAction]] = ()
    initial: Staged[Count | None] = None
    scale_in_cooldown: Staged[Duration] = "5m"
    scale_out_cooldown: Staged[Duration] = "1m"

    def problems(self) -> Iterator[Problem]:
        low, high = known(self.min), known(self.max)
        if low > high:
            what = f"Autoscale has max={high}, below min={low}"
            yield Problem("SPEC104", "max", what, f"max={low} or more, or a smaller min", others=("min",))
        if high < 1:
            yield Problem("SPEC104", "max", f"Autoscale has max={high}: it could never serve", "max=1 or more")
        initial = known(self.initial)
        if initial is not None and not low <= initial <= high:
            what = f"Autoscale has initial={initial}, which is not between min={low} and max={high}"
            yield Problem("SPEC104", "initial", what, f"initial={low}, or leave it out", others=("min", "max"))
        if known(self.target) is None and not known(self.steps) and not known(self.schedule):
            what = "nothing says when to grow or shrink: Autoscale has no target, no steps and no schedule"
            yield Problem("SPEC104", "target", what, "target=InvocationsPerInstance(600)")
