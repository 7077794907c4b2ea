"""Processing: a task that turns data into data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.spec.workloads import Processing
from mlstage.targets import checkpoints, contract, iam
from mlstage.targets.base import Blame
from mlstage.targets.containers import Container
from mlstage.targets.ecs import checks, kinds
from mlstage.targets.ecs.services import on_ecs
from mlstage.targets.ecs.sizes import architecture_of, facts_of
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "image inputs outputs command arguments on replicas environment purchase max_runtime retries schedule on_failure",
    sagemaker_only="network_isolation",
)


def check(workload: Resolved[Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what ECS refuses of a processing job."""
    spec = workload.workload
    on = on_ecs(known(spec.on))
    yield from unsupported(blame, "ECS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.image(blame, "image", known(spec.image), on)
    yield from checks.job_only_fields(blame, on)
    yield from checks.shards(blame, known(spec.replicas))
    if known(on.command):
        what = "a processing job has a `command` of its own"
        yield blame("AWS224", "on.command", what, "Processing(command=…), and none in Ecs")


def lower(workload: Resolved[Processing], place: Place) -> tuple[Resource, ...]:
    """Turn a processing job into a task and what runs it: one task for each replica, which takes its shard."""
    spec = workload.workload
    on = on_ecs(known(spec.on))
    container = Container(
        image=image_uri(known(spec.image), place.region, facts_of(on)),
        architecture=architecture_of(on, None),
        variables=contract.with_own(contract.of_processing(spec), known(spec.environment)),
        entry_point=known(spec.command),
        command=known(spec.arguments),
    )
    may = [
        *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
        *iam.write_objects(place, "Outputs", known(spec.outputs).values()),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
    ]
    longest = seconds(known(spec.max_runtime))
    return kinds.lower(place, spec, on, container, may, shards=known(spec.replicas), longest=longest)
