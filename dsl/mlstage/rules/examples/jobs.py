"""Builders for examples about jobs that no pipeline of SageMaker's starts, and about what works on a queue."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.rules import examples

_TRAINER = f"{examples.REGISTRY}/fraud-train:4.2"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"


def request(*, checkpoint: str = "", keep_alive: int = -1) -> dict[str, Value]:
    """Make what `CreateTrainingJob` is given for a job on Spot."""
    machines: dict[str, Value] = {
        "InstanceType": "ml.c5.4xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        "VolumeKmsKeyId": _KEY,
    }
    made: dict[str, Value] = {
        "TrainingJobName": "fraud-nightly",
        "AlgorithmSpecification": {"TrainingImage": _TRAINER, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::123456789012:role/fraud-training",
        "OutputDataConfig": {"S3OutputPath": "s3://acme-ml-models/fraud/"},
        "ResourceConfig": machines if keep_alive < 0 else {**machines, "KeepAlivePeriodInSeconds": keep_alive},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 14400},
        "EnableManagedSpotTraining": True,
    }
    return {**made, "CheckpointConfig": {"S3Uri": checkpoint}} if checkpoint else made


def state_machine(arguments: Mapping[str, Value]) -> Resource:
    """Make a state machine that starts a training job and waits for it."""
    named = {name: value for name, value in arguments.items() if name != "TrainingJobName"}
    train: dict[str, Value] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Parameters": {"TrainingJobName.$": "$$.Execution.Name", **named},
        "End": True,
    }
    definition: Value = {"StartAt": "Train", "States": {"Train": train}}
    role = "arn:aws:iam::123456789012:role/nightly"
    return Resource("nightly", "aws.sfn.StateMachine", {"role_arn": role, "definition": JsonDocument(definition)})


def schedule(target: Mapping[str, Value]) -> Resource:
    """Make a schedule of every night."""
    props: dict[str, Value] = {
        "schedule_expression": "cron(0 3 * * ? *)",
        "flexible_time_window": {"mode": "OFF"},
        "target": {"role_arn": "arn:aws:iam::123456789012:role/nightly", **target},
    }
    return Resource("nightly", "aws.scheduler.Schedule", props)


def scheduled_request(arguments: Mapping[str, Value]) -> Resource:
    """Make a schedule that calls SageMaker's API itself."""
    arn = "arn:aws:scheduler:::aws-sdk:sagemaker:createTrainingJob"
    return schedule({"arn": arn, "input": JsonDocument(arguments)})


def training_job(*, checkpoint: str = "", keep_alive: int = -1) -> Resource:
    """Make a training job on Spot as a resource of its own."""
    machines: dict[str, Value] = {
        "instance_type": "ml.c5.4xlarge",
        "instance_count": 1,
        "volume_size_in_gb": 30,
        "volume_kms_key_id": _KEY,
    }
    props: dict[str, Value] = {
        "training_job_name": "fraud-nightly",
        "role_arn": "arn:aws:iam::123456789012:role/fraud-training",
        "algorithm_specification": {"training_image": _TRAINER, "training_input_mode": "File"},
        "output_data_config": {"s3_output_path": "s3://acme-ml-models/fraud/"},
        "resource_config": machines if keep_alive < 0 else {**machines, "keep_alive_period_in_seconds": keep_alive},
        "stopping_condition": {"max_runtime_in_seconds": 7200, "max_wait_time_in_seconds": 14400},
        "enable_managed_spot_training": True,
    }
    saved: dict[str, Value] = {"checkpoint_config": {"s3_uri": checkpoint}} if checkpoint else {}
    return Resource("nightly", "aws.sagemaker.TrainingJob", {**props, **saved})


def scheduled_task(provider: str = "FARGATE_SPOT", **container: Value) -> tuple[Resource, Resource]:
    """Make a task that trains, unless `container` says otherwise, and a schedule that starts it."""
    trainer: dict[str, Value] = {"name": "main", "image": _TRAINER, "command": ("python", "train.py"), **container}
    task = examples.task(trainer).with_props(family="fraud-nightly", requires_compatibilities=("FARGATE",))
    parameters: dict[str, Value] = {
        "task_definition_arn": Ref("task", "arn"),
        "capacity_provider_strategies": ({"capacity_provider": provider, "weight": 1},),
    }
    cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/training"
    return task, schedule({"arn": cluster, "ecs_parameters": parameters})


def worker(provider: str = "FARGATE", **container: Value) -> tuple[Resource, Resource]:
    """Make a service that takes its work from a queue, with a sign of life unless `container` says otherwise."""
    command: Value = ("CMD-SHELL", 'test -n "$(find /tmp/alive -mmin -5)"')
    made: dict[str, Value] = {
        "name": "scorer",
        "image": f"{examples.REGISTRY}/fraud-scorer:1.7-1",
        "healthCheck": {"command": command, "interval": 30},
        **container,
    }
    service = examples.service(provider, behind_load_balancer=False)
    return examples.task(made), service.with_props(task_definition=Ref("task", "arn"))


def batch_job(kind: str, *types: str, **more: Value) -> tuple[Resource, ...]:
    """Make a job of AWS Batch that trains, and a queue of machines that are bought so."""
    container: Value = {
        "image": _TRAINER,
        "command": ("python", "train.py"),
        "resourceRequirements": ({"type": "VCPU", "value": "4"}, {"type": "MEMORY", "value": "8192"}),
    }
    machines: dict[str, Value] = {
        "type": kind,
        "max_vcpus": 64,
        "instance_types": types or ("c6i.xlarge",),
        "instance_role": "arn:aws:iam::123456789012:instance-profile/batch",
        "subnets": ("subnet-0a1b2c3d4e5f60718",),
        "security_group_ids": ("sg-0a1b2c3d4e5f60718",),
    }
    order: Value = {"order": 1, "compute_environment": Ref("machines", "arn")}
    definition: dict[str, Value] = {"name": "fraud-nightly", "type": "container"}
    return (
        Resource(
            "training", "aws.batch.JobDefinition",
            {**definition, "container_properties": JsonDocument(container), **more},
        ),
        Resource("machines", "aws.batch.ComputeEnvironment", {"type": "MANAGED", "compute_resources": machines}),
        Resource(
            "queue", "aws.batch.JobQueue",
            {"name": "training", "state": "ENABLED", "priority": 1, "compute_environment_orders": (order,)},
        ),
    )  # fmt: skip


def kubernetes_job(**pod: Value) -> Resource:
    """Make a Job of Kubernetes that trains, on the nodes of `examples.node_pool`."""
    container: Value = {"name": "train", "image": _TRAINER, "command": ("python", "train.py")}
    spec: dict[str, Value] = {
        "containers": (container,),
        "node_selector": {"pool": "scoring"},
        "restart_policy": "Never",
        **pod,
    }
    metadata: Value = {"name": "fraud-nightly", "namespace": "fraud"}
    return Resource("training", "kubernetes.batch.v1.Job", {"metadata": metadata, "spec": {"template": {"spec": spec}}})
