"""Training: a task that reads its channels from S3, writes the model there, and restarts from its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.spec.workloads import Training
from mlstage.targets import checkpoints, contract, iam
from mlstage.targets.base import Blame
from mlstage.targets.containers import Container
from mlstage.targets.ecs import checks, kinds
from mlstage.targets.ecs.services import on_ecs
from mlstage.targets.ecs.sizes import architecture_of, facts_of
from mlstage.targets.fields import ON_SAGEMAKER, Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "image inputs output on replicas hyperparameters environment purchase max_runtime retries schedule on_failure",
    sagemaker_only="input_mode code entry_point distribution tune metrics keep_warm network_isolation",
)


def check(workload: Resolved[Training], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what ECS refuses of a training job."""
    spec = workload.workload
    on = on_ecs(known(spec.on))
    yield from unsupported(blame, "ECS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.image(blame, "image", known(spec.image), on)
    yield from checks.job_only_fields(blame, on)
    if known(spec.replicas) > 1:
        what = f"replicas={known(spec.replicas)}: tasks do not know of each other, so they cannot train one model"
        yield blame("AWS230", "replicas", what, f"replicas=1 on a larger `instance`, or {ON_SAGEMAKER}")


def lower(workload: Resolved[Training], place: Place) -> tuple[Resource, ...]:
    """Turn training into a task and what runs it."""
    spec = workload.workload
    on = on_ecs(known(spec.on))
    container = Container(
        image=image_uri(known(spec.image), place.region, facts_of(on), "training"),
        architecture=architecture_of(on, None),
        variables=contract.with_own(contract.of_training(spec), known(spec.environment)),
        command=known(on.command),
    )
    may = [
        *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
    ]
    return kinds.lower(place, spec, on, container, may, longest=seconds(known(spec.max_runtime)))
