"""What AWS Batch refuses, or can never work, seen before it is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.targets import Batch
from mlstage.spec.text import gigabytes_up
from mlstage.spec.workload import Workload
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets import machines
from mlstage.targets.base import Blame, No
from mlstage.targets.ecs import sizes
from mlstage.targets.fields import ON_SAGEMAKER, Fields, unsupported

_JOB: Final = "on replicas purchase retries schedule on_failure"
FIELDS: Final[Mapping[type[Workload], Fields]] = {
    BatchInference: Fields.of(
        f"model input output content_type {_JOB}",
        sagemaker_only="split strategy payload concurrency join_input input_filter output_filter preprocess"
        " postprocess",
    ),
    Training: Fields.of(
        f"image inputs output hyperparameters environment max_runtime {_JOB}",
        sagemaker_only="input_mode code entry_point distribution tune metrics keep_warm network_isolation",
    ),
    Processing: Fields.of(
        f"image inputs outputs arguments environment max_runtime {_JOB}",
        sagemaker_only="network_isolation",
        command=No("a job's command follows the image's own entry point, which Batch does not replace", ""),
    ),
}
NO_NEURON: Final = No("Batch starts no machine image with Neuron's driver", 'on=Ecs(instance="inf2.xlarge")')
_FARGATE_GPU: Final = No("Fargate has no GPU", 'Batch(instance="g5.xlarge"), or an image built for CPUs')
# botocore 1.44.5, batch: RetryStrategy.attempts is 1 to 10, the first try included; ArrayProperties.size 2 to 10,000.
_MOST_ATTEMPTS: Final = 10
MOST_PARTS: Final = 10_000


def on_batch(spec: Workload) -> Batch:
    """Give the options of a workload that is on AWS Batch."""
    on = known(getattr(spec, "on", None))
    assert isinstance(on, Batch), spec
    return on


def check(workload: Resolved[BatchInference | Training | Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what AWS Batch refuses of a job."""
    spec = workload.workload
    on = on_batch(spec)
    yield from unsupported(blame, "Batch", FIELDS[type(spec)])
    yield from sizes.check(blame, on)
    yield from _storage(blame, on)
    yield from machines.ec2_types(blame, on, "Batch")
    yield from _image(blame, spec, on)
    yield from _parts(blame, spec, on)
    if known(spec.retries) >= _MOST_ATTEMPTS:
        what = f"retries={known(spec.retries)}: Batch tries a job {_MOST_ATTEMPTS} times at most, the first included"
        yield blame("AWS240", "retries", what, f"retries={_MOST_ATTEMPTS - 1} or less")


def _storage(blame: Blame, on: Batch) -> Iterator[Diagnostic]:
    storage, bounds = known(on.storage), limit("fargate.ephemeral_gib")
    if storage and not known(on.instance) and not bounds.least <= gigabytes_up(storage) <= bounds.most:
        what = f"storage={storage!r} is not between the {bounds.least} and {bounds.most} GB that Fargate gives a job"
        yield blame("AWS223", "on.storage", what, f'storage="{bounds.most}GB" or less, or an `instance`')


def _image(blame: Blame, spec: BatchInference | Training | Processing, on: Batch) -> Iterator[Diagnostic]:
    facts = sizes.facts_of(on)
    model = known(spec.model) if isinstance(spec, BatchInference) else None
    path, image = ("model.image", known(model.image)) if model else ("image", known(getattr(spec, "image", "")))
    if facts is not None and machines.chip_of(facts):
        yield blame("AWS206", "on.instance", f"{facts.ec2_name}: {NO_NEURON.because}", NO_NEURON.instead)
        return
    yield from machines.own_image_exists(blame, path, image, facts)
    if facts is None:
        yield from machines.without_accelerator(blame, path, image, _FARGATE_GPU, NO_NEURON)
    else:
        yield from machines.image_for(blame, path, image, facts, "Batch")
    if model:
        yield from machines.not_compiled(blame, model, NO_NEURON)
        yield from machines.architecture(blame, known(model.architecture), known(on.architecture), facts)
        yield from machines.artifact(blame, model, None)


def _parts(blame: Blame, spec: BatchInference | Training | Processing, on: Batch) -> Iterator[Diagnostic]:
    """Check what several replicas mean: parts of an array job, or machines that train together."""
    count = known(spec.replicas)
    if count == 1:
        return
    if not isinstance(spec, Training):
        if count > MOST_PARTS:
            what = f"an array job has {MOST_PARTS:,} parts at most, not {count:,}"
            yield blame("AWS241", "replicas", what, f"replicas={MOST_PARTS} or less")
            return
        what = f"each of the {count} parts finds its number in AWS_BATCH_JOB_ARRAY_INDEX, not in MLSTAGE_SHARD"
        yield blame("AWS242", "replicas", what, "a container that reads either", severity=Severity.NOTE)
    elif known(on.instance) is None:
        what = f"replicas={count}: machines that train together are EC2's; Fargate has none that know of each other"
        yield blame("AWS241", "replicas", what, 'Batch(instance="g5.xlarge"), or replicas=1')
    elif isinstance(known(spec.purchase), Spot):
        what = f"replicas={count} on Spot: Batch runs no multi-node parallel jobs on Spot machines"
        yield blame("AWS241", "purchase", what, f"purchase=OnDemand(), replicas=1, or {ON_SAGEMAKER}")
