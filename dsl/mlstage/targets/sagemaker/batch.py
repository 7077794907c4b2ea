"""Batch inference as SageMaker batch transform, a step of a SageMaker Pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.catalog.instances import instance
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
from mlstage.targets.sagemaker.models import hosted_model
from mlstage.targets.sagemaker.pipelines import job_stream, pipeline, run_jobs
from mlstage.targets.sagemaker.training import job_tags


def check(workload: Resolved[BatchInference], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a batch transform."""
    spec = workload.workload
    name = known(instances_of(spec).instance)
    yield from checks.instance_type(blame, "on.instance", name, "transform")
    yield from checks.model(blame, "model", known(spec.model), instance(name))
    if isinstance(known(spec.purchase), Spot):
        what = f"batch inference {spec.name!r} asks for Spot, which SageMaker batch transform does not have"
        yield blame("AWS109", "purchase", what, "purchase=OnDemand(), or leave `purchase` out")
    if known(instances_of(spec).volume) is not None:
        what = f"batch inference {spec.name!r} asks for a volume, which SageMaker batch transform does not take"
        yield blame("AWS104", "on.volume", what, "leave `volume` out, or take a type with more memory or local disks")


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
    facts = instance(known(instances_of(spec).instance))
    hosted = hosted_model(place, spec.name, kept, known(spec.model), facts, extra)
    steps: list[Value] = [
        {"Name": spec.name, "Type": "Transform", "Arguments": _arguments(spec, place, Ref(hosted.model.name, "name"))}
    ]
    may = [
        *run_jobs(place, "Transform", spec.name, hosted.role),
        iam.allow("ReadModel", ["sagemaker:DescribeModel"], [Ref(hosted.model.name, "arn")]),
    ]
    return (*hosted.resources, *pipeline(place, spec.name, kept, steps, may, known(spec.schedule)))


def _arguments(spec: BatchInference, place: Place, model: Ref) -> dict[str, Value]:
    """Write the job as CreateTransformJob takes it: one line of the input is one record."""
    name = known(instances_of(spec).instance)
    facts = instance(name)
    resources: dict[str, Value] = {"InstanceType": name, "InstanceCount": known(spec.replicas)}
    if facts is not None and not facts.nvme_gb:
        resources["VolumeKmsKeyId"] = place.key_arn
    source: dict[str, Value] = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": known(spec.input)}}
    kind = known(spec.content_type)
    return {
        "ModelName": model,
        "TransformInput": {"DataSource": source, "ContentType": kind, "SplitType": "Line"},
        "TransformOutput": {
            "S3OutputPath": known(spec.output),
            "Accept": kind,
            "AssembleWith": "Line",
            "KmsKeyId": place.key_arn,
        },
        "TransformResources": resources,
        "Tags": job_tags(place, spec.name),
    }
