"""Real-time endpoints: a function behind a function URL or an HTTP API, both for requests signed by IAM only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Ref, Resource, Value, join
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.text import milliseconds, seconds
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets import contract, iam
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.base import Blame, No
from mlstage.targets.fields import ON_SAGEMAKER, Fields, unsupported
from mlstage.targets.images import image_uri
from mlstage.targets.lambda_ import checks, http_api, provisioned
from mlstage.targets.lambda_.function import ALIAS, Code, Function, function, on_lambda
from mlstage.targets.place import Place

FIELDS: Final = Fields.of(
    "model on replicas purchase p95_latency",
    sagemaker_only="models preprocess postprocess weight variants shadow capture",
    update=No("an alias moves to a new version all at once", ON_SAGEMAKER),
)
_CALLS: Final = "AWS/Lambda"
# What tells the Lambda Web Adapter, where the image has it, that the container serves as on SageMaker.
_ADAPTER: Final = {"AWS_LWA_PORT": "8080", "AWS_LWA_READINESS_CHECK_PATH": "/ping"}


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what Lambda refuses of a real-time endpoint."""
    spec = workload.workload
    on = on_lambda(known(spec.on))
    yield from unsupported(blame, "Lambda", FIELDS)
    yield from checks.function(blame, on)
    yield from checks.model(blame, on, known(spec.model))
    yield from checks.purchase(blame, known(spec.purchase))
    yield from checks.replicas(blame, known(spec.replicas))
    yield from provisioned.check(blame, on)
    yield from http_api.check(blame, on)


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a real-time endpoint into a function, its alias, what calls it, and what keeps it warm."""
    spec = workload.workload
    on, model = on_lambda(known(spec.on)), known(spec.model)
    artifact = known(model.artifact)
    told = {**contract.of_model(model), **_ADAPTER}
    code = Code(
        image=image_uri(known(model.image), place.region, None),
        architecture=known(model.architecture),
        timeout=seconds(known(on.timeout)),
        variables=contract.with_own(told, known(model.environment)),
    )
    may = iam.read_objects(place, "Artifact", [artifact] if artifact else [])
    kept = spec.formerly or spec.name
    made = function(place, spec.name, kept, on, code, may)
    called = http_api.lower(place, spec.name, made) if known(on.endpoint) == "api_gateway" else _url(place, spec, made)
    warm = provisioned.lower(place, spec.name, known(on.provisioned), made)
    return (*made.resources, *called, *warm, *_alarms(spec, place, made))


def _url(place: Place, spec: RealtimeEndpoint, made: Function) -> tuple[Resource, ...]:
    props: dict[str, Value] = {
        "function_name": made.name,
        "qualifier": Ref(made.alias.name, "name"),
        # Callers sign their requests and need `lambda:InvokeFunctionUrl`; nobody else is let in.
        "authorization_type": "AWS_IAM",
        "invoke_mode": "BUFFERED",
    }
    return (Resource(place.name(spec.name, "url"), "aws.lambda_.FunctionUrl", props, workload=spec.name),)


def _alarms(spec: RealtimeEndpoint, place: Place, made: Function) -> Iterator[Resource]:
    of: dict[str, Value] = {"FunctionName": made.name, "Resource": join(made.name, f":{ALIAS}")}
    if target := known(spec.p95_latency):
        slow = Metric(_CALLS, "Duration", "p95", of)
        what = f"95 % of the requests to {spec.name} take the function longer than {target}"
        yield alarm(place, spec.name, "latency", what, slow, Limit(milliseconds(target)))
    if place.watch is not None:
        # One sample for each call, 0 or 1: their average is the share that failed.
        failing = Metric(_CALLS, "Errors", "Average", of)
        what = f"More than {place.watch.errors:g} % of the requests to {spec.name} fail"
        yield alarm(place, spec.name, "errors", what, failing, Limit(place.watch.errors / 100, periods=2))
