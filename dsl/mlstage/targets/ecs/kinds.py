"""What every kind of job has in common: a task, the room for it, and the state machine that runs it."""

from __future__ import annotations

from collections.abc import Iterable

from mlstage.graph import Resource
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Ecs
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets import iam, machines
from mlstage.targets.containers import Container
from mlstage.targets.ecs import capacity, jobs
from mlstage.targets.ecs.tasks import task
from mlstage.targets.network import leads_out
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

_LONGEST_S = 24 * 3600  # ours, for batch inference, which names no time of its own


def lower(
    place: Place,
    spec: BatchInference | Processing | Training,
    on: Ecs,
    container: Container,
    statements: Iterable[iam.Statement],
    *,
    shards: int = 1,
    longest: int = _LONGEST_S,
) -> tuple[Resource, ...]:
    """Turn a job into its resources."""
    kept = spec.formerly or spec.name
    made = task(place, spec.name, kept, on, container, statements)
    internet = leads_out(place, needed=machines.outside_ecr(spec, on))
    # One of several shards on demand, so that some of the work is always done; a single one may be started again.
    base = 1 if shards > 1 else 0
    room = capacity.lower(place, spec.name, on, known(spec.purchase), most=shards, base=base, internet=internet)
    contact = known(spec.on_failure)
    job = jobs.Job(
        task=made,
        container=kept,
        purchase=known(spec.purchase),
        capacity=room,
        retries=known(spec.retries),
        schedule=known(spec.schedule),
        shards=shards,
        longest=longest,
        failure=topic_for(place, contact) if contact else None,
        internet=internet,
    )
    return (*made.resources, *room.resources, *jobs.lower(place, spec.name, kept, job))
