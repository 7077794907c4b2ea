"""Asynchronous endpoints: a function fed by a queue, which reports the failed messages of a batch one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale
from mlstage.spec.text import seconds
from mlstage.spec.workloads import AsyncEndpoint
from mlstage.targets import contract, iam
from mlstage.targets.base import Blame, No
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.lambda_ import checks
from mlstage.targets.lambda_.function import Code, function, on_lambda
from mlstage.targets.place import Place
from mlstage.targets.queues import RequestQueue, age_alarm, failure_alarm, request_queue
from mlstage.targets.topics import topic_for

FIELDS: Final = Fields.of(
    "model on output input failures replicas concurrency timeout on_success on_failure max_backlog_age purchase",
    update=No("an alias moves to a new version all at once", ""),
)
# botocore 1.44.5, lambda: MaximumConcurrency.
_LEAST_PLACES: Final = 2
_MOST_AT_ONCE: Final = 10  # larger batches need a batching window, for which a request would wait


def check(workload: Resolved[AsyncEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what Lambda refuses of an asynchronous endpoint."""
    spec = workload.workload
    on = on_lambda(known(spec.on))
    yield from unsupported(blame, "Lambda", FIELDS)
    yield from checks.function(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.purchase(blame, known(spec.purchase))
    if workload.origin("timeout").kind != "default":
        yield from checks.timeout(blame, on, "timeout", known(spec.timeout))
    yield from _places(blame, spec)
    if (at_once := known(spec.concurrency)) is not None and at_once > _MOST_AT_ONCE:
        what = f"concurrency={at_once}: a function is handed {_MOST_AT_ONCE} messages at once at most"
        yield blame("AWS216", "concurrency", what, f"concurrency={_MOST_AT_ONCE} or less")
    if known(on.provisioned) is not None:
        what = "`provisioned` keeps places warm for callers that wait; a queue's messages do not"
        yield blame("AWS209", "on.provisioned", what, "leave `provisioned` out")


def _places(blame: Blame, spec: AsyncEndpoint) -> Iterator[Diagnostic]:
    asked = known(spec.replicas)
    if blame.workload.origin("replicas").kind == "default":
        return
    most = known(asked.max) if isinstance(asked, Autoscale) else asked
    if most < _LEAST_PLACES:
        what = f"replicas bound a function to {most} place, but a queue is read by {_LEAST_PLACES} at least"
        yield blame("AWS216", "replicas", what, f"a maximum of {_LEAST_PLACES} or more, or leave `replicas` out")
    elif isinstance(asked, Autoscale):
        what = f"Lambda follows the queue by itself, from 0: of the Autoscale only max={most} counts"
        yield blame("AWS210", "replicas", what, f"replicas={most} says the same", severity=Severity.NOTE)


def lower(workload: Resolved[AsyncEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn an asynchronous endpoint into a queue, a function, and the mapping that feeds one to the other."""
    spec = workload.workload
    on, model, kept = on_lambda(known(spec.on)), known(spec.model), spec.formerly or spec.name
    longest = known(on.timeout) if workload.origin("timeout").kind == "default" else known(spec.timeout)
    # Six times the function's own time, as AWS advises: time for what is throttled to be tried again.
    queue = request_queue(place, spec.name, kept, hidden_for=6 * seconds(longest))
    success = known(spec.on_success)
    glad = topic_for(place, success) if success else None
    variables: dict[str, str] = contract.of_answers(spec)
    code = Code(
        image=image_uri(known(model.image), place.region, None),
        architecture=known(model.architecture),
        timeout=seconds(longest),
        variables=contract.with_own(variables, known(model.environment)),
    )
    may = [*_may(spec, place, queue), *([iam.allow("TellSuccess", ["sns:Publish"], [glad.arn])] if glad else [])]
    made = function(place, spec.name, kept, on, code, may)
    if glad:
        made = made.telling("MLSTAGE_SUCCESS_TOPIC", glad.arn)
    return (
        *queue.resources,
        *(glad.resources if glad else ()),
        *made.resources,
        _mapping(spec, place, queue, made.arn),
        *age_alarm(place, spec.name, queue, known(spec.max_backlog_age)),
        *failure_alarm(place, spec.name, queue, known(spec.on_failure)),
    )


def _may(spec: AsyncEndpoint, place: Place, queue: RequestQueue) -> Iterator[iam.Statement]:
    artifact, failures = known(known(spec.model).artifact), known(spec.failures)
    yield from iam.read_objects(place, "Artifact", [artifact] if artifact else [])
    yield from iam.read_objects(place, "Requests", filter(None, [known(spec.input)]))
    yield from iam.write_objects(place, "Answers", [known(spec.output), *([failures] if failures else [])])
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    yield iam.allow("TakeRequests", actions, [queue.arn])


def _mapping(spec: AsyncEndpoint, place: Place, queue: RequestQueue, alias: iam.Arn) -> Resource:
    asked = known(spec.replicas)
    most = known(asked.max) if isinstance(asked, Autoscale) else asked
    props: dict[str, Value] = {
        "event_source_arn": queue.arn,
        "function_name": alias,
        "batch_size": known(spec.concurrency) or 1,
        # Else one failed message has the whole batch worked on again.
        "function_response_types": ("ReportBatchItemFailures",),
    }
    if most >= _LEAST_PLACES:
        props["scaling_config"] = {"maximum_concurrency": most}
    return Resource(place.name(spec.name, "requests"), "aws.lambda_.EventSourceMapping", props, workload=spec.name)
