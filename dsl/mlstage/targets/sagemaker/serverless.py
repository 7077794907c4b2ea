"""SageMaker without instances: real-time endpoints whose capacity comes per request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.endpoints import MAIN_VARIANT, RealtimeEndpoint
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.scaling import Autoscale
from mlstage.spec.targets import SageMakerServerless
from mlstage.spec.text import megabytes, milliseconds
from mlstage.targets import iam
from mlstage.targets.alarms import Limit, Metric, alarm
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.fields import Fields, unsupported
from mlstage.targets.logs import log_group, write_logs
from mlstage.targets.place import Place, Reach
from mlstage.targets.sagemaker import checks, scaling
from mlstage.targets.sagemaker.hosting import CONFIG_NAME
from mlstage.targets.sagemaker.metrics import MACHINES, REQUESTS
from mlstage.targets.sagemaker.models import Hosting, hosted_model

_ON_INSTANCES: Final = 'on=SageMaker(instance="ml.m5.xlarge")'
_MORE: Final = No("a serverless endpoint runs one model in one container", _ON_INSTANCES)
_FIELDS: Final = Fields.of(
    "model on replicas purchase p95_latency",
    models=No("SageMaker serves many models from instances only", _ON_INSTANCES),
    preprocess=_MORE,
    postprocess=_MORE,
    weight=_MORE,
    variants=_MORE,
    shadow=No("a shadow takes a copy of the traffic of instances only", _ON_INSTANCES),
    update=No("SageMaker shifts traffic gradually between instances only", _ON_INSTANCES),
    capture=No("requests to a serverless endpoint cannot be captured", _ON_INSTANCES),
)


class SageMakerServerlessTarget:
    """SageMaker Serverless Inference: endpoints only, on CPUs only."""

    name: ClassVar[str] = "SageMakerServerless"
    spec: ClassVar[type[Node]] = SageMakerServerless
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("serverless endpoint, provisioned concurrency"),
        AsyncEndpoint=No("SageMaker runs asynchronous endpoints on instances only", f"{_ON_INSTANCES}, with min=0"),
        BatchInference=No("serverless is for endpoints only", _ON_INSTANCES),
        Training=No("serverless is for endpoints only", _ON_INSTANCES),
        Processing=No("serverless is for endpoints only", _ON_INSTANCES),
        Notebook=No("serverless is for endpoints only", "Notebook(instance=…)"),
        gpu=No("serverless endpoints have no GPU", 'on=SageMaker(instance="ml.g5.xlarge")'),
        neuron=No("serverless endpoints have no Neuron device", 'on=SageMaker(instance="ml.inf2.xlarge")'),
        autoscaling=Yes("by itself; provisioned concurrency by target tracking"),
        scale_to_zero=Yes("by itself"),
        multi_model=No("SageMaker serves many models from instances only", _ON_INSTANCES),
        variants=No("a serverless endpoint has one variant", _ON_INSTANCES),
        inference_pipeline=No("a serverless endpoint runs one container", _ON_INSTANCES),
        gradual_update=No("SageMaker shifts traffic gradually between instances only", _ON_INSTANCES),
        inference_components=No("a serverless endpoint has no instances to share", _ON_INSTANCES),
        private_network=No("serverless endpoints run outside of any VPC", _ON_INSTANCES),
        checkpoint_volume=No("it runs no jobs", 'Eks(…) and Spot(checkpoint=Volume("100GB"))'),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what SageMaker refuses."""
        yield from check(workload, Blame(workload, place))

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for nothing: serverless endpoints run outside of any VPC."""
        del workload, place
        return Reach()

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make nothing: serverless endpoints share nothing."""
        del workloads, place
        return ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a serverless endpoint into its resources."""
        return lower(workload, place)


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a serverless endpoint."""
    spec = workload.workload
    yield from unsupported(blame, SageMakerServerlessTarget.name, _FIELDS)
    yield from _sizes(_serverless(spec), blame)
    replicas = known(spec.replicas)
    if replicas != 1:
        what = "a serverless endpoint has no instances to count"
        instead = "leave `replicas` out: `concurrency` says how many requests are served at once"
        yield blame("AWS137", "replicas", what, instead)
    if isinstance(known(spec.purchase), Spot):
        what = "a serverless endpoint is paid by the request; there is no Spot"
        yield blame("AWS137", "purchase", what, "leave `purchase` out")
    model = known(spec.model)
    yield from checks.model(blame, "model", model, None)
    if known(model.network_isolation):
        what = "a serverless endpoint cannot be cut off from the network"
        yield blame("AWS137", "model.network_isolation", what, f"network_isolation=False, or {_ON_INSTANCES}")
    if known(model.compiled_for):
        what = f"the model is compiled for {known(model.compiled_for)}, and serverless endpoints run on CPUs"
        yield blame("AWS110", "model.compiled_for", what, "a model for CPUs, or an instance with that chip")
    if known(model.architecture) != "x86_64":
        what = "the model's image is arm64, and serverless endpoints run x86_64"
        yield blame("AWS113", "model.architecture", what, 'an image built for x86_64, with architecture="x86_64"')
    size, most = known(model.size), limit("sagemaker.serverless.ephemeral_gb").value
    if size and isinstance(most, int | float) and megabytes(size) > float(most) * 1024:
        what = f"the model is {size}, and a serverless endpoint has {most} GB of disk"
        yield blame("AWS137", "model.size", what, _ON_INSTANCES)


def _sizes(on: SageMakerServerless, blame: Blame) -> Iterator[Diagnostic]:
    choices = limit("sagemaker.serverless.memory_choices_mb").choices
    if (asked := megabytes(known(on.memory))) not in choices:
        fitting = next((choice for choice in choices if isinstance(choice, int) and choice >= asked), choices[-1])
        what = f"a serverless endpoint has 1 to 6 GB of memory in whole GB, not {known(on.memory)}"
        yield blame("AWS134", "on.memory", what, f'memory="{int(fitting) // 1024}GB"')
    most, concurrency = int(limit("sagemaker.serverless.max_concurrency").most), known(on.concurrency)
    if concurrency > most:
        what = f"a serverless endpoint serves {most} requests at once at most, not {concurrency}"
        yield blame("AWS135", "on.concurrency", what, f"concurrency={most} or less, or {_ON_INSTANCES}")
    provisioned = known(on.provisioned)
    if provisioned is None:
        return
    highest = known(provisioned.max) if isinstance(provisioned, Autoscale) else provisioned
    path = "on.provisioned.max" if isinstance(provisioned, Autoscale) else "on.provisioned"
    if highest > concurrency:
        what = f"{highest} places are provisioned of the {concurrency} that there are"
        yield blame("AWS136", path, what, f"{concurrency} or less, or concurrency={highest}")
    if isinstance(provisioned, Autoscale):
        yield from scaling.check(blame, "on.provisioned", provisioned, "serverless", None)
        if known(provisioned.min) < 1:
            what = "scaled provisioned concurrency keeps one place warm at least"
            yield blame("AWS136", "on.provisioned.min", what, "min=1, or leave `provisioned` out")


def _serverless(spec: RealtimeEndpoint) -> SageMakerServerless:
    on = known(spec.on)
    if not isinstance(on, SageMakerServerless):
        raise TypeError(f"{on!r} is not serverless")
    return on


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a serverless endpoint into its resources."""
    spec = workload.workload
    kept = spec.formerly or spec.name
    name = place.physical(kept)
    logs = log_group(place, spec.name, f"/aws/sagemaker/Endpoints/{name}")
    extra = [*write_logs([join(Ref(logs.name, "arn"), ":log-stream:*")]), *iam.use_key(place)]
    hosting = Hosting(None, in_network=False)
    hosted = hosted_model(place, spec.name, kept, (known(spec.model),), hosting, extra)
    config = _configuration(place, spec, kept, Ref(hosted.model.name, "name"))
    provisioned = known(_serverless(spec).provisioned)
    endpoint = Resource(
        place.name(spec.name, "endpoint"),
        "aws.sagemaker.Endpoint",
        {"name": name, "endpoint_config_name": Ref(config.name, "name")},
        (logs.name,),
        options=Options(
            confirm=("endpoint_config_name",),
            locked={MAIN_VARIANT: "serverless, provisioned" if provisioned else "serverless"},
            # AWS refuses to turn an endpoint on instances into a serverless one, or back: it is made anew.
            trigger="serverless",
            delete_before_replace=True,
        ),
        workload=spec.name,
    )
    scaled: tuple[Resource, ...] = ()
    if isinstance(provisioned, Autoscale):
        asked = scaling.Scaled(place, spec.name, endpoint, MAIN_VARIANT, provisioned, scaling.PROVISIONED)
        scaled = scaling.scaling(asked)
    return (logs, *hosted.resources, config, endpoint, *scaled, *_alarms(place, spec, endpoint))


def _configuration(place: Place, spec: RealtimeEndpoint, kept: str, model: Ref) -> Resource:
    on = _serverless(spec)
    capacity: dict[str, Value] = {
        "memory_size_in_mb": int(megabytes(known(on.memory))),
        "max_concurrency": known(on.concurrency),
    }
    if provisioned := known(on.provisioned):
        capacity["provisioned_concurrency"] = (
            known(provisioned.min) if isinstance(provisioned, Autoscale) else provisioned
        )
    variant: Value = {"variant_name": MAIN_VARIANT, "model_name": model, "serverless_config": capacity}
    return Resource(
        place.name(spec.name, "config"),
        "aws.sagemaker.EndpointConfiguration",
        {"name": place.physical(kept, limit=CONFIG_NAME), "production_variants": (variant,)},
        workload=spec.name,
    )


def _alarms(place: Place, spec: RealtimeEndpoint, endpoint: Resource) -> Iterator[Resource]:
    of: dict[str, Value] = {"EndpointName": Ref(endpoint.name, "name"), "VariantName": MAIN_VARIANT}
    if target := known(spec.p95_latency):
        slow = Metric(REQUESTS, "ModelLatency", "p95", of)
        what = f"95 % of the requests to {spec.name} take the model longer than {target}"
        limit_ = Limit(milliseconds(target) * 1000)
        yield alarm(place, spec.name, "latency", what, slow, limit_, comment="ModelLatency is in microseconds.")
    if place.watch is None:
        return
    failing = Metric(REQUESTS, "Invocation5XXErrors", "Average", of)
    what = f"More than {place.watch.errors:g} % of the requests to {spec.name} fail"
    yield alarm(place, spec.name, "errors", what, failing, Limit(place.watch.errors / 100, periods=2))
    full = Metric(MACHINES, "MemoryUtilization", "Average", of)
    what = f"More than {place.watch.busy:g} % of the memory of {spec.name} is in use"
    yield alarm(place, spec.name, "memory-busy", what, full, Limit(place.watch.busy, periods=15))
