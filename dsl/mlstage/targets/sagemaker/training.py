"""Training jobs, as a step of a SageMaker Pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.catalog.instances import instance
from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot
from mlstage.spec.text import gigabytes_up, seconds
from mlstage.spec.workloads import Training
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.images import check_image, image_uri
from mlstage.targets.logs import write_job_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.pipelines import job_stream, pipeline, run_jobs

# Ours: enough for a framework image and a mid-sized data set; `volume` says otherwise.
_VOLUME_GB = 30


def check(workload: Resolved[Training], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a training job."""
    spec = workload.workload
    on = instances_of(spec)
    name = known(on.instance)
    facts = instance(name)
    yield from checks.instance_type(blame, "on.instance", name, "training")
    yield from check_image(blame, "image", known(spec.image), facts, "training")
    runtime = known(spec.max_runtime)
    longest = limit("sagemaker.training.max_runtime_s").most
    if seconds(runtime) > longest:
        days = int(longest // 86_400)
        what = f"max_runtime={runtime!r} is longer than the {days} days that a training job may run"
        yield blame("AWS108", "max_runtime", what, f'max_runtime="{days}d" or less, restarting from a checkpoint')
    if facts is None:
        return
    if known(on.volume) is not None:
        yield from checks.volume(blame, "on.volume", facts)
    if isinstance(known(spec.purchase), Spot) and not facts.spot:
        what = f"{name} is not sold on Spot"
        yield blame("AWS115", "purchase", what, "purchase=OnDemand(), or another instance type")


def lower(workload: Resolved[Training], place: Place) -> tuple[Resource, ...]:
    """Turn training into a job role, a pipeline with one step, and its schedule."""
    spec = workload.workload
    step = spec.name
    role = _job_role(spec, place, step)
    arguments = _arguments(spec, place, role)
    steps: list[Value] = [{"Name": step, "Type": "Training", "Arguments": arguments}]
    may = [*run_jobs(place, "Training", step, role)]
    made = pipeline(place, spec.name, spec.formerly or spec.name, steps, may, known(spec.schedule))
    return (*role.resources, *made)


def _job_role(spec: Training, place: Place, step: str) -> iam.Role:
    purchase = known(spec.purchase)
    checkpoint = known(purchase.checkpoint) if isinstance(purchase, Spot) else None
    statements = [
        *iam.read_objects(place, "Inputs", known(spec.inputs).values()),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *iam.keep_objects(place, "Checkpoint", [checkpoint] if checkpoint else []),
        *iam.pull_images(place, [_image(spec, place)]),
        *write_job_logs(place, "/aws/sagemaker/TrainingJobs", job_stream(step)),
        *iam.publish_metrics(),
        *iam.use_key(place, volumes=True),
        *iam.join_network(place),
    ]
    return iam.role(place, spec.name, "job-role", "sagemaker", statements, f"Jobs of {place.environment}/{spec.name}")


def _image(spec: Training, place: Place) -> str:
    return image_uri(known(spec.image), place.region, instance(known(instances_of(spec).instance)), "training")


def _arguments(spec: Training, place: Place, role: iam.Role) -> dict[str, Value]:
    """Write the job as CreateTrainingJob takes it."""
    arguments: dict[str, Value] = {
        "AlgorithmSpecification": {"TrainingImage": _image(spec, place), "TrainingInputMode": "File"},
        "RoleArn": role.arn,
        "InputDataConfig": tuple(_channel(name, uri) for name, uri in sorted(known(spec.inputs).items())),
        "OutputDataConfig": {"S3OutputPath": known(spec.output), "KmsKeyId": place.key_arn},
        "ResourceConfig": _resources(spec, place),
        **_stopping(spec),
    }
    if parameters := known(spec.hyperparameters):
        arguments["HyperParameters"] = dict(sorted(parameters.items()))
    if variables := known(spec.environment):
        arguments["Environment"] = dict(sorted(variables.items()))
    if known(spec.replicas) > 1:
        arguments["EnableInterContainerTrafficEncryption"] = True
    if place.network is not None:
        arguments["VpcConfig"] = {"SecurityGroupIds": security_groups(place), "Subnets": subnets(place)}
    arguments["Tags"] = job_tags(place, spec.name)
    return arguments


def job_tags(place: Place, workload: str) -> tuple[Value, ...]:
    """Tag the jobs themselves, which the pipeline makes and no pass sees."""
    tags = {"environment": place.environment, "stack": place.stack, "workload": workload}
    return tuple({"Key": f"mlstage:{key}", "Value": value} for key, value in tags.items())


def _channel(name: str, uri: str) -> dict[str, Value]:
    source: dict[str, Value] = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _resources(spec: Training, place: Place) -> dict[str, Value]:
    on = instances_of(spec)
    facts = instance(known(on.instance))
    config: dict[str, Value] = {"InstanceType": known(on.instance), "InstanceCount": known(spec.replicas)}
    if facts is not None and not facts.nvme_gb:  # local disks take neither a size nor a key
        volume = known(on.volume)
        config["VolumeSizeInGB"] = gigabytes_up(volume) if volume else _VOLUME_GB
        config["VolumeKmsKeyId"] = place.key_arn
    return config


def _stopping(spec: Training) -> dict[str, Value]:
    """On Spot the job may wait for capacity as long again as it may run; on demand AWS refuses a waiting time."""
    purchase, runtime = known(spec.purchase), seconds(known(spec.max_runtime))
    if not isinstance(purchase, Spot):
        return {"StoppingCondition": {"MaxRuntimeInSeconds": runtime}}
    spot: dict[str, Value] = {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": 2 * runtime},
    }
    if checkpoint := known(purchase.checkpoint):
        spot["CheckpointConfig"] = {"S3Uri": checkpoint}
    return spot
