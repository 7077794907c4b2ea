"""Asynchronous endpoints: requests wait in a queue of SageMaker's, answers go into S3, and nothing runs while idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.endpoints import AsyncEndpoint
from mlstage.spec.per_stage import known
from mlstage.spec.text import seconds
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import updates
from mlstage.targets.sagemaker.endpoint import fleet_problems
from mlstage.targets.sagemaker.fleets import fleets_of
from mlstage.targets.sagemaker.hosting import configuration, endpoint_of, hosted_fleets
from mlstage.targets.sagemaker.watch import backlog_alarm
from mlstage.targets.topics import Topic, topic_for

# What AWS gives a request when its caller says nothing (botocore 1.44.5, sagemaker-runtime: InvokeEndpointAsync).
_OWN_TIMEOUT: Final = 900
# Ours, where a `watch` is asked for and no age is named: longer than a cold start of a big model.
_BACKLOG_AGE: Final = "30m"


def check(workload: Resolved[AsyncEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of an asynchronous endpoint."""
    spec = workload.workload
    fleets = fleets_of(spec)
    for fleet in fleets:
        yield from fleet_problems(blame, fleet, "asynchronous")
    yield from updates.check(blame, spec, fleets)
    longest, timeout = limit("sagemaker.async.timeout_s").most, known(spec.timeout)
    if seconds(timeout) > longest:
        what = f"timeout={timeout!r} is longer than the hour that an asynchronous request may take"
        yield blame("AWS148", "timeout", what, 'timeout="1h" or less, or BatchInference for what takes longer')
    elif seconds(timeout) != _OWN_TIMEOUT:
        what = f"the time-out of an asynchronous request is its caller's: it is {_OWN_TIMEOUT} s unless that says more"
        instead = f"InvocationTimeoutSeconds={seconds(timeout)} in the caller's InvokeEndpointAsync"
        yield blame("AWS148", "timeout", what, instead, severity=Severity.NOTE)
    most, asked = int(limit("sagemaker.async.max_concurrent_per_instance").most), known(spec.concurrency)
    if asked is not None and asked > most:
        what = f"SageMaker sends an instance {most:,} requests at once at most, not {asked:,}"
        yield blame("AWS148", "concurrency", what, f"concurrency={most} or less")


def lower(workload: Resolved[AsyncEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn an asynchronous endpoint into its resources."""
    spec = workload.workload
    fleets = fleets_of(spec)
    told = {
        name: topic_for(place, contact)
        for name, contact in (("success", known(spec.on_success)), ("error", known(spec.on_failure)))
        if contact
    }
    logs, models = hosted_fleets(place, spec, fleets, [*_may(place, spec, told)])
    config = configuration(place, spec, fleets, models, {"async_inference_config": _queue(place, spec, told)})
    endpoint = endpoint_of(place, spec, fleets, config, logs)
    hosted = [resource for model in models for resource in model.resources]
    topics = [resource for topic in told.values() for resource in topic.resources]
    age = known(spec.max_backlog_age) or (_BACKLOG_AGE if place.watch else None)
    waiting = [backlog_alarm(place, spec.name, endpoint.endpoint, seconds(age), age)] if age else []
    return (*topics, logs, *hosted, *endpoint.resources, *waiting)


def _queue(place: Place, spec: AsyncEndpoint, told: dict[str, Topic]) -> dict[str, Value]:
    output: dict[str, Value] = {"s3_output_path": known(spec.output), "kms_key_id": place.key_arn}
    if failures := known(spec.failures):
        output["s3_failure_path"] = failures
    if told:
        output["notification_config"] = {f"{name}_topic": topic.arn for name, topic in told.items()}
    concurrency = known(spec.concurrency)
    client: dict[str, Value] = {"max_concurrent_invocations_per_instance": concurrency} if concurrency else {}
    return {"output_config": output, **({"client_config": client} if client else {})}


def _may(place: Place, spec: AsyncEndpoint, told: dict[str, Topic]) -> Iterator[iam.Statement]:
    failures = known(spec.failures)
    yield from iam.read_objects(place, "Requests", [known(spec.input) or known(spec.output)])
    yield from iam.write_objects(place, "Answers", [known(spec.output), *([failures] if failures else [])])
    if told:
        arns = list(dict.fromkeys(topic.arn for topic in told.values()))
        yield iam.allow("Notify", ["sns:Publish"], arns)
