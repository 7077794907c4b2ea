"""Processing: a pod that turns data into data."""

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
from mlstage.targets.eks import checks, jobs
from mlstage.targets.eks.naming import on_eks
from mlstage.targets.eks.pools import Use
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "image inputs outputs command arguments on replicas environment purchase max_runtime retries schedule on_failure",
    sagemaker_only="network_isolation",
)


def check(workload: Resolved[Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what EKS refuses of a processing job."""
    spec = workload.workload
    on = on_eks(known(spec.on))
    yield from unsupported(blame, "EKS", FIELDS)
    yield from checks.capacity(blame, on)
    yield from checks.image(blame, "image", known(spec.image), on)
    yield from checks.job(blame, spec, on, known(spec.max_runtime))
    if known(on.command):
        what = "a processing job has a `command` of its own"
        yield blame("AWS224", "on.command", what, "Processing(command=…), and none in Eks")


def container_of(spec: Processing, place: Place) -> Container:
    """Give the container that does the work."""
    on = on_eks(known(spec.on))
    return Container(
        image=image_uri(known(spec.image), place.region, checks.facts_of(on)),
        architecture=checks.architecture_of(on, None),
        variables=contract.with_own(contract.of_processing(spec), known(spec.environment)),
        entry_point=known(spec.command),
        command=known(spec.arguments),
    )


def use(spec: Processing, place: Place) -> Use | None:
    """Say which nodes it uses, and for how many pods."""
    return jobs.use(spec, place, container_of(spec, place))


def lower(workload: Resolved[Processing], place: Place) -> tuple[Resource, ...]:
    """Turn a processing job into a pod and what runs it: one pod for each replica, which takes its shard."""
    spec = workload.workload
    container = container_of(spec, place)
    may = [
        *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
        *iam.write_objects(place, "Outputs", known(spec.outputs).values()),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
    ]
    return jobs.lower(place, spec, container, may, longest=seconds(known(spec.max_runtime)))
