"""Jobs: a CronJob, which Kubernetes starts on schedule and people start by hand.

A Job that a program made would run once, at the moment it is made, and could never be changed. So what has no schedule
is a CronJob that is suspended, started by `kubectl create job --from=cronjob/NAME`.

A pod that AWS or the cluster took away (Spot, a drained node) is started again, as often as `retries` says; one that
ended by itself with an error has failed for good.
https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mlstage.graph import Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets import iam
from mlstage.targets.checkpoints import volume_of
from mlstage.targets.containers import Container
from mlstage.targets.eks import failures
from mlstage.targets.eks.cron import NEVER, TIME_ZONE, to_cron
from mlstage.targets.eks.naming import Cluster, cluster_of, labels, object_name, on_eks, selector
from mlstage.targets.eks.pods import Pod, identity, secret_class
from mlstage.targets.eks.pools import Use
from mlstage.targets.eks.volumes import claim
from mlstage.targets.place import Place

AnyJob = BatchInference | Processing | Training
# Ours, for batch inference, which names no time of its own.
LONGEST_S: Final = 24 * 3600
# Ours: a run that could not start for so long is left out, and what ended is kept for a week.
_LATE_S: Final = 3600
_KEPT_S: Final = 7 * 24 * 3600
_INDEX: Final = "metadata.annotations['batch.kubernetes.io/job-completion-index']"


def pod_of(spec: AnyJob, place: Place, container: Container) -> Pod:
    """Give the pod of a job."""
    on = on_eks(known(spec.on))
    training = isinstance(spec, Training)
    return Pod(
        cluster_of(place, on),
        spec.formerly or spec.name,
        on,
        known(spec.purchase),
        container,
        shares_memory=training,
        keeps=volume_of(spec) is not None,
    )


def shards(spec: AnyJob) -> int:
    """Say how many pods share the work."""
    return 1 if isinstance(spec, Training) else known(spec.replicas)


def use(spec: AnyJob, place: Place, container: Container) -> Use | None:
    """Say which nodes a job uses, and for how many pods."""
    pod = pod_of(spec, place, container)
    return Use(pod.pool, shards(spec), pod.vcpus) if pod.pool else None


def lower(
    place: Place, spec: AnyJob, container: Container, statements: Iterable[iam.Statement], *, longest: int = LONGEST_S
) -> tuple[Resource, ...]:
    """Turn a job into a CronJob with its identity."""
    pod = pod_of(spec, place, container)
    cluster = pod.cluster
    who = identity(cluster, spec.name, pod.kept, pod.on, statements)
    secrets = secret_class(cluster, spec.name, pod.kept, pod.on)
    schedule, volume = known(spec.schedule), volume_of(spec)
    kept = (claim(cluster, spec.name, pod.kept, volume),) if volume else ()
    needs = [who.association.name, who.account.name, *pod.needs, *(one.name for one in (*secrets, *kept))]
    cron: dict[str, Value] = {
        "schedule": to_cron(schedule) if schedule else NEVER,
        "time_zone": TIME_ZONE,
        "suspend": schedule is None,
        # A run that is not over when the next one is due goes on; the next one is left out.
        "concurrency_policy": "Forbid",
        "starting_deadline_seconds": _LATE_S,
        "successful_jobs_history_limit": 3,
        "failed_jobs_history_limit": 3,
        "job_template": {"spec": _job(cluster, spec, pod, longest)},
    }
    job = cluster.object(
        place.name(spec.name, "job"),
        "batch.v1.CronJob",
        object_name(pod.kept),
        {"spec": cron},
        workload=spec.name,
        needs=needs,
        comment="" if schedule else f"By hand: kubectl create job RUN --from=cronjob/{object_name(pod.kept)}",
    )
    contact = known(spec.on_failure)
    told = failures.told(cluster, spec.name, object_name(pod.kept), contact) if contact else ()
    return (*who.resources, *secrets, *kept, job, *told)


def _job(cluster: Cluster, spec: AnyJob, pod: Pod, longest: int) -> dict[str, Value]:
    retries, many = known(spec.retries), shards(spec)
    name = object_name(pod.kept)
    taken: dict[str, Value] = {
        "action": "Count",
        "on_pod_conditions": ({"type": "DisruptionTarget", "status": "True"},),
    }
    own: dict[str, Value] = {
        "action": "FailJob",
        "on_exit_codes": {"container_name": name, "operator": "NotIn", "values": (0,)},
    }
    indexed: dict[str, Value] = {"completion_mode": "Indexed", "completions": many, "parallelism": many}
    first: dict[str, Value] = {}
    if many > 1:
        first = {"env": (*pod.environment(), *_shard(many))}
    template: dict[str, Value] = {
        "metadata": {
            "labels": {**labels(cluster.place, spec.name), **selector(pod.kept)},
            # The work of hours is not given up for a slightly cheaper node.
            "annotations": {"karpenter.sh/do-not-disrupt": "true"},
        },
        "spec": pod.spec(first, restart_policy="Never", active_deadline_seconds=longest),
    }
    return {
        **(indexed if many > 1 else {}),
        "backoff_limit": retries,
        "active_deadline_seconds": longest * (retries + 1),
        "ttl_seconds_after_finished": _KEPT_S,
        "pod_failure_policy": {"rules": (taken, own)},
        "template": template,
    }


def _shard(many: int) -> tuple[Value, ...]:
    number: dict[str, Value] = {"field_ref": {"field_path": _INDEX}}
    return {"name": "MLSTAGE_SHARD", "value_from": number}, {"name": "MLSTAGE_SHARDS", "value": str(many)}
