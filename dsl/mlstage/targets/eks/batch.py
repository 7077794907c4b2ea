"""Batch inference: a pod that reads its input from S3 and writes its output there."""

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
from mlstage.targets.eks import checks, jobs
from mlstage.targets.eks.naming import on_eks
from mlstage.targets.eks.pools import Use
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "model input output on replicas content_type purchase retries schedule on_failure",
    sagemaker_only="split strategy payload concurrency join_input input_filter output_filter preprocess postprocess",
)


def check(workload: Resolved[BatchInference], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what EKS refuses of batch inference."""
    spec = workload.workload
    on = on_eks(known(spec.on))
    yield from unsupported(blame, "EKS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.job(blame, spec, on, None)


def container_of(spec: BatchInference, place: Place) -> Container:
    """Give the container that does the work."""
    on, model = on_eks(known(spec.on)), known(spec.model)
    return Container(
        image=image_uri(known(model.image), place.region, checks.facts_of(on)),
        architecture=checks.architecture_of(on, known(model.architecture)),
        variables=contract.with_own(contract.of_batch(spec), known(model.environment)),
        command=known(on.command),
        artifact=known(model.artifact),
    )


def use(spec: BatchInference, place: Place) -> Use | None:
    """Say which nodes it uses, and for how many pods."""
    return jobs.use(spec, place, container_of(spec, place))


def lower(workload: Resolved[BatchInference], place: Place) -> tuple[Resource, ...]:
    """Turn batch inference into a pod and what runs it: one pod for each replica, which takes its shard."""
    spec = workload.workload
    artifact = known(known(spec.model).artifact)
    container = container_of(spec, place)
    may = [
        *iam.read_objects(place, "Artifact", [artifact] if artifact else []),
        *iam.read_objects(place, "Input", [known(spec.input)]),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
    ]
    return jobs.lower(place, spec, container, may)
