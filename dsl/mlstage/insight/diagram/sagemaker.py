"""SageMaker: endpoints with what they run on, models, pipelines with their jobs, notebooks, monitoring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.graph import JsonDocument, Resource, Value
from mlstage.insight.diagram import stores
from mlstage.insight.diagram.callers import asked
from mlstage.insight.diagram.model import Edge, Mark, Node
from mlstage.insight.diagram.paint import (
    SPOT,
    VPC,
    Context,
    Painters,
    Piece,
    accelerator,
    given,
    machines,
    marks,
    number,
    referred,
    scaled_on,
    span,
    to_zero,
)
from mlstage.insight.diagram.words import duration, image_name, plural, short_name, when
from mlstage.rules.truth import Field, field
from mlstage.rules.views.endpoints import CONFIGURATION, ENDPOINT
from mlstage.rules.views.links import follow
from mlstage.rules.views.pipelines import PIPELINE, Job, jobs

MODEL: Final = "aws.sagemaker.Model"
NOTEBOOK: Final = "aws.sagemaker.NotebookInstance"
_LIFECYCLE: Final = "aws.sagemaker.NotebookInstanceLifecycleConfiguration"
_SCHEDULED: Final = "aws.sagemaker.MonitoringSchedule"
_QUALITY: Final = "aws.sagemaker.DataQualityJobDefinition"
_MOST_STEPS: Final = 5


def endpoint(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show an endpoint with its configuration and what scales it as one node."""
    found = follow(context.graph, field(resource, "endpoint_config_name"), CONFIGURATION).resources
    lines: list[str] = []
    seen: list[Mark | tuple[Mark, ...] | None] = []
    asynchronous = False
    for config in found:
        asynchronous = asynchronous or given(config, "async_inference_config")
        for variant in field(config, "production_variants").items():
            lines += _variant(resource, variant, context, seen)
            yield from _served(resource, variant, context)
        yield from _around(resource, config)
    label = "SageMaker asynchronous endpoint" if asynchronous else "SageMaker endpoint"
    for moment in _rollout(field(resource, "deployment_config")):
        lines.append(moment)
    yield Node(
        resource.name,
        "serves",
        label,
        short_name(resource, context.graph),
        tuple(dict.fromkeys(lines)),
        marks(*seen),
        resource.workload,
        (*(config.name for config in found), *context.scalers(resource)),
    )
    yield from asked(resource.name, resource.workload, context)


def _variant(
    resource: Resource, variant: Field, context: Context, seen: list[Mark | tuple[Mark, ...] | None]
) -> Iterator[str]:
    name = variant["variant_name"].text or ""
    label = "" if name in ("", "AllTraffic") else f"{name}: "
    serverless = variant["serverless_config"]
    if serverless.value is not None:
        memory, most = number(serverless["memory_size_in_mb"]), number(serverless["max_concurrency"])
        yield f"{label}serverless, {'?' if memory is None else f'{memory / 1024:g}'} GB"
        if most is not None:
            yield f"at most {most:g} requests at once"
        if warm := number(serverless["provisioned_concurrency"]):
            bounds = context.scaling.bounds(resource, warm, variant=name)
            yield f"{span(bounds)} kept warm"
            yield from scaled_on(bounds)
        return
    machine = variant["instance_type"].text
    count = number(variant["initial_instance_count"])
    bounds = context.scaling.bounds(resource, 1.0 if count is None else count, variant=name)
    yield f"{label}{machines(bounds, machine or variant['instance_type'].shown)}"
    yield from scaled_on(bounds)
    seen += [accelerator(machine), to_zero(bounds)]


def _served(resource: Resource, variant: Field, context: Context) -> Iterator[Piece]:
    """Show which model a variant serves, and with several variants, for which share of the requests."""
    model = context.first(variant["model_name"], MODEL)
    weight = number(variant["initial_variant_weight"])
    if model is not None:
        yield Edge(model.name, resource.name, "data", "" if weight is None else f"weight {weight:g}")


def _around(resource: Resource, config: Resource) -> Iterator[Piece]:
    capture = field(config, "data_capture_config")
    share = number(capture["initial_sampling_percentage"])
    if capture.value is not None:
        label = "captured" if share is None else f"{share:g} % captured"
        yield from stores.writes(resource.name, capture["destination_s3_uri"].value, label)
    output = field(config, "async_inference_config")["output_config"]
    yield from stores.writes(resource.name, output["s3_output_path"].value, "answers")
    yield from stores.writes(resource.name, output["s3_failure_path"].value, "failures")
    for key, label in (("success_topic", "answered"), ("error_topic", "failed")):
        if topic := referred(output["notification_config"][key].value):
            yield Edge(resource.name, topic, "control", label)


def _rollout(deployment: Field) -> Iterator[str]:
    kind = deployment["blue_green_update_policy"]["traffic_routing_configuration"]["type"].text
    if kind in ("CANARY", "LINEAR"):
        yield f"{kind.lower()} roll-out"
    elif deployment["rolling_update_policy"].value is not None:
        yield "rolling update"


def model(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a model by its image, and where its artifacts come from."""
    containers = (*field(resource, "primary_container").items(), *field(resource, "containers").items())
    images = [image_name(image) for one in containers if (image := one["image"].text)]
    title = images[0] if images else short_name(resource, context.graph)
    lines = tuple(f"then {image}" for image in images[1:])
    many = tuple("several models in one container" for one in containers if one["mode"].text == "MultiModel")
    vpc = VPC if given(resource, "vpc_config") else None
    yield Node(resource.name, "model", "SageMaker model", title, (*lines, *many), marks(vpc), resource.workload)
    for one in containers:
        artifact = one["model_data_url"]
        if artifact.value is None:
            artifact = one["model_data_source"]["s3_data_source"]["s3_uri"]
        yield from stores.reads(resource.name, artifact.value, "artifacts")


def pipeline(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a pipeline with its jobs as one node, and what they read and write."""
    found = [job for job in jobs(resource) if job.name]
    lines = [line for job in found[:_MOST_STEPS] for line in _job(job, len(found) > 1)]
    if len(found) > _MOST_STEPS:
        lines.append(f"and {plural('step', len(found) - _MOST_STEPS)} more")
    types = [name for job in found for one in job.instance_types if (name := one.text)]
    spot = SPOT if any(job.spot.is_true().value for job in found) else None
    vpc = VPC if any(job.arguments["VpcConfig"].value is not None for job in found) else None
    yield Node(
        resource.name,
        "works",
        "SageMaker pipeline",
        short_name(resource, context.graph),
        tuple(lines) or ("its definition is not known",),
        marks(spot, *(accelerator(name) for name in types), vpc),
        resource.workload,
    )
    for job in found:
        yield from stores.in_document(resource.name, job.arguments.value)
        used = context.first(job.arguments["ModelName"], MODEL)
        if used is not None:
            yield Edge(used.name, resource.name, "data", "model")


def _job(job: Job, several: bool) -> Iterator[str]:
    counts = [count for count in _found(job.arguments.value, "InstanceCount") if isinstance(count, int)]
    types = ", ".join(one.text or one.shown for one in job.instance_types)
    kind = {"Transform": "batch transform", "Tuning": "tuning"}.get(job.kind, job.kind.lower())
    step = f"{job.name}: " if several else ""
    yield f"{step}{kind} on {counts[0] if counts else 1} \N{MULTIPLICATION SIGN} {types}"
    limits = [limit for limit in _found(job.arguments.value, "MaxRuntimeInSeconds") if isinstance(limit, int)]
    if limits and not several:
        yield f"stopped after {duration(limits[0])}"


def _found(value: Value, key: str) -> Iterator[Value]:
    if isinstance(value, JsonDocument):
        value = value.value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from _found(inner, key)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _found(inner, key)


def notebook(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a notebook instance with its lifecycle configuration."""
    machine = field(resource, "instance_type")
    lifecycle = context.first(field(resource, "lifecycle_config_name"), _LIFECYCLE)
    lines = [machine.text or machine.shown]
    if lifecycle is not None and given(lifecycle, "on_start"):
        lines.append("runs a script at every start")
    if field(resource, "direct_internet_access").text == "Disabled":
        lines.append("no direct way to the internet")
    vpc = VPC if given(resource, "subnet_id") else None
    yield Node(
        resource.name,
        "works",
        "SageMaker notebook",
        short_name(resource, context.graph),
        tuple(lines),
        marks(accelerator(machine.text), vpc),
        resource.workload,
        (lifecycle.name,) if lifecycle else (),
    )


def monitoring(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a monitoring schedule with the job that it runs."""
    config = field(resource, "monitoring_schedule_config")
    job = context.first(config["monitoring_job_definition_name"], _QUALITY)
    expression = config["schedule_config"]["schedule_expression"].text or ""
    lines = [when(expression)] if expression else []
    if job is not None:
        cluster = field(job, "job_resources")["cluster_config"]
        count = number(cluster["instance_count"]) or 1
        lines.append(f"{count:g} \N{MULTIPLICATION SIGN} {cluster['instance_type'].shown}")
    title = short_name(resource, context.graph)
    names = (job.name,) if job else ()
    yield Node(resource.name, "works", "Model monitoring", title, tuple(lines), (), resource.workload, names)
    if job is not None:
        watched = context.first(field(job, "data_quality_job_input")["endpoint_input"]["endpoint_name"], ENDPOINT)
        if watched is not None:
            yield Edge(watched.name, resource.name, "data", "captured requests")
        output = field(job, "data_quality_job_output_config")["monitoring_outputs"]["s3_output"]["s3_uri"]
        yield from stores.writes(resource.name, output.value, "reports")


def feature_group(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a feature group and its offline store."""
    online = field(resource, "online_store_config")["enable_online_store"].is_true().value
    lines = ("online store",) if online else ()
    name = short_name(resource, context.graph)
    yield Node(resource.name, "store", "SageMaker feature group", name, lines, workload=resource.workload)
    offline = field(resource, "offline_store_config")["s3_storage_config"]["s3_uri"]
    yield from stores.writes(resource.name, offline.value, "offline store")


def domain(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a Studio domain."""
    name = short_name(resource, context.graph)
    yield Node(resource.name, "works", "SageMaker domain", name, marks=marks(VPC), workload=resource.workload)


PAINTERS: Painters = {
    ENDPOINT: endpoint,
    MODEL: model,
    PIPELINE: pipeline,
    NOTEBOOK: notebook,
    _SCHEDULED: monitoring,
    "aws.sagemaker.FeatureGroup": feature_group,
    "aws.sagemaker.Domain": domain,
}
