"""Real-time endpoints: a Deployment that rolls, the Service before it, and what scales it and keeps it up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale, CpuUtilization, MemoryUtilization, PodMetric
from mlstage.spec.targets import Eks
from mlstage.spec.text import seconds
from mlstage.spec.updates import Rolling
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets import contract, iam, machines, scaling
from mlstage.targets.base import Blame
from mlstage.targets.containers import Container
from mlstage.targets.eks import alarms, callers, checks
from mlstage.targets.eks.callers import PORT
from mlstage.targets.eks.naming import Cluster, cluster_of, labels, object_name, on_eks, selector
from mlstage.targets.eks.pods import Pod, identity, secret_class
from mlstage.targets.eks.pools import Use
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "model on replicas purchase p95_latency update",
    sagemaker_only="models preprocess postprocess weight variants shadow capture",
)
_FOLLOWED: Final = (CpuUtilization, MemoryUtilization, PodMetric)
# Ours: how long a pod goes on serving after it is told to go, while callers are told not to come.
_DRAIN_S: Final = 15
_PROBE_S: Final = 10
# Ours: what a new machine and a large image may take before a rollout counts as failed.
_MACHINE_S: Final = 900


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what EKS refuses of a real-time endpoint."""
    spec = workload.workload
    on, asked, update = on_eks(known(spec.on)), known(spec.replicas), known(spec.update)
    yield from unsupported(blame, "EKS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.exposure(blame, on)
    yield from alarms.check(blame, on)
    if known(on.command):
        what = "`command` is for jobs; an endpoint's container serves by itself, as on SageMaker"
        yield blame("AWS224", "on.command", what, "leave `command` out")
    if isinstance(asked, Autoscale):
        yield from scaling.only(blame, "replicas", asked, _FOLLOWED, "CpuUtilization(70)")
        if known(asked.min) < 1:
            what = "a service whose callers wait keeps at least one pod: `min` is 0"
            yield blame(
                "AWS228", "replicas.min", what, "min=1, or an AsyncEndpoint on=Ecs(…), which can wait for a start"
            )
        if known(asked.schedule):
            what = "Kubernetes' autoscaler has no bounds that move by the clock"
            yield blame("AWS215", "replicas.schedule", what, "leave `schedule` out, or on=Ecs(…)")
    if update is not None and not isinstance(update, Rolling):
        what = f"a Deployment exchanges pods in batches; {type(update).__name__} takes a second fleet: SageMaker's"
        yield blame("AWS229", "update", what, "update=Rolling(), or leave `update` out")
    elif update is not None and workload.origin("update.watched_for").kind != "default":
        what = "Kubernetes watches the probes of new pods, and not alarms for a time of one's own"
        yield blame("AWS229", "update.watched_for", what, "update=Rolling(percent=…) without `watched_for`")
    if known(spec.p95_latency) is not None:
        what = "nothing measures latency before a Service in Kubernetes: no alarm follows `p95_latency`"
        yield blame("AWS243", "p95_latency", what, "an alarm of your own metrics", severity=Severity.NOTE)


def container_of(spec: RealtimeEndpoint, place: Place) -> Container:
    """Give the container that answers."""
    on, model = on_eks(known(spec.on)), known(spec.model)
    return Container(
        image=image_uri(known(model.image), place.region, checks.facts_of(on)),
        architecture=checks.architecture_of(on, known(model.architecture)),
        variables=contract.with_own(contract.of_model(model), known(model.environment)),
        serves=True,
        artifact=known(model.artifact),
    )


def pod_of(spec: RealtimeEndpoint, place: Place) -> Pod:
    """Give the pod of an endpoint."""
    on = on_eks(known(spec.on))
    kept = spec.formerly or spec.name
    pod = Pod(cluster_of(place, on), kept, on, known(spec.purchase), container_of(spec, place))
    accelerated = bool(pod.pool and pod.pool.accelerators)
    return Pod(pod.cluster, kept, on, pod.purchase, pod.container, shares_memory=accelerated)


def use(spec: RealtimeEndpoint, place: Place) -> Use | None:
    """Say which nodes an endpoint uses, and for how many pods."""
    pod = pod_of(spec, place)
    return Use(pod.pool, _most(spec), pod.vcpus) if pod.pool else None


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a real-time endpoint into a Deployment and a Service, and what belongs to them."""
    spec = workload.workload
    pod = pod_of(spec, place)
    cluster, on, kept = pod.cluster, pod.on, pod.kept
    artifact = pod.container.artifact
    may = iam.read_objects(place, "Artifact", [artifact] if artifact else [])
    who = identity(cluster, spec.name, kept, on, may)
    secrets = secret_class(cluster, spec.name, kept, on)
    needs = [who.association.name, who.account.name, *pod.needs, *(one.name for one in secrets)]
    deployment = _deployment(spec, pod, needs)
    return (
        *who.resources,
        *secrets,
        deployment,
        callers.service(spec, cluster, on),
        callers.lets_in(spec, cluster, on),
        *_scaling(spec, cluster),
        *_budget(spec, cluster),
        *alarms.of_service(cluster, spec, _least(spec)),
    )


def _most(spec: RealtimeEndpoint) -> int:
    asked = known(spec.replicas)
    return known(asked.max) if isinstance(asked, Autoscale) else asked


def _least(spec: RealtimeEndpoint) -> int:
    asked = known(spec.replicas)
    return known(asked.min) if isinstance(asked, Autoscale) else asked


def _deployment(spec: RealtimeEndpoint, pod: Pod, needs: list[str]) -> Resource:
    place, asked, update = pod.cluster.place, known(spec.replicas), known(spec.update)
    accelerated = bool(pod.pool and pod.pool.accelerators)
    # A machine with accelerators has room for one pod: a rollout buys as many machines as it adds pods.
    surge: Value = f"{known(update.percent)}%" if isinstance(update, Rolling) else (1 if accelerated else "25%")
    longest = machines.start_seconds(known(spec.model)) + _MACHINE_S
    scaled = isinstance(asked, Autoscale)
    fixed: dict[str, Value] = {} if isinstance(asked, Autoscale) else {"replicas": asked}
    deployment: dict[str, Value] = {
        **fixed,
        "selector": {"match_labels": selector(pod.kept)},
        "strategy": {"type": "RollingUpdate", "rolling_update": {"max_surge": surge, "max_unavailable": 0}},
        "min_ready_seconds": 10,
        "progress_deadline_seconds": longest,
        "revision_history_limit": 3,
        "template": {
            "metadata": {"labels": {**labels(place, spec.name), **selector(pod.kept)}},
            "spec": pod.spec(_serving(spec, pod.on), topology_spread_constraints=_spread(pod.kept)),
        },
    }
    return pod.cluster.object(
        place.name(spec.name, "deployment"),
        "apps.v1.Deployment",
        object_name(pod.kept),
        {"spec": deployment},
        workload=spec.name,
        needs=needs,
        annotations={"pulumi.com/timeoutSeconds": str(longest)},
        comment="Without replicas: how many there are is the autoscaler's to say." if scaled else "",
    )


def _serving(spec: RealtimeEndpoint, on: Eks) -> dict[str, Value]:
    """Say how a container is known to have started, to be ready, and to live, and how it leaves."""
    answers: dict[str, Value] = {"http_get": {"path": known(on.health), "port": PORT}}
    attempts = -(-machines.start_seconds(known(spec.model)) // _PROBE_S)
    return {
        "ports": ({"name": PORT, "container_port": known(on.port)},),
        "startup_probe": {**answers, "period_seconds": _PROBE_S, "failure_threshold": attempts, "timeout_seconds": 5},
        "readiness_probe": {**answers, "period_seconds": 5, "failure_threshold": 3, "timeout_seconds": 5},
        # Patient: a model server that computes answers late, and a restart loads the model anew.
        "liveness_probe": {**answers, "period_seconds": _PROBE_S, "failure_threshold": 6, "timeout_seconds": 10},
        "lifecycle": {"pre_stop": {"sleep": {"seconds": _DRAIN_S}}},
    }


def _spread(kept: str) -> tuple[Value, ...]:
    """Spread pods over zones and machines, where there are any: a pod that could run is not left waiting for it."""
    return tuple(
        {
            "max_skew": 1,
            "topology_key": key,
            "when_unsatisfiable": "ScheduleAnyway",
            "label_selector": {"match_labels": selector(kept)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    )


def _scaling(spec: RealtimeEndpoint, cluster: Cluster) -> Iterator[Resource]:
    asked = known(spec.replicas)
    if not isinstance(asked, Autoscale):
        return
    name = object_name(spec.formerly or spec.name)
    scaled: dict[str, Value] = {
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": name},
        "min_replicas": known(asked.min),
        "max_replicas": known(asked.max),
        "metrics": (_metric(asked),),
        "behavior": {
            "scale_up": {"stabilization_window_seconds": seconds(known(asked.scale_out_cooldown))},
            "scale_down": {"stabilization_window_seconds": seconds(known(asked.scale_in_cooldown))},
        },
    }
    yield cluster.object(
        cluster.place.name(spec.name, "autoscaler"),
        "autoscaling.v2.HorizontalPodAutoscaler",
        name,
        {"spec": scaled},
        workload=spec.name,
        needs=[cluster.place.name(spec.name, "deployment")],
    )


def _metric(asked: Autoscale) -> Value:
    match known(asked.target):
        case CpuUtilization(value=value):
            return _resource("cpu", value)
        case MemoryUtilization(value=value):
            return _resource("memory", value)
        case PodMetric(value=value, name=name):
            average = f"{round(value * 1000)}m" if value % 1 else str(int(value))
            target: dict[str, Value] = {"type": "AverageValue", "average_value": average}
            return {"type": "Pods", "pods": {"metric": {"name": name}, "target": target}}
        case other:
            raise TypeError(f"{other!r} is refused by the check")


def _resource(name: str, value: float) -> Value:
    target: dict[str, Value] = {"type": "Utilization", "average_utilization": round(value)}
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def _budget(spec: RealtimeEndpoint, cluster: Cluster) -> Iterator[Resource]:
    """Let nodes be emptied one pod at a time, where one pod is not all there is."""
    if _least(spec) < 2:
        return
    kept = spec.formerly or spec.name
    yield cluster.object(
        cluster.place.name(spec.name, "budget"),
        "policy.v1.PodDisruptionBudget",
        object_name(kept),
        {
            "spec": {
                "max_unavailable": 1,
                "selector": {"match_labels": selector(kept)},
                # A pod that never became ready must not keep its node for ever.
                "unhealthy_pod_eviction_policy": "AlwaysAllow",
            }
        },
        workload=spec.name,
    )
