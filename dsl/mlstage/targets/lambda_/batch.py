"""Batch inference: a function that reads its input from S3 and writes its output there, if 15 minutes are enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.spec.workloads import BatchInference
from mlstage.targets import contract, iam
from mlstage.targets.base import Blame
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.lambda_ import checks, scheduled
from mlstage.targets.lambda_.function import Code, function, on_lambda
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

FIELDS: Final = Fields.of(
    "model input output on replicas content_type purchase retries schedule on_failure",
    sagemaker_only="split strategy payload concurrency join_input input_filter output_filter preprocess postprocess",
)


def check(workload: Resolved[BatchInference], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what Lambda refuses of batch inference."""
    spec = workload.workload
    on = on_lambda(known(spec.on))
    yield from unsupported(blame, "Lambda", FIELDS)
    yield from checks.function(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.purchase(blame, known(spec.purchase))
    yield from checks.retries(blame, known(spec.retries))
    yield from checks.job(blame, on)
    yield from scheduled.check(workload, blame)


def lower(workload: Resolved[BatchInference], place: Place) -> tuple[Resource, ...]:
    """Turn batch inference into a function and its schedule: one call for each replica, which takes its shard."""
    spec = workload.workload
    on, model = on_lambda(known(spec.on)), known(spec.model)
    artifact, contact = known(model.artifact), known(spec.on_failure)
    failure = topic_for(place, contact) if contact else None
    code = Code(
        image=image_uri(known(model.image), place.region, None),
        architecture=known(model.architecture),
        timeout=seconds(known(on.timeout)),
        variables=contract.with_own(contract.of_batch(spec), known(model.environment)),
    )
    may = [
        *iam.read_objects(place, "Artifact", [artifact] if artifact else []),
        *iam.read_objects(place, "Input", [known(spec.input)]),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *scheduled.tell_failures(failure),
    ]
    made = function(place, spec.name, spec.formerly or spec.name, on, code, may)
    calls = scheduled.Calls(made, known(spec.schedule), known(spec.replicas), known(spec.retries), failure)
    return (*(failure.resources if failure else ()), *made.resources, *scheduled.lower(place, spec.name, calls))
