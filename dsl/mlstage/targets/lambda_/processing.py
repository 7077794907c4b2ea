"""Processing: a function that turns data into data, if 15 minutes are enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.spec.workloads import Processing
from mlstage.targets import contract, iam
from mlstage.targets.base import Blame
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.lambda_ import checks, scheduled
from mlstage.targets.lambda_.function import Code, function, on_lambda
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

FIELDS: Final = Fields.of(
    "image inputs outputs command arguments on replicas environment purchase max_runtime retries schedule on_failure",
    sagemaker_only="network_isolation",
)


def check(workload: Resolved[Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what Lambda refuses of a processing job."""
    spec = workload.workload
    on = on_lambda(known(spec.on))
    yield from unsupported(blame, "Lambda", FIELDS)
    yield from checks.function(blame, on)
    yield from checks.image(blame, "image", known(spec.image))
    yield from checks.variables(blame, "environment", known(spec.environment))
    yield from checks.purchase(blame, known(spec.purchase))
    yield from checks.retries(blame, known(spec.retries))
    yield from checks.job(blame, on)
    if workload.origin("max_runtime").kind != "default":
        yield from checks.timeout(blame, on, "max_runtime", known(spec.max_runtime))
    yield from scheduled.check(workload, blame)


def lower(workload: Resolved[Processing], place: Place) -> tuple[Resource, ...]:
    """Turn a processing job into a function and its schedule: one call for each replica, which takes its shard."""
    spec = workload.workload
    on, contact = on_lambda(known(spec.on)), known(spec.on_failure)
    failure = topic_for(place, contact) if contact else None
    longest = known(on.timeout) if workload.origin("max_runtime").kind == "default" else known(spec.max_runtime)
    code = Code(
        image=image_uri(known(spec.image), place.region, None),
        architecture=known(on.architecture) or "x86_64",
        timeout=seconds(longest),
        variables=contract.with_own(contract.of_processing(spec), known(spec.environment)),
        entry_point=known(spec.command),
        command=known(spec.arguments),
    )
    may = [
        *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
        *iam.write_objects(place, "Outputs", known(spec.outputs).values()),
        *scheduled.tell_failures(failure),
    ]
    made = function(place, spec.name, spec.formerly or spec.name, on, code, may)
    calls = scheduled.Calls(made, known(spec.schedule), known(spec.replicas), known(spec.retries), failure)
    return (*(failure.resources if failure else ()), *made.resources, *scheduled.lower(place, spec.name, calls))
