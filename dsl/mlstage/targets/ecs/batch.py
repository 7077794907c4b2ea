"""Batch inference: a task that reads its input from S3 and writes its output there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.workloads import BatchInference
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
    "model input output on replicas content_type purchase retries schedule on_failure",
    sagemaker_only="split strategy payload concurrency join_input input_filter output_filter preprocess postprocess",
)


def check(workload: Resolved[BatchInference], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what ECS refuses of batch inference."""
    spec = workload.workload
    on = on_ecs(known(spec.on))
    yield from unsupported(blame, "ECS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.job_only_fields(blame, on)
    yield from checks.shards(blame, known(spec.replicas))


def lower(workload: Resolved[BatchInference], place: Place) -> tuple[Resource, ...]:
    """Turn batch inference into a task and what runs it: one task for each replica, which takes its shard."""
    spec = workload.workload
    on, model = on_ecs(known(spec.on)), known(spec.model)
    artifact = known(model.artifact)
    container = Container(
        image=image_uri(known(model.image), place.region, facts_of(on)),
        architecture=architecture_of(on, known(model.architecture)),
        variables=contract.with_own(contract.of_batch(spec), known(model.environment)),
        command=known(on.command),
        artifact=artifact,
    )
    may = [
        *iam.read_objects(place, "Artifact", [artifact] if artifact else []),
        *iam.read_objects(place, "Input", [known(spec.input)]),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
    ]
    return kinds.lower(place, spec, on, container, may, shards=known(spec.replicas))
