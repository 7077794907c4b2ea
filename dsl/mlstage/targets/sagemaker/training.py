"""Training jobs, as a step of a SageMaker Pipeline."""

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
from mlstage.spec.training import Mpi, ParameterServer, Torchrun
from mlstage.spec.workloads import Training
from mlstage.targets import checkpoints, iam
from mlstage.targets.base import Blame
from mlstage.targets.images import check_image, image_uri
from mlstage.targets.logs import write_job_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks, tuning
from mlstage.targets.sagemaker.instances import instances_of
from mlstage.targets.sagemaker.pipelines import Runs, job_stream, job_tags, pipeline, run_jobs, step

# Ours: enough for a framework image and a mid-sized data set; `volume` says otherwise.
_VOLUME_GB: Final = 30


def check(workload: Resolved[Training], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a training job."""
    spec = workload.workload
    on = instances_of(spec)
    name = known(on.instance)
    facts = instance(name)
    yield from checks.instance_type(blame, "on.instance", name, "training")
    yield from check_image(blame, "image", known(spec.image), facts, "training")
    yield from _data(spec, blame)
    yield from _runtime(spec, blame)
    yield from _pool(spec, blame)
    if (search := known(spec.tune)) is not None:
        yield from tuning.check(blame, spec, search)
    if facts is None:
        return
    if known(on.volume) is not None:
        yield from checks.volume(blame, "on.volume", facts)
    if isinstance(known(spec.purchase), Spot) and not facts.spot:
        what = f"{name} is not sold on Spot"
        yield blame("AWS115", "purchase", what, "purchase=OnDemand(), or another instance type")


def _data(spec: Training, blame: Blame) -> Iterator[Diagnostic]:
    inputs, parameters, variables = known(spec.inputs), known(spec.hyperparameters), known(spec.environment)
    most = int(limit("sagemaker.training.inputs").most)
    if len(inputs) > most:
        what = f"a training job has {most} channels at most, and this one {len(inputs)}"
        yield blame("AWS149", "inputs", what, "prefixes that hold more, or a manifest")
    for address in (*inputs.values(), known(spec.output)):
        yield from checks.bucket_region(blame, "inputs" if address in inputs.values() else "output", address)
    isolated, instead = (
        known(spec.network_isolation),
        'a channel with the model in S3, such as inputs={"model": "s3://…"}',
    )
    yield from checks.hub(blame, "hyperparameters", dict(parameters), isolated, instead)
    yield from checks.hub(blame, "environment", dict(variables), isolated, instead)


def _runtime(spec: Training, blame: Blame) -> Iterator[Diagnostic]:
    runtime, longest = known(spec.max_runtime), limit("sagemaker.training.max_runtime_s").most
    if seconds(runtime) > longest:
        days = int(longest // 86_400)
        what = f"max_runtime={runtime!r} is longer than the {days} days that a training job may run"
        yield blame("AWS108", "max_runtime", what, f'max_runtime="{days}d" or less, restarting from a checkpoint')


def _pool(spec: Training, blame: Blame) -> Iterator[Diagnostic]:
    warm = known(spec.keep_warm)
    if warm is None:
        return
    if isinstance(known(spec.purchase), Spot):
        what = "keep_warm keeps the machines after a job, and AWS has no warm pools of Spot machines"
        yield blame("AWS144", "keep_warm", what, "leave `keep_warm` out, or purchase=OnDemand()")
    longest = limit("sagemaker.training.keepalive_s").most
    if seconds(warm) > longest:
        what = f"AWS keeps the machines of a warm pool for {longest / 3600:g} hours at most, not for {warm}"
        yield blame("AWS144", "keep_warm", what, f'keep_warm="{longest // 3600:g}h" or less')


def lower(workload: Resolved[Training], place: Place) -> tuple[Resource, ...]:
    """Turn training into a job role, a pipeline with one step, and its schedule."""
    spec = workload.workload
    search = known(spec.tune)
    # Pipelines cannot be told how the jobs of a search are named, so its logs may be any of the account's training.
    role = _job_role(spec, place, "*" if search else job_stream(spec.name))
    job = _arguments(spec, place, role)
    if search:
        written = step(spec.name, "Tuning", tuning.arguments(search, job), known(spec.retries))
        may = [*tuning.run_search(place, role)]
    else:
        written = step(spec.name, "Training", job, known(spec.retries))
        may = [*run_jobs(place, "Training", spec.name, role)]
    runs = Runs(known(spec.schedule), known(spec.on_failure))
    return (*role.resources, *pipeline(place, spec.name, spec.formerly or spec.name, [written], may, runs))


def _job_role(spec: Training, place: Place, streams: str) -> iam.Role:
    code, inputs = known(spec.code), known(spec.inputs)
    statements = [
        *iam.read_objects(place, "Inputs", [*inputs.values(), *([code] if code else [])]),
        *iam.write_objects(place, "Output", [known(spec.output)]),
        *iam.keep_objects(place, "Checkpoint", checkpoints.prefixes(spec)),
        *iam.pull_images(place, [_image(spec, place)]),
        *write_job_logs(place, "/aws/sagemaker/TrainingJobs", streams),
        *iam.publish_metrics(),
        *iam.use_key(place, volumes=True),
        *iam.join_network(place),
    ]
    return iam.role(place, spec.name, "job-role", "sagemaker", statements, f"Jobs of {place.environment}/{spec.name}")


def _image(spec: Training, place: Place) -> str:
    return image_uri(known(spec.image), place.region, instance(known(instances_of(spec).instance)), "training")


def _arguments(spec: Training, place: Place, role: iam.Role) -> dict[str, Value]:
    """Write the job as CreateTrainingJob takes it."""
    inputs, metrics = known(spec.inputs), known(spec.metrics)
    algorithm: dict[str, Value] = {
        "TrainingImage": _image(spec, place),
        "TrainingInputMode": known(spec.input_mode),
    }
    if metrics:
        algorithm["MetricDefinitions"] = tuple({"Name": name, "Regex": text} for name, text in sorted(metrics.items()))
    arguments: dict[str, Value] = {
        "AlgorithmSpecification": algorithm,
        "RoleArn": role.arn,
        "InputDataConfig": tuple(_channel(name, uri) for name, uri in sorted(inputs.items())),
        "OutputDataConfig": {"S3OutputPath": known(spec.output), "KmsKeyId": place.key_arn},
        "ResourceConfig": _resources(spec, place),
        **_stopping(spec),
    }
    own = known(spec.hyperparameters)
    if parameters := {**own, **_script(spec)}:
        arguments["HyperParameters"] = dict(sorted(parameters.items()))
    if variables := known(spec.environment):
        arguments["Environment"] = dict(sorted(variables.items()))
    if known(spec.replicas) > 1:
        arguments["EnableInterContainerTrafficEncryption"] = True
    if known(spec.network_isolation):
        arguments["EnableNetworkIsolation"] = True
    if place.network is not None:
        arguments["VpcConfig"] = {"SecurityGroupIds": security_groups(place), "Subnets": subnets(place)}
    arguments["Tags"] = job_tags(place, spec.name)
    return arguments


def _script(spec: Training) -> dict[str, str]:
    """Say which script runs and how its processes are started, in the names that AWS's framework images read."""
    told: dict[str, str] = {}
    code, entry_point = known(spec.code), known(spec.entry_point)
    if code and entry_point:
        told |= {"sagemaker_program": entry_point, "sagemaker_submit_directory": code}
    match known(spec.distribution):
        case Mpi() as mpi:
            told["sagemaker_mpi_enabled"] = "true"
            told["sagemaker_mpi_num_of_processes_per_host"] = str(known(mpi.processes_per_host))
            if options := known(mpi.options):
                told["sagemaker_mpi_custom_mpi_options"] = options
        case Torchrun():
            told["sagemaker_torch_distributed_enabled"] = "true"
        case ParameterServer():
            told["sagemaker_parameter_server_enabled"] = "true"
        case None:
            pass
    return told


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
    volume = known(on.volume)
    if facts is not None and not facts.nvme_gb:  # local disks take neither a size nor a key
        config["VolumeSizeInGB"] = gigabytes_up(volume) if volume else _VOLUME_GB
        config["VolumeKmsKeyId"] = place.key_arn
    if warm := known(spec.keep_warm):
        config["KeepAlivePeriodInSeconds"] = seconds(warm)
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
    if prefixes := checkpoints.prefixes(spec):
        spot["CheckpointConfig"] = {"S3Uri": prefixes[0]}
    return spot
