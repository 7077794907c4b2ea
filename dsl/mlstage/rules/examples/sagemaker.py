"""SageMaker's resources, as any reader or target would give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.graph import Group, Join, JsonDocument, Ref, Resource, Value

REGISTRY: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
_KEY: Final = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"


def realtime(name: str = "scorer") -> tuple[Group, ...]:
    """Say that resources of this workload form a real-time endpoint on SageMaker."""
    return (Group(name, "RealtimeEndpoint", "SageMaker"),)


def configuration(
    instance_type: str = "ml.m5.xlarge",
    count: int = 2,
    *,
    encrypted: bool = True,
    captured: bool = True,
    **props: Value,
) -> Resource:
    """Make an endpoint configuration of one variant, whose requests are kept unless told otherwise."""
    variant: dict[str, Value] = {
        "variant_name": "AllTraffic",
        "model_name": "fraud-xgboost",
        "instance_type": instance_type,
        "initial_instance_count": count,
    }
    key: dict[str, Value] = {"kms_key_arn": _KEY} if encrypted else {}
    if captured:
        key["data_capture_config"] = {
            "enable_capture": True,
            "initial_sampling_percentage": 20,
            "destination_s3_uri": "s3://acme-ml-data/fraud/captured/",
            "capture_options": ({"capture_mode": "InputAndOutput"},),
        }
    return Resource(
        "scorer-config",
        "aws.sagemaker.EndpointConfiguration",
        {"name": "scorer-5f3a", "production_variants": (variant,), **key, **props},
        workload="scorer",
    )


def serverless(provisioned: int = 0) -> Resource:
    """Make an endpoint configuration of one serverless variant."""
    places: dict[str, Value] = {"max_concurrency": 10, "memory_size_in_mb": 2048}
    if provisioned:
        places["provisioned_concurrency"] = provisioned
    variant: dict[str, Value] = {
        "variant_name": "AllTraffic",
        "model_name": "fraud-xgboost",
        "serverless_config": places,
    }
    return configuration(captured=False).with_props(production_variants=(variant,))


def model(
    image: str = "fraud-scorer:1.7-1",
    *,
    registry: str = REGISTRY,
    environment: Mapping[str, Value] | None = None,
    **props: Value,
) -> Resource:
    """Make the model that the configuration serves."""
    container: dict[str, Value] = {
        "image": f"{registry}/{image}",
        "model_data_url": "s3://acme-ml-models/fraud/2026-11-01/model.tar.gz",
    }
    if environment:
        container["environment"] = environment
    role = "arn:aws:iam::123456789012:role/fraud-scorer"
    return Resource(
        "scorer-model",
        "aws.sagemaker.Model",
        {"name": "fraud-xgboost", "execution_role_arn": role, "primary_container": container, **props},
        workload="scorer",
    )


def endpoint(tags: Mapping[str, Value] | None = None, *, watched: bool = True) -> Resource:
    """Make an endpoint that runs on the configuration, and goes back to the former one when an alarm rings."""
    props: dict[str, Value] = {"name": "scorer", "endpoint_config_name": Ref("scorer-config", "name")}
    if watched:
        canary: dict[str, Value] = {
            "type": "CANARY",
            "wait_interval_in_seconds": 600,
            "canary_size": {"type": "CAPACITY_PERCENT", "value": 50},
        }
        props["deployment_config"] = {
            "blue_green_update_policy": {"traffic_routing_configuration": canary},
            "auto_rollback_configuration": {"alarms": ({"alarm_name": "scorer-5xx"},)},
        }
    return Resource("scorer-endpoint", "aws.sagemaker.Endpoint", {**props, "tags": tags} if tags else props,
                    workload="scorer")  # fmt: skip


def scaling(
    minimum: int = 2,
    maximum: int = 8,
    *,
    metric: str = "SageMakerVariantInvocationsPerInstance",
    customized: Mapping[str, Value] | None = None,
    dimension: str = "sagemaker:variant:DesiredInstanceCount",
) -> tuple[Resource, Resource]:
    """Make a scalable target of the endpoint's variant, and a policy that follows a metric."""
    if dimension == "sagemaker:variant:DesiredProvisionedConcurrency":
        metric = "SageMakerVariantProvisionedConcurrencyUtilization"
    followed: dict[str, Value] = (
        {"customized_metric_specification": customized}
        if customized
        else {"predefined_metric_specification": {"predefined_metric_type": metric}}
    )
    target: dict[str, Value] = {
        "service_namespace": "sagemaker",
        "scalable_dimension": dimension,
        "resource_id": Join(("endpoint/", Ref("scorer-endpoint", "name"), "/variant/AllTraffic")),
        "min_capacity": minimum,
        "max_capacity": maximum,
    }
    policy: dict[str, Value] = {
        "policy_type": "TargetTrackingScaling",
        "service_namespace": Ref("scorer-scaling", "service_namespace"),
        "scalable_dimension": Ref("scorer-scaling", "scalable_dimension"),
        "resource_id": Ref("scorer-scaling", "resource_id"),
        "target_tracking_scaling_policy_configuration": {**followed, "target_value": 600},
    }
    return (
        Resource("scorer-scaling", "aws.appautoscaling.Target", target, workload="scorer"),
        Resource("scorer-tracking", "aws.appautoscaling.Policy", policy, workload="scorer"),
    )


def training(
    instance_type: str = "ml.c5.4xlarge",
    *,
    spot: bool = False,
    checkpoint: str = "",
    keep_alive: int = -1,
    image: str = "fraud-train:4.2",
    hyperparameters: Mapping[str, Value] | None = None,
    encrypted: bool = True,
) -> Resource:
    """Make a SageMaker pipeline of one training step, with a key for its volumes where SageMaker takes one."""
    machines: dict[str, Value] = {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 30}
    known = instance(instance_type)
    if encrypted and known is not None and not known.nvme_gb:
        machines["VolumeKmsKeyId"] = _KEY
    arguments: dict[str, Value] = {
        "AlgorithmSpecification": {
            "TrainingImage": f"{REGISTRY}/{image}",
            "TrainingInputMode": "File",
        },
        "RoleArn": "arn:aws:iam::123456789012:role/fraud-training",
        "OutputDataConfig": {"S3OutputPath": "s3://acme-ml-models/fraud/"},
        "ResourceConfig": machines if keep_alive < 0 else {**machines, "KeepAlivePeriodInSeconds": keep_alive},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    }
    if spot:
        arguments["EnableManagedSpotTraining"] = True
        arguments["StoppingCondition"] = {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 14400}
    if hyperparameters:
        arguments["HyperParameters"] = hyperparameters
    if checkpoint:
        arguments["CheckpointConfig"] = {"S3Uri": checkpoint}
    definition: Value = {
        "Version": "2020-12-01",
        "Steps": ({"Name": "train", "Type": "Training", "Arguments": arguments},),
    }
    return Resource(
        "training",
        "aws.sagemaker.Pipeline",
        {
            "pipeline_name": "nightly-training",
            "pipeline_display_name": "nightly-training",
            "role_arn": "arn:aws:iam::123456789012:role/fraud-training",
            "pipeline_definition": JsonDocument(definition),
        },
    )


def notebook(instance_type: str = "ml.t3.medium", *, encrypted: bool = True, **props: Value) -> Resource:
    """Make a notebook instance."""
    key: dict[str, Value] = {"kms_key_id": _KEY} if encrypted else {}
    settings: dict[str, Value] = {
        "role_arn": "arn:aws:iam::123456789012:role/explore",
        "instance_type": instance_type,
        "direct_internet_access": "Disabled",
        "subnet_id": "subnet-0a1b2c3d4e5f60718",
        "security_groups": ("sg-0a1b2c3d4e5f60718",),
        "root_access": "Disabled",
    }
    return Resource("explore", "aws.sagemaker.NotebookInstance", {**settings, **key, **props})
