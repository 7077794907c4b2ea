"""Processing jobs, as a step of a SageMaker Pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.text import gigabytes_up, seconds
from mlstage.spec.workloads import Processing
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.images import check_image, image_uri
from mlstage.targets.logs import write_job_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.pipelines import Runs, job_stream, job_tags, pipeline, run_jobs, step

# Ours: enough for a framework image and a mid-sized data set; `volume` says otherwise.
_VOLUME_GB: Final = 30
_FOLDER: Final = "/opt/ml/processing"


def check(workload: Resolved[Processing], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a processing job."""
    spec = workload.workload
    name = known(instances_of(spec).instance)
    facts = instance(name)
    yield from checks.instance_type(blame, "on.instance", name, "processing")
    yield from check_image(blame, "image", known(spec.image), facts, "training")
    settings = known(spec.environment)
    yield from checks.hub(blame, "environment", settings, known(spec.network_isolation), "an input in S3")
    inputs, outputs = known(spec.inputs), known(spec.outputs)
    for path, prefixes in (("inputs", inputs), ("outputs", outputs)):
        for address in prefixes.values():
            yield from checks.bucket_region(blame, path, address)
    if isinstance(known(spec.purchase), Spot):
        what = f"processing {spec.name!r} asks for Spot, which SageMaker has for training jobs only"
        yield blame("AWS109", "purchase", what, "purchase=OnDemand(), or leave `purchase` out")
    runtime, longest = known(spec.max_runtime), limit("sagemaker.processing.max_runtime_s").most
    if seconds(runtime) > longest:
        days = int(longest // 86_400)
        what = f"max_runtime={runtime!r} is longer than the {days} days that a processing job may run"
        yield blame("AWS108", "max_runtime", what, f'max_runtime="{days}d" or less, in several jobs')
    most, replicas = int(limit("sagemaker.processing.count").most), known(spec.replicas)
    if replicas > most:
        what = f"a processing job runs on {most} machines at most, not on {replicas}"
        yield blame("AWS148", "replicas", what, f"replicas={most} or less, or bigger machines")
    volume = known(instances_of(spec).volume)
    if facts is not None and volume is not None:
        yield from checks.volume(blame, "on.volume", facts)


def lower(workload: Resolved[Processing], place: Place) -> tuple[Resource, ...]:
    """Turn processing into a job role, a pipeline with one step, and its schedule."""
    spec = workload.workload
    role = _job_role(spec, place)
    steps: list[Value] = [step(spec.name, "Processing", _arguments(spec, place, role), known(spec.retries))]
    may = [*run_jobs(place, "Processing", spec.name, role)]
    runs = Runs(known(spec.schedule), known(spec.on_failure))
    return (*role.resources, *pipeline(place, spec.name, spec.formerly or spec.name, steps, may, runs))


def _image(spec: Processing, place: Place) -> str:
    return image_uri(known(spec.image), place.region, instance(known(instances_of(spec).instance)), "training")


def _job_role(spec: Processing, place: Place) -> iam.Role:
    inputs, outputs = known(spec.inputs), known(spec.outputs)
    statements = [
        *iam.read_objects(place, "Inputs", inputs.values()),
        *iam.write_objects(place, "Outputs", outputs.values()),
        *iam.pull_images(place, [_image(spec, place)]),
        *write_job_logs(place, "/aws/sagemaker/ProcessingJobs", job_stream(spec.name)),
        *iam.publish_metrics(),
        *iam.use_key(place, volumes=True),
        *iam.join_network(place),
    ]
    return iam.role(place, spec.name, "job-role", "sagemaker", statements, f"Jobs of {place.environment}/{spec.name}")


def _arguments(spec: Processing, place: Place, role: iam.Role) -> dict[str, Value]:
    """Write the job as CreateProcessingJob takes it."""
    command: dict[str, Value] = {"ImageUri": _image(spec, place)}
    if entry := known(spec.command):
        command["ContainerEntrypoint"] = tuple(entry)
    if arguments := known(spec.arguments):
        command["ContainerArguments"] = tuple(arguments)
    written: dict[str, Value] = {
        "ProcessingResources": {"ClusterConfig": _cluster(spec, place)},
        "AppSpecification": command,
        "RoleArn": role.arn,
        **_data(spec, place),
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds(known(spec.max_runtime))},
    }
    if variables := known(spec.environment):
        written["Environment"] = dict(sorted(variables.items()))
    if network := _network(spec, place):
        written["NetworkConfig"] = network
    written["Tags"] = job_tags(place, spec.name)
    return written


def _data(spec: Processing, place: Place) -> dict[str, Value]:
    """Write inputs and outputs: each of several machines gets a share of the inputs' objects."""
    shares = "ShardedByS3Key" if known(spec.replicas) > 1 else "FullyReplicated"
    given, left = known(spec.inputs), known(spec.outputs)
    inputs = tuple(_input(name, uri, shares) for name, uri in sorted(given.items()))
    outputs = tuple(_output(name, uri) for name, uri in sorted(left.items()))
    data: dict[str, Value] = {"ProcessingInputs": inputs} if inputs else {}
    if outputs:
        data["ProcessingOutputConfig"] = {"Outputs": outputs, "KmsKeyId": place.key_arn}
    return data


def _input(name: str, uri: str, shares: str) -> dict[str, Value]:
    source: dict[str, Value] = {
        "S3Uri": uri,
        "LocalPath": f"{_FOLDER}/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": shares,
    }
    return {"InputName": name, "AppManaged": False, "S3Input": source}


def _output(name: str, uri: str) -> dict[str, Value]:
    target: dict[str, Value] = {
        "S3Uri": uri,
        "LocalPath": f"{_FOLDER}/output/{name}",
        "S3UploadMode": "EndOfJob",
    }
    return {"OutputName": name, "AppManaged": False, "S3Output": target}


def _cluster(spec: Processing, place: Place) -> dict[str, Value]:
    on = instances_of(spec)
    facts, volume = instance(known(on.instance)), known(on.volume)
    size = gigabytes_up(volume) if volume else _VOLUME_GB
    cluster: dict[str, Value] = {"InstanceType": known(on.instance), "InstanceCount": known(spec.replicas)}
    if facts is not None and facts.nvme_gb:
        # The size must be given and cannot be more than the local disks, which take no key.
        return {**cluster, "VolumeSizeInGB": min(size, facts.nvme_gb)}
    return {**cluster, "VolumeSizeInGB": size, "VolumeKmsKeyId": place.key_arn}


def _network(spec: Processing, place: Place) -> dict[str, Value]:
    network: dict[str, Value] = {}
    if known(spec.replicas) > 1:
        network["EnableInterContainerTrafficEncryption"] = True
    if known(spec.network_isolation):
        network["EnableNetworkIsolation"] = True
    if place.network is not None:
        network["VpcConfig"] = {"SecurityGroupIds": security_groups(place), "Subnets": subnets(place)}
    return network
