"""Batch inference as SageMaker batch transform, a step of a SageMaker Pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Ref, Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.workloads import BatchInference
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.logs import write_job_logs
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.models import Hosting, hosted_model
from mlstage.targets.sagemaker.pipelines import Runs, job_stream, job_tags, pipeline, run_jobs, step

_OWN_PAYLOAD_MB: Final = 6  # what AWS takes when a job says nothing (limits.json: sagemaker.transform.max_payload_mb)


def check(workload: Resolved[BatchInference], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a batch transform."""
    spec = workload.workload
    name = known(instances_of(spec).instance)
    facts = instance(name)
    yield from checks.instance_type(blame, "on.instance", name, "transform")
    preprocess, postprocess = known(spec.preprocess), known(spec.postprocess)
    containers = [
        *((f"preprocess.{index}", one) for index, one in enumerate(preprocess)),
        ("model", known(spec.model)),
        *((f"postprocess.{index}", one) for index, one in enumerate(postprocess)),
    ]
    for path, model in containers:
        yield from checks.model(blame, path, model, facts)
    for path in ("input", "output"):
        yield from checks.bucket_region(blame, path, known(getattr(spec, path)))
    if isinstance(known(spec.purchase), Spot):
        what = f"batch inference {spec.name!r} asks for Spot, which SageMaker batch transform does not have"
        yield blame("AWS109", "purchase", what, "purchase=OnDemand(), or leave `purchase` out")
    if known(instances_of(spec).volume) is not None:
        what = f"batch inference {spec.name!r} asks for a volume, which SageMaker batch transform does not take"
        yield blame("AWS104", "on.volume", what, "leave `volume` out, or take a type with more memory or local disks")
    yield from _payloads(spec, blame)
    yield from _records(spec, blame)
    most = int(limit("sagemaker.transform.count").most)
    if known(spec.replicas) > most:
        what = f"a batch transform runs on {most} machines at most, not on {known(spec.replicas)}"
        yield blame("AWS148", "replicas", what, f"replicas={most} or less, or bigger machines")


def _payloads(spec: BatchInference, blame: Blame) -> Iterator[Diagnostic]:
    payload, concurrency = known(spec.payload), known(spec.concurrency) or 1
    most = int(limit("sagemaker.transform.max_payload_mb").most)
    if payload is not None and payload > most:
        what = f"a request of a batch transform holds {most} MB at most, not {payload}"
        yield blame("AWS148", "payload", what, f"payload={most} or less, or payload=0, which sends any size in chunks")
        return
    together = limit("sagemaker.transform.payload_times_concurrency_mb").most
    size = _OWN_PAYLOAD_MB if payload is None else payload
    if size * concurrency > together:
        what = f"{concurrency} requests of {size} MB at once are {size * concurrency} MB; AWS takes {together:g} MB"
        instead = f"concurrency={int(together // size)} or less, or a smaller payload"
        yield blame("AWS148", "concurrency", what, instead)
    if payload == 0 and concurrency > 1:
        what = "requests sent in chunks (payload=0) go one after the other"
        yield blame("AWS148", "concurrency", what, "leave `concurrency` out, or give a payload in MB")


def _records(spec: BatchInference, blame: Blame) -> Iterator[Diagnostic]:
    split = known(spec.split)
    if known(spec.strategy) == "MultiRecord" and split == "None":
        what = 'strategy="MultiRecord" puts records together, and split="None" makes each object one record'
        yield blame("AWS147", "strategy", what, 'split="Line"')
    if known(spec.join_input) and split not in ("Line", "None"):
        what = f"answers are joined to lines of CSV or JSON only, and split={split!r}"
        yield blame("AWS147", "join_input", what, 'split="Line", or join_input=False')


def lower(workload: Resolved[BatchInference], place: Place) -> tuple[Resource, ...]:
    """Turn batch inference into a model, a pipeline with one transform step, and its schedule."""
    spec = workload.workload
    kept = spec.formerly or spec.name
    extra = [
        *iam.read_objects(place, "Input", [known(spec.input)]),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *write_job_logs(place, "/aws/sagemaker/TransformJobs", job_stream(spec.name)),
        *iam.use_key(place, volumes=True),
    ]
    containers = (*known(spec.preprocess), known(spec.model), *known(spec.postprocess))
    hosting = Hosting(instance(known(instances_of(spec).instance)))
    hosted = hosted_model(place, spec.name, kept, containers, hosting, extra)
    arguments = _arguments(spec, place, Ref(hosted.model.name, "name"))
    steps: list[Value] = [step(spec.name, "Transform", arguments, known(spec.retries))]
    may = [
        *run_jobs(place, "Transform", spec.name, hosted.role),
        iam.allow("ReadModel", ["sagemaker:DescribeModel"], [Ref(hosted.model.name, "arn")]),
    ]
    runs = Runs(known(spec.schedule), known(spec.on_failure))
    return (*hosted.resources, *pipeline(place, spec.name, kept, steps, may, runs))


def _arguments(spec: BatchInference, place: Place, model: Ref) -> dict[str, Value]:
    """Write the job as CreateTransformJob takes it."""
    name = known(instances_of(spec).instance)
    facts = instance(name)
    resources: dict[str, Value] = {"InstanceType": name, "InstanceCount": known(spec.replicas)}
    if facts is not None and not facts.nvme_gb:
        resources["VolumeKmsKeyId"] = place.key_arn
    source: dict[str, Value] = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": known(spec.input)}}
    kind, split = known(spec.content_type), known(spec.split)
    arguments: dict[str, Value] = {
        "ModelName": model,
        "TransformInput": {"DataSource": source, "ContentType": kind, "SplitType": split},
        "TransformOutput": {
            "S3OutputPath": known(spec.output),
            "Accept": kind,
            "AssembleWith": "Line" if split == "Line" else "None",
            "KmsKeyId": place.key_arn,
        },
        "TransformResources": resources,
        **_sending(spec),
        "Tags": job_tags(place, spec.name),
    }
    return arguments


def _sending(spec: BatchInference) -> dict[str, Value]:
    wanted: dict[str, Value] = {
        "BatchStrategy": known(spec.strategy),
        "MaxPayloadInMB": known(spec.payload),
        "MaxConcurrentTransforms": known(spec.concurrency),
    }
    filters: dict[str, Value] = {
        "InputFilter": known(spec.input_filter),
        "OutputFilter": known(spec.output_filter),
        "JoinSource": "Input" if known(spec.join_input) else None,
    }
    chosen = {name: value for name, value in filters.items() if value is not None}
    if chosen:
        wanted["DataProcessing"] = chosen
    return {name: value for name, value in wanted.items() if value is not None}
