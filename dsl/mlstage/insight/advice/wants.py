"""What advice starts from: what a workload needs and expects, from a graph's facts or from the command line."""

from __future__ import annotations

from dataclasses import dataclass

from mlstage.graph import Graph, Group, Resource
from mlstage.insight.cost.kubernetes import firings
from mlstage.insight.cost.starts import FUNCTION, RUNNABLE, Starts
from mlstage.insight.facts import Needs, Runs, Traffic, needs_of, number_of, runs_of, text_of, traffic_of
from mlstage.rules.truth import field
from mlstage.rules.views.compute import MACHINES, machines
from mlstage.rules.views.containers import BATCH_JOB
from mlstage.rules.views.endpoints import CONFIGURATION
from mlstage.rules.views.pods import CRON_JOB

SERVING = frozenset({"RealtimeEndpoint", "AsyncEndpoint"})
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Wants:
    """One workload of one stack, as advice sees it."""

    workload: str
    kind: str
    """`RealtimeEndpoint`, `AsyncEndpoint`, `BatchInference`, `Training` or `Processing`."""
    target: str
    region: str
    tier: str
    needs: Needs | None
    traffic: Traffic | None = None
    runs: Runs | None = None
    runs_per_month: float | None = None
    """By its schedule, or by what the author expects."""
    p95_ms: float | None = None
    compiled_for: str | None = None
    model_mb: float | None = None
    instance: str | None = None
    """What it runs on as it is written."""
    measured_mb: float | None = None
    """The memory that it is written to have where it has no machine: what the author's own `duration_ms` is of."""
    arm: bool = False
    """Whether its function runs on arm64."""
    environment: str = ""
    stack: str = ""
    minimum: int | None = None
    """Instances that serve at the least; without it, two in production, so that one may fail."""

    @property
    def least(self) -> int:
        """Instances that serve at the least."""
        return self.minimum if self.minimum is not None else (2 if self.tier == PRODUCTION else 1)

    @property
    def memory_mb(self) -> float | None:
        """What the loaded model takes, as far as it is said."""
        return (self.needs.memory_mb if self.needs else None) or self.model_mb


def wants_of(graph: Graph, group: Group) -> Wants:
    """Read what is known of one workload of a stack."""
    name = group.name
    return Wants(
        workload=name,
        kind=group.kind,
        target=group.target or "SageMaker",
        region=graph.region,
        tier=graph.tier,
        needs=needs_of(graph, name),
        traffic=traffic_of(graph, name),
        runs=runs_of(graph, name),
        runs_per_month=_runs_per_month(graph, name),
        p95_ms=number_of(graph, name, "p95_latency_ms"),
        compiled_for=text_of(graph, name, "compiled_for"),
        model_mb=number_of(graph, name, "model_mb"),
        instance=instance_of(graph, name),
        measured_mb=_memory_of(graph, name),
        arm=any(_is_arm(one) for one in graph.of(FUNCTION) if one.workload == name),
        environment=graph.environment,
        stack=graph.stack,
    )


def instance_of(graph: Graph, workload: str) -> str | None:
    """Give the instance type that a workload is written to run on; None where it has none or several."""
    found = {
        name
        for type_ in MACHINES
        for resource in graph.of(type_)
        if resource.workload == workload
        for machine in machines(resource)
        if (name := machine.instance_type.text)
    }
    return found.pop() if len(found) == 1 else None


def _often(resource: Resource, starts: Starts, graph: Graph) -> float | None:
    if resource.type == CRON_JOB:
        return firings(resource, graph)
    if resource.type != BATCH_JOB:
        return starts.runs(resource)[0]
    found = [often for start in starts.naming(resource) if (often := starts.runs(start.starter)[0]) is not None]
    return sum(found) if found else None


def _memory_of(graph: Graph, workload: str) -> float | None:
    """Give the memory of a workload's function, or of its serverless endpoint."""
    sizes = [field(one, "memory_size").number for one in graph.of(FUNCTION) if one.workload == workload]
    for configuration in graph.of(CONFIGURATION):
        if configuration.workload == workload:
            variants = field(configuration, "production_variants").items()
            sizes += [variant["serverless_config"]["memory_size_in_mb"].number for variant in variants]
    known = [float(size) for size in sizes if size is not None]
    return known[0] if len(known) == 1 else None


def _is_arm(function: Resource) -> bool:
    return "arm64" in [one.text for one in field(function, "architectures").items()]


def _runs_per_month(graph: Graph, name: str) -> float | None:
    starts = Starts(graph)
    for resource in graph.of(*RUNNABLE, BATCH_JOB, CRON_JOB):
        if resource.workload == name:
            often = _often(resource, starts, graph)
            if often is not None:
                return often
    said = runs_of(graph, name)
    return said.per_month if said else None
