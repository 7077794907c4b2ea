"""What an environment's `watch` adds to an endpoint: alarms on its machines and on what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlstage.graph import Ref, Resource, Value
from mlstage.spec.watching import Watch
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.place import Place
from mlstage.targets.sagemaker.fleets import Fleet
from mlstage.targets.sagemaker.metrics import MACHINES, REQUESTS, gpus_of

# A day in hours: how long a GPU must idle before the alarm rings.
_DAY = 24


def machine_alarms(place: Place, workload: str, endpoint: Resource, fleets: Sequence[Fleet]) -> Iterator[Resource]:
    """Yield alarms on machines that are too full, and on GPUs that nobody needs."""
    watch = place.watch
    if watch is None:
        return
    for fleet in fleets:
        of: dict[str, Value] = {"EndpointName": Ref(endpoint.name, "name"), "VariantName": fleet.variant}
        vcpu = fleet.facts.vcpu if fleet.facts else 1
        yield _busy(place, workload, fleet, watch, Metric(MACHINES, "CPUUtilization", "Average", of), vcpu, "cpu")
        yield _busy(place, workload, fleet, watch, Metric(MACHINES, "MemoryUtilization", "Average", of), 1, "memory")
        if gpus := gpus_of(fleet.facts):
            used = Metric(MACHINES, "GPUUtilization", "Average", of)
            yield alarm(
                place,
                workload,
                _part(fleet, "gpu-idle"),
                f"The GPUs of {workload} were used by less than {watch.idle_gpu:g} % for a whole day:"
                " a CPU or an Inferentia instance may do",
                used,
                Limit(watch.idle_gpu * gpus, above=False, period=3600, periods=_DAY),
                comment="GPUUtilization is the sum over the GPUs." if gpus > 1 else "",
            )


def backlog_alarm(place: Place, workload: str, endpoint: Resource, seconds: int, told: str) -> Resource:
    """Make the alarm on requests that have waited for too long."""
    return alarm(
        place,
        workload,
        "backlog-age",
        f"A request to {workload} has waited for longer than {told}",
        Metric(REQUESTS, "ApproximateAgeOfOldestRequest", "Maximum", {"EndpointName": Ref(endpoint.name, "name")}),
        Limit(float(seconds), periods=3),
    )


def _busy(place: Place, workload: str, fleet: Fleet, watch: Watch, metric: Metric, whole: int, what: str) -> Resource:
    named = {"cpu": "CPUs", "memory": "memory"}[what]
    return alarm(
        place,
        workload,
        _part(fleet, f"{what}-busy"),
        f"More than {watch.busy:g} % of the {named} of {workload} are in use",
        metric,
        Limit(watch.busy * whole, periods=15),
        comment="CPUUtilization is the sum over the vCPUs." if whole > 1 else "",
    )


def _part(fleet: Fleet, what: str) -> str:
    return f"{fleet.part}-{what}" if fleet.part else what
