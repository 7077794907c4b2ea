"""A day of an endpoint, minute by minute: traffic, instances that come and go, requests that wait.

A fluid model: requests are amounts, not single events. What it takes from AWS's behaviour:

- Target tracking adds instances when its metric has been above the target for 3 minutes, and takes instances away when
  it has been below nine tenths of it for 15 (repost.aws/questions/QUf450Wsd9RROGGOIwaolN9w, the alarms that AWS makes).
  Either way it aims at `ceil(instances x metric / target)`, within the bounds, and then waits for its cooldown.
- An instance that is asked for costs from that minute on, and serves after `start_minutes`.
- From zero, a waiting request calls for one instance (a step policy on `HasBacklogWithoutCapacity`).
- Scheduled actions move the bounds at their minute.

What it leaves out: failures, retries, deployments, and that traffic of one day is never that of the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, exp, inf
from typing import Final, Literal

from mlstage.catalog.instances import instance
from mlstage.insight.facts import Traffic
from mlstage.insight.queueing import sojourn_quantile

MINUTES: Final = 24 * 60
START_MINUTES: Final = 5
"""Ours: how long a new instance takes to serve; `mlstage simulate --start-minutes` sets another."""
KEPT_WARM_MINUTES: Final = 10
"""How long an idle place of Lambda was seen to live (mikhail.io, 2019-08-06); AWS promises nothing."""

_HIGH_POINTS: Final = 3
_LOW_POINTS: Final = 15
_LOW_SHARE: Final = 0.9
# The first day fills the queues and the metrics' history; the last one is reported.
_DAYS: Final = 3
_WEEK: Final = 7

Change = tuple[int, int | None, int | None]
"""A scheduled action: minute of the day, new minimum, new maximum (None: as before)."""

Metric = Literal["invocations", "concurrency", "utilisation", "backlog"]


@dataclass(frozen=True, slots=True)
class Scaling:
    """What decides how many instances serve. `target` is per instance: requests a minute, in flight, %, or waiting."""

    minimum: int
    maximum: int
    metric: Metric | None = None
    target: float = 0.0
    out_cooldown: float = 300.0
    in_cooldown: float = 300.0
    changes: tuple[Change, ...] = ()
    """Scheduled actions."""
    week: tuple[tuple[Change, ...], ...] = ()
    """Those of each day from Monday on, where the days of a week differ."""


@dataclass(frozen=True, slots=True)
class Service:
    """What one instance does: `slots` requests at once, each for so many seconds; unknown if the author never said."""

    seconds: float | None = None
    slots: int = 1

    @property
    def per_minute(self) -> float:
        """Requests that one instance can serve in a minute."""
        return inf if not self.seconds else 60 * self.slots / self.seconds


def at_once(instance_type: str) -> int:
    """Say how many requests a machine works on at the same time: one on each GPU or NeuronCore, else on each vCPU.

    SageMaker's Python SDK says of its images' servers, of `model_server_workers`: without it, one worker per vCPU.
    """
    machine = instance(instance_type)
    return lanes(machine.vcpu, machine.gpu_count or machine.neuron_cores) if machine else 1


def lanes(vcpus: float | None, devices: float = 0) -> int:
    """Say how many requests a container works on at once that has so many vCPUs and so many GPUs or Neuron devices."""
    return int(devices) or max(1, int(vcpus or 1))


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the day."""

    minute: int
    arrivals: float
    serving: int
    paid: int
    """Instances that serve or are starting."""
    waiting: float
    """Requests left over at the end of the minute."""
    utilisation: float | None
    p95_ms: float | None
    """Time to answer, waiting included; infinite while more comes than can be served."""


@dataclass(frozen=True, slots=True)
class Day:
    """A simulated day."""

    minutes: tuple[Minute, ...]

    @property
    def instance_hours(self) -> float:
        """Instance hours paid for in the day."""
        return sum(minute.paid for minute in self.minutes) / 60

    @property
    def average(self) -> float:
        """Instances paid for, on average."""
        return self.instance_hours / 24

    @property
    def most(self) -> int:
        """The most instances at once."""
        return max(minute.paid for minute in self.minutes)

    @property
    def short(self) -> int:
        """Minutes at whose end requests waited."""
        return sum(minute.waiting > 0.5 for minute in self.minutes)

    @property
    def changes(self) -> int:
        """How often the number of instances changed."""
        pairs = zip(self.minutes, self.minutes[1:], strict=False)
        return sum(one.paid != other.paid for one, other in pairs)


@dataclass(slots=True)
class _State:
    serving: int
    minimum: int
    maximum: int
    waiting: float = 0.0
    starting: list[tuple[int, int]] = field(default_factory=list)
    """When instances will serve, and how many."""
    history: list[float] = field(default_factory=list)
    out_until: float = -inf
    in_until: float = -inf

    @property
    def paid(self) -> int:
        return self.serving + sum(count for _, count in self.starting)


def simulate(traffic: Traffic, scaling: Scaling, service: Service, start_minutes: int = START_MINUTES) -> Day:
    """Play a day through, after two days that bring the endpoint into its rhythm."""
    state = _State(scaling.minimum, scaling.minimum, scaling.maximum)
    for now in range((_DAYS - 1) * MINUTES):
        _step(now, state, traffic, scaling, service, start_minutes)
    start = (_DAYS - 1) * MINUTES
    return Day(
        tuple(_step(now, state, traffic, scaling, service, start_minutes) for now in range(start, start + MINUTES))
    )


def average(traffic: Traffic, scaling: Scaling, service: Service) -> float:
    """Give the instances paid for on average: of a day, or of a week where its days differ."""
    if not scaling.week:
        return simulate(traffic, scaling, service).average
    state = _State(scaling.minimum, scaling.minimum, scaling.maximum)
    paid = 0
    for number in range(2 * _WEEK):
        today = replace(scaling, changes=scaling.week[number % _WEEK])
        for now in range(number * MINUTES, (number + 1) * MINUTES):
            minute = _step(now, state, traffic, today, service, START_MINUTES)
            paid += minute.paid if number >= _WEEK else 0
    return paid / (_WEEK * MINUTES)


def _step(now: int, state: _State, traffic: Traffic, scaling: Scaling, service: Service, start: int) -> Minute:
    minute = now % MINUTES
    _move_bounds(minute, now, state, scaling, start)
    for ready, count in [one for one in state.starting if one[0] <= now]:
        state.starting.remove((ready, count))
        state.serving += count
    arrivals = traffic.per_minute(minute)
    capacity = state.serving * service.per_minute if state.serving else 0.0
    state.waiting = max(0.0, state.waiting + arrivals - capacity)
    if state.waiting < 1e-9:
        state.waiting = 0.0
    _scale(now, state, arrivals, scaling, service, start)
    utilisation = min(1.0, arrivals / capacity) if capacity not in (0.0, inf) else None
    return Minute(
        minute, arrivals, state.serving, state.paid, state.waiting, utilisation, _p95(arrivals, state, service)
    )


def _move_bounds(minute: int, now: int, state: _State, scaling: Scaling, start: int) -> None:
    for at, minimum, maximum in scaling.changes:
        if at == minute:
            state.minimum = state.minimum if minimum is None else minimum
            state.maximum = state.maximum if maximum is None else maximum
    if state.paid < state.minimum:
        state.starting.append((now + start, state.minimum - state.paid))
    if state.paid > state.maximum:
        _take_away(state, state.paid - state.maximum)


def _scale(now: int, state: _State, arrivals: float, scaling: Scaling, service: Service, start: int) -> None:
    if scaling.metric is None:
        return
    if state.paid == 0:
        state.history.clear()
        if state.waiting >= 1 and state.maximum > 0:
            state.starting.append((now + start, 1))
        return
    metric = _metric(arrivals, state, scaling.metric, service)
    state.history = [*state.history[1 - _LOW_POINTS :], metric]
    wanted = ceil(state.paid * metric / scaling.target - 1e-9)
    if _above(state.history, scaling.target) and now >= state.out_until:
        more = min(wanted, state.maximum) - state.paid
        if more > 0:
            state.starting.append((now + start, more))
            state.out_until = now + scaling.out_cooldown / 60
    elif _below(state.history, scaling.target) and now >= max(state.in_until, state.out_until):
        fewer = state.paid - max(wanted, state.minimum)
        if fewer > 0:
            _take_away(state, fewer)
            state.in_until = now + scaling.in_cooldown / 60


def _above(history: list[float], target: float) -> bool:
    return len(history) >= _HIGH_POINTS and min(history[-_HIGH_POINTS:]) > target


def _below(history: list[float], target: float) -> bool:
    return len(history) >= _LOW_POINTS and max(history) < target * _LOW_SHARE


def _metric(arrivals: float, state: _State, metric: Metric, service: Service) -> float:
    """Give the metric per instance as CloudWatch has it: instances that are still starting count, they are paid."""
    machines = max(state.paid, 1)
    busy = arrivals / 60 * (service.seconds or 0.0)
    match metric:
        case "invocations":
            return arrivals / machines
        case "concurrency":
            return (busy + state.waiting) / machines
        case "utilisation":
            return 100 * min(1.0, (busy + state.waiting) / (machines * service.slots))
        case "backlog":
            # Less than half a request is most of the time none at all.
            held = state.waiting + busy
            return held / machines if held >= 0.5 else 0.0


def _take_away(state: _State, count: int) -> None:
    while count and state.starting:
        ready, starting = state.starting.pop()
        if starting > count:
            state.starting.append((ready, starting - count))
        count -= min(count, starting)
    state.serving -= min(count, state.serving)


def _p95(arrivals: float, state: _State, service: Service) -> float | None:
    if service.seconds is None:
        return None
    if not state.serving or state.waiting > 0:
        return inf
    load = arrivals / 60 * service.seconds / state.serving
    return 1000 * sojourn_quantile(service.slots, load, service.seconds)


def cold_starts(traffic: Traffic, seconds: float, warm: int = 0) -> float:
    """Give the share of requests that find no warm place, of a service that makes places as it needs them.

    A place lives for `KEPT_WARM_MINUTES` after its last request. Two causes: more places are needed than in the minutes
    before (places needed: the mean number in flight and two standard deviations, as of a Poisson process), and nobody
    asked for so long that every place is gone.
    """
    needed = [_places(traffic.per_minute(minute), seconds) for minute in range(MINUTES)]
    cold = 0.0
    for minute in range(MINUTES):
        rate = traffic.per_minute(minute)
        living = max(needed[minute - back] for back in range(1, KEPT_WARM_MINUTES + 1))
        grown = max(0.0, needed[minute] - max(living, warm))
        gone = rate * exp(-rate * KEPT_WARM_MINUTES) if warm == 0 else 0.0
        cold += min(rate, max(grown, gone))
    return cold / sum(traffic.per_minute(minute) for minute in range(MINUTES))


def _places(per_minute: float, seconds: float) -> float:
    busy = per_minute / 60 * seconds
    return busy + 2 * float(busy**0.5)
