"""How an endpoint goes from one configuration to the next, and what takes it back.

In production traffic moves gradually, watched by alarms on errors and latency: when one rings, AWS puts the old fleet
back. The rollback looks like a success to whoever asked for the update, so the endpoint's configuration is confirmed
afterwards (`Options.confirm`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Ref, Resource, Value
from mlstage.spec.endpoints import AsyncEndpoint, RealtimeEndpoint
from mlstage.spec.per_stage import known
from mlstage.spec.text import milliseconds, seconds
from mlstage.spec.updates import AllAtOnce, Canary, Linear, Rolling, Update
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.base import Blame
from mlstage.targets.place import Place
from mlstage.targets.sagemaker.fleets import Fleet
from mlstage.targets.sagemaker.metrics import REQUESTS
from mlstage.targets.sagemaker.models import waiting_time

Endpoint = RealtimeEndpoint | AsyncEndpoint

# Ours: what machines need to come up, beside what the model's size says.
_START: Final = 1800
_EXCLUSIONS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html"


def check(blame: Blame, spec: Endpoint, fleets: Sequence[Fleet]) -> Iterator[Diagnostic]:
    """Yield what AWS refuses of an update, or does not do although it was asked to."""
    asked = known(spec.update)
    if not _guarded(fleets):
        if asked is not None or blame.place.production:
            what = f"{_first_of_inf1(fleets)} has no gradual updates and no rollback: AWS updates it all at once"
            instead = 'an "ml.inf2" type, or watch each update of this endpoint yourself'
            field = "update" if asked is not None else "on.instance"
            yield blame("AWS141", field, what, instead, f"See {_EXCLUSIONS}.", Severity.WARNING)
        return
    if asked is None:
        return
    if seconds(known(asked.watched_for)) > limit("sagemaker.deployment.wait_s").most:
        what = f"an update is watched for an hour at most, not for {known(asked.watched_for)}"
        yield blame("AWS142", "update.watched_for", what, 'watched_for="1h" or less')
    if isinstance(asked, AllAtOnce):
        return
    kind = type(asked).__name__
    if isinstance(asked, Rolling) and len(fleets) > 1:
        what = "AWS has no rolling updates of endpoints with several variants"
        yield blame("AWS142", "update", what, "update=Canary() or update=Linear()", f"See {_EXCLUSIONS}.")
    for fleet in fleets:
        if fleet.count < 2:
            what = f"{kind} needs two machines or more to share the traffic, and {fleet.variant} starts with one"
            instead = "update=AllAtOnce(), which is watched by the same alarms, or replicas=2 or more"
            yield blame("AWS142", "update", what, instead)


def _guarded(fleets: Sequence[Fleet]) -> bool:
    return not _first_of_inf1(fleets)


def _first_of_inf1(fleets: Sequence[Fleet]) -> str:
    machines = [fleet.facts for fleet in fleets]
    return next((facts.name for facts in machines if facts and facts.family == "inf1"), "")


def update_of(spec: Endpoint, place: Place, fleets: Sequence[Fleet]) -> Update | None:
    """Choose how an endpoint is updated; None leaves it to AWS, which does it all at once and unwatched."""
    asked = known(spec.update)
    if not _guarded(fleets):
        return None
    if asked is not None or not place.production:
        return asked
    if any(fleet.count < 2 for fleet in fleets):
        return AllAtOnce()
    accelerated = any(fleet.facts and fleet.facts.accelerator for fleet in fleets)
    # A second fleet of accelerators may not be had; with one variant, machines can be exchanged in batches.
    return Rolling() if accelerated and len(fleets) == 1 else Canary()


def rollback_alarms(
    spec: Endpoint, place: Place, endpoint_name: str, fleets: Sequence[Fleet], errors: float
) -> tuple[Resource, ...]:
    """Make the alarms that take an update back, which go on watching afterwards.

    They name the endpoint by text: they have to be there before it is.
    """
    made: list[Resource] = []
    for fleet in fleets:
        of: dict[str, Value] = {"EndpointName": endpoint_name, "VariantName": fleet.variant}
        # A request that fails counts 1 and another 0, so that the average is the share of failures.
        failing = Metric(REQUESTS, "Invocation5XXErrors", "Average", of)
        what = f"More than {errors:g} % of the requests to {spec.name} fail{_in(fleet)}"
        limit = Limit(errors / 100, periods=2)
        made.append(alarm(place, spec.name, _part(fleet, "errors"), what, failing, limit))
        if isinstance(spec, RealtimeEndpoint) and (target := known(spec.p95_latency)):
            made.append(latency_alarm(place, spec.name, fleet, target, of))
    return tuple(made)


def latency_alarm(place: Place, workload: str, fleet: Fleet, target: str, of: dict[str, Value]) -> Resource:
    """Make the alarm on a model's own latency."""
    return alarm(
        place,
        workload,
        _part(fleet, "latency"),
        f"95 % of the requests to {workload} take the model longer than {target}{_in(fleet)}",
        Metric(REQUESTS, "ModelLatency", "p95", of),
        Limit(milliseconds(target) * 1000, periods=5),
        comment="ModelLatency is in microseconds.",
    )


def _part(fleet: Fleet, what: str) -> str:
    return f"{fleet.part}-{what}" if fleet.part else what


def _in(fleet: Fleet) -> str:
    return f" in variant {fleet.variant}" if fleet.part else ""


def deployment(update: Update, fleets: Sequence[Fleet], alarms: Sequence[Resource]) -> dict[str, Value]:
    """Write an update as the endpoint takes it."""
    wait = seconds(known(update.watched_for))
    start = _START + max((waiting_time(fleet.containers) or 0 for fleet in fleets), default=0)
    limits = {"maximum_execution_timeout_in_seconds": _timeout(start + wait * _steps(update, fleets))}
    rollback: Value = {"alarms": tuple({"alarm_name": Ref(one.name, "name")} for one in alarms)}
    guards: dict[str, Value] = {"auto_rollback_configuration": rollback}
    match update:
        case Rolling():
            size = _share(update, fleets)
            batch: dict[str, Value] = {"maximum_batch_size": size, "wait_interval_in_seconds": wait, **limits}
            return {"rolling_update_policy": batch, **guards}
        case AllAtOnce():
            routing: dict[str, Value] = {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 0}
            ended: dict[str, Value] = {"termination_wait_in_seconds": wait}
        case Canary():
            routing = {"type": "CANARY", "wait_interval_in_seconds": wait, "canary_size": _share(update, fleets)}
            ended = {}
        case Linear():
            routing = {"type": "LINEAR", "wait_interval_in_seconds": wait, "linear_step_size": _share(update, fleets)}
            ended = {}
    return {"blue_green_update_policy": {"traffic_routing_configuration": routing, **ended, **limits}, **guards}


def _share(update: Canary | Linear | Rolling, fleets: Sequence[Fleet]) -> dict[str, Value]:
    return {"type": "CAPACITY_PERCENT", "value": _percent(update, fleets)}


def _percent(update: Canary | Linear | Rolling, fleets: Sequence[Fleet]) -> int:
    """Give the share of a step: never less than one machine of the smallest fleet."""
    return max(known(update.percent), -(-100 // min(fleet.count for fleet in fleets)))


def _steps(update: Update, fleets: Sequence[Fleet]) -> int:
    return 1 if isinstance(update, AllAtOnce | Canary) else -(-100 // _percent(update, fleets))


def _timeout(wanted: int) -> int:
    allowed = limit("sagemaker.deployment.max_execution_s")
    return max(int(allowed.least), min(int(allowed.most), wanted))
