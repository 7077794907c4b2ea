"""Real-time endpoints on instances: one model or many, variants and shadows, containers in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.endpoints import RealtimeEndpoint, Shadow, Variant
from mlstage.spec.images import Triton
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.targets import SageMaker
from mlstage.spec.text import image_address, milliseconds
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import capture, checks, scaling, updates
from mlstage.targets.sagemaker.fleets import Fleet, fleets_of, shadow_of
from mlstage.targets.sagemaker.hosting import configuration, endpoint_of, hosted_fleets
from mlstage.targets.sagemaker.metrics import Kind


def check(workload: Resolved[RealtimeEndpoint], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a real-time endpoint."""
    spec = workload.workload
    elsewhere = [*_on_something_else(spec, blame)]
    yield from elsewhere
    if elsewhere:
        return
    fleets, shadow = fleets_of(spec), shadow_of(spec)
    for fleet in (*fleets, *([shadow] if shadow else [])):
        yield from fleet_problems(blame, fleet)
    yield from _several(spec, blame, fleets)
    yield from updates.check(blame, spec, fleets)
    yield from capture.check(blame, spec)
    longest = limit("sagemaker.realtime.timeout_s").most
    target = known(spec.p95_latency)
    if target and milliseconds(target) > longest * 1000:
        what = f"p95_latency={target!r} is more than the {longest:g} s that a real-time endpoint has for an answer"
        yield blame("AWS148", "p95_latency", what, "a shorter one, or an AsyncEndpoint, which has an hour")


def fleet_problems(blame: Blame, fleet: Fleet, kind: Kind = "real-time") -> Iterator[Diagnostic]:
    """Yield what is wrong with one variant: its machine, its containers, its scaling."""
    name, facts = known(fleet.on.instance), fleet.facts
    path = fleet.at("on.instance")
    scales = fleet.autoscale is not None
    yield from checks.instance_type(blame, path, name, "hosting", burstable=not scales)
    for at, model in _containers(fleet, blame):
        yield from checks.model(blame, at, model, facts)
    if facts is None:
        return
    if known(fleet.on.volume) is not None:
        yield from checks.volume(blame, fleet.at("on.volume"), facts)
    if facts.burstable and scales and "hosting" in facts.uses:
        steady = checks.alternatives(facts, "hosting", burstable=False)
        what = f"{name} is burstable, and SageMaker does not auto-scale burstable instances"
        instead = f"a number of replicas, or an instance such as {steady}"
        yield blame("AWS103", fleet.at("replicas"), what, instead)
    if fleet.autoscale is not None:
        yield from scaling.check(blame, fleet.at("replicas"), fleet.autoscale, kind, facts)


def _containers(fleet: Fleet, blame: Blame) -> Iterator[tuple[str, Model]]:
    spec = blame.workload.workload
    if fleet.part or not isinstance(spec, RealtimeEndpoint):
        yield fleet.at("model"), fleet.containers[0]
        return
    before, after = known(spec.preprocess), known(spec.postprocess)
    yield from ((f"preprocess.{index}", one) for index, one in enumerate(before))
    yield "model", known(spec.model)
    yield from ((f"postprocess.{index}", one) for index, one in enumerate(after))


def _on_something_else(spec: RealtimeEndpoint, blame: Blame) -> Iterator[Diagnostic]:
    shadow, variants = known(spec.shadow), known(spec.variants)
    nodes: list[tuple[str, Variant | Shadow]] = [(f"variants.{index}", one) for index, one in enumerate(variants)]
    for path, node in [*nodes, *([("shadow", shadow)] if shadow else [])]:
        on = known(node.on)
        if on is not None and not isinstance(on, SageMaker):
            what = f"the variants of one endpoint all run on instances, and this one is on {type(on).__name__}"
            yield blame("AWS140", f"{path}.on", what, 'on=SageMaker(instance="ml.m5.xlarge")')


def _several(spec: RealtimeEndpoint, blame: Blame, fleets: Sequence[Fleet]) -> Iterator[Diagnostic]:
    most = int(limit("sagemaker.variant.list").most)
    if len(fleets) > most:
        what = f"an endpoint has {most} variants at most, and this one {len(fleets)}"
        yield blame("AWS140", "variants", what, f"at most {most - 1} beside the endpoint's own model")
    if known(spec.shadow) and len(fleets) > 1:
        what = "an endpoint with a shadow has one variant beside it"
        yield blame("AWS140", "shadow", what, "leave `variants` out, or `shadow`")
    if len(parts := [fleet.part for fleet in fleets]) != len(set(parts)):
        yield blame("AWS140", "variants", "two variants differ in case only", "names that differ in their letters")
    containers = len(fleets[0].containers)
    if containers > (most := int(limit("sagemaker.model.containers").most)):
        what = f"a request passes {most} containers at most, and here {containers}"
        yield blame("AWS140", "preprocess", what, "fewer containers that do more each")
    if known(spec.models) is not None:
        yield from _multi_model(spec, blame, fleets[0])


def _multi_model(spec: RealtimeEndpoint, blame: Blame, fleet: Fleet) -> Iterator[Diagnostic]:
    model, facts = known(spec.model), fleet.facts
    if known(model.artifact) is not None:
        what = "a multi-model endpoint loads the archives below `models`, and its model names an artifact as well"
        yield blame("AWS138", "model.artifact", what, "leave `artifact` out, or `models`")
    if len(fleet.containers) > 1:
        what = "a multi-model endpoint has one container"
        yield blame("AWS138", "models", what, "leave `preprocess` and `postprocess` out, or `models`")
    kind = facts.accelerator.kind if facts and facts.accelerator else ""
    if facts and kind and kind != "nvidia":
        what = f"AWS has multi-model endpoints on CPUs and GPUs only, and {facts.name} has neither"
        yield blame("AWS138", fleet.at("on.instance"), what, '"ml.m5.xlarge", or "ml.g5.xlarge" with Triton')
    if facts and kind == "nvidia" and not _is_triton(model):
        what = f"on a GPU ({facts.name}) a multi-model endpoint needs Triton, which this image does not seem to be"
        yield blame("AWS138", "model.image", what, 'image=Triton("25.04"), or an instance without a GPU')


def _is_triton(model: Model) -> bool:
    image = known(model.image)
    return isinstance(image, Triton) or (isinstance(image, str) and "triton" in image_address(image).repository)


def lower(workload: Resolved[RealtimeEndpoint], place: Place) -> tuple[Resource, ...]:
    """Turn a real-time endpoint into its resources."""
    spec = workload.workload
    fleets, shadow = fleets_of(spec), shadow_of(spec)
    kept = known(spec.capture)
    extra = [*iam.write_objects(place, "Capture", [known(kept.to)])] if kept else []
    everything = (*fleets, shadow) if shadow else fleets
    logs, models = hosted_fleets(place, spec, everything, extra)
    rest: dict[str, Value] = {}
    if shadow:
        rest["shadow_production_variants"] = (shadow.props(models[-1]),)
    if kept:
        rest["data_capture_config"] = capture.configuration(place, kept)
    config = configuration(place, spec, fleets, models, rest)
    endpoint = endpoint_of(place, spec, fleets, config, logs)
    hosted = [resource for model in models for resource in model.resources]
    monitored = capture.monitoring(place, spec, kept, endpoint.endpoint) if kept else ()
    return (logs, *hosted, *endpoint.resources, *monitored)
