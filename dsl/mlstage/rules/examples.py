"""Small builders for the examples of rules: plain resources, as any reader or target would give them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from mlstage.catalog.instances import instance
from mlstage.graph import VOCABULARY, Graph, Group, Join, JsonDocument, Ref, Resource, Value

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"


Without = Literal["", "tags", "alarms", "idle stop", "hours"]


def in_production_stack(*resources: Resource, groups: tuple[Group, ...] = (), without: Without = "") -> Graph:
    """Make a graph of a production stack, in which all is as it should be but what it is to be `without`."""
    alarms = () if without == "alarms" else tuple(alarm for resource in resources for alarm in _alarms(resource))
    return _graph((*resources, *alarms), groups, "prod", "production", without)


def in_test_stack(*resources: Resource, groups: tuple[Group, ...] = (), without: Without = "") -> Graph:
    """Make a graph of a test stack, in which all is as it should be but what it is to be `without`."""
    return _graph(resources, groups, "test", "test", without)


def _graph(resources: tuple[Resource, ...], groups: tuple[Group, ...], stack: str, tier: str, without: str) -> Graph:
    resources = (*resources, *_missing(resources))
    known = {group.name for group in groups}
    tended = (one for resource in resources for one in _tended(resource, without))
    kept = (r if r.workload in known else replace(r, workload="") for r in tended)
    tagged = tuple(kept) if without == "tags" else tuple(_tagged(resource, stack) for resource in kept)
    return Graph(tagged, environment="fraud-detection", stack=stack, tier=tier, groups=groups)


def _missing(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Add the model that a configuration serves, where an example is not about it."""
    types = {resource.type for resource in resources}
    served = "aws.sagemaker.EndpointConfiguration" in types and "aws.sagemaker.Model" not in types
    return (model(),) if served else ()


def _tagged(resource: Resource, stack: str) -> Resource:
    info, given = VOCABULARY.get(resource.type), resource.props.get("tags", {})
    if info is None or not info.taggable or not isinstance(given, Mapping):
        return resource
    ours = {"owner": "payments-ml", "environment": "fraud-detection", "stage": stack}
    return resource.with_props(tags={**ours, **given})


def _tended(resource: Resource, without: str) -> Iterator[Resource]:
    """Stop notebooks that nobody uses, and those that somebody forgot."""
    if resource.type != "aws.sagemaker.NotebookInstance":
        yield resource
        return
    if without != "idle stop":
        name = f"{resource.name}-lifecycle"
        script = base64.b64encode(b"python3 /opt/autostop.py --idle-seconds 3600").decode()
        yield Resource(name, "aws.sagemaker.NotebookInstanceLifecycleConfiguration", {"on_start": script})
        resource = resource.with_props(lifecycle_config_name=Ref(name, "name"))
    yield resource
    if without != "hours":
        yield stop_schedule(resource)


def stop_schedule(notebook: Resource, action: str = "stopNotebookInstance") -> Resource:
    """Make a schedule that stops a notebook in the evening."""
    target: dict[str, Value] = {
        "arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{action}",
        "role_arn": "arn:aws:iam::123456789012:role/evening",
        "input": Join(('{"NotebookInstanceName": "', Ref(notebook.name, "name"), '"}')),
    }
    props: dict[str, Value] = {
        "schedule_expression": "cron(0 18 ? * MON-FRI *)",
        "flexible_time_window": {"mode": "OFF"},
        "target": target,
    }
    return Resource(f"{notebook.name}-evening", "aws.scheduler.Schedule", props)


# What serves: the metric of its errors, what it is called there, and by which of its attributes.
_SERVING: Mapping[str, tuple[str, str, str, str]] = {
    "aws.sagemaker.Endpoint": ("AWS/SageMaker", "Invocation5XXErrors", "EndpointName", "name"),
    "aws.ecs.Service": ("AWS/ECS", "CPUUtilization", "ServiceName", "name"),
    "aws.lambda_.Function": ("AWS/Lambda", "Errors", "FunctionName", "name"),
}


def _alarms(resource: Resource) -> Iterator[Resource]:
    if resource.type not in _SERVING:
        return
    namespace, metric, dimension, attribute = _SERVING[resource.type]
    dimensions: dict[str, Value] = {dimension: Ref(resource.name, attribute)}
    yield alarm(f"{resource.name}-errors", namespace, metric, dimensions)
    if resource.type == "aws.sagemaker.Endpoint":
        usage = alarm(f"{resource.name}-idle", "/aws/sagemaker/Endpoints", "GPUUtilization", dimensions)
        yield usage.with_props(comparison_operator="LessThanThreshold", threshold=20)


def alarm(name: str, namespace: str, metric: str, dimensions: Mapping[str, Value]) -> Resource:
    """Make an alarm on one metric, which tells somebody."""
    props: dict[str, Value] = {
        "namespace": namespace,
        "metric_name": metric,
        "dimensions": dimensions,
        "statistic": "Average",
        "period": 60,
        "evaluation_periods": 5,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 1,
        "alarm_actions": ("arn:aws:sns:us-east-1:123456789012:payments-ml",),
    }
    return Resource(name, "aws.cloudwatch.MetricAlarm", props)


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


def service(
    provider: str | Ref = "FARGATE", *, behind_load_balancer: bool = True, count: int = 2, **more: Value
) -> Resource:
    """Make an ECS service on one capacity provider, which goes back to the former tasks when new ones fail."""
    props: dict[str, Value] = {
        "cluster": "scoring",
        "task_definition": "scorer:7",
        "desired_count": count,
        "capacity_provider_strategies": ({"capacity_provider": provider, "weight": 1},),
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        **more,
    }
    if behind_load_balancer:
        group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/scorer/73e2d6bc24d8a067"
        props["load_balancers"] = ({"target_group_arn": group, "container_name": "scorer", "container_port": 8080},)
    return Resource("web", "aws.ecs.Service", {"name": "web", **props})


def service_scaling(
    minimum: int = 2, maximum: int = 8, *, metric: str = "ECSServiceAverageCPUUtilization"
) -> tuple[Resource, Resource]:
    """Make a scalable target of the service, and a policy that follows a metric."""
    named: dict[str, Value] = {
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
        "resource_id": Join(("service/scoring/", Ref("web", "name"))),
    }
    followed: dict[str, Value] = {"predefined_metric_specification": {"predefined_metric_type": metric}}
    policy: dict[str, Value] = {
        "policy_type": "TargetTrackingScaling",
        "target_tracking_scaling_policy_configuration": {**followed, "target_value": 60},
    }
    return (
        Resource("web-scaling", "aws.appautoscaling.Target",
                 {**named, "min_capacity": minimum, "max_capacity": maximum}),
        Resource("web-tracking", "aws.appautoscaling.Policy", {**named, **policy}),
    )  # fmt: skip


def deployment(
    *,
    replicas: int = 2,
    probed: bool = True,
    limits: Mapping[str, Value] | None = None,
    own: Mapping[str, Value] | None = None,
    exposed: Mapping[str, Value] | None = None,
    **pod: Value,
) -> tuple[Resource, Resource]:
    """Make a Deployment of one container, and a Service that brings callers to its pods.

    `own` is more of the container, `exposed` more of the Service.
    """
    labels: dict[str, Value] = {"app": "scorer"}
    container: dict[str, Value] = {
        "name": "scorer",
        "image": f"{REGISTRY}/fraud-scorer:1.7-1",
        "ports": ({"container_port": 8080},),
    }
    if probed:
        container["readiness_probe"] = {"http_get": {"path": "/ping", "port": 8080}}
    if limits:
        container["resources"] = {"limits": limits}
    container |= own or {}
    template: dict[str, Value] = {"metadata": {"labels": labels}, "spec": {"containers": (container,), **pod}}
    spec: dict[str, Value] = {"replicas": replicas, "selector": {"match_labels": labels}, "template": template}
    metadata: dict[str, Value] = {"name": "scorer", "namespace": "fraud"}
    service: dict[str, Value] = {"selector": labels, "ports": ({"port": 80, "target_port": 8080},), **(exposed or {})}
    return (
        Resource("web", "kubernetes.apps.v1.Deployment", {"metadata": metadata, "spec": spec}),
        Resource("web-service", "kubernetes.core.v1.Service", {"metadata": metadata, "spec": service}),
    )


def autoscaler(minimum: int = 2, maximum: int = 8) -> Resource:
    """Make an autoscaler of the Deployment."""
    usage: dict[str, Value] = {"name": "cpu", "target": {"type": "Utilization", "average_utilization": 60}}
    spec: dict[str, Value] = {
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "scorer"},
        "min_replicas": minimum,
        "max_replicas": maximum,
        "metrics": ({"type": "Resource", "resource": usage},),
    }
    return Resource(
        "web-scaler",
        "kubernetes.autoscaling.v2.HorizontalPodAutoscaler",
        {"metadata": {"name": "scorer", "namespace": "fraud"}, "spec": spec},
    )


def disruption_budget() -> Resource:
    """Make a budget that lets the Deployment's pods go one at a time."""
    return Resource(
        "web-budget",
        "kubernetes.policy.v1.PodDisruptionBudget",
        {
            "metadata": {"name": "scorer", "namespace": "fraud"},
            "spec": {"max_unavailable": 1, "selector": {"match_labels": {"app": "scorer"}}},
        },
    )


def claimed_volume(*, encrypted: str | None = "true", reclaim: str = "Retain") -> tuple[Resource, Resource]:
    """Make a class of EBS volumes, and a pod's claim for one of them."""
    kind: dict[str, Value] = {
        "metadata": {"name": "checkpoints"},
        "provisioner": "ebs.csi.eks.amazonaws.com",
        "parameters": {"type": "gp3", **({"encrypted": encrypted} if encrypted else {})},
        "reclaim_policy": reclaim,
        "volume_binding_mode": "WaitForFirstConsumer",
    }
    spec: dict[str, Value] = {
        "access_modes": ("ReadWriteOnce",),
        "storage_class_name": "checkpoints",
        "resources": {"requests": {"storage": "100Gi"}},
    }
    metadata: dict[str, Value] = {"name": "nightly", "namespace": "fraud"}
    return (
        Resource("checkpoints", "kubernetes.storage.v1.StorageClass", kind),
        Resource("nightly", "kubernetes.core.v1.PersistentVolumeClaim", {"metadata": metadata, "spec": spec}),
    )


def node_pool(*capacity: str, types: tuple[str, ...] = (), labels: Mapping[str, Value] | None = None) -> Resource:
    """Make a Karpenter pool of nodes that are bought so."""
    requirements: list[Value] = [
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": capacity or ("on-demand",)}
    ]
    if types:
        requirements.append({"key": "node.kubernetes.io/instance-type", "operator": "In", "values": types})
    node: dict[str, Value] = {
        "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "default"},
        "requirements": tuple(requirements),
    }
    template: dict[str, Value] = {"metadata": {"labels": labels or {"pool": "scoring"}}, "spec": node}
    return Resource(
        "pool", "kubernetes.karpenter.v1.NodePool", {"metadata": {"name": "scoring"}, "spec": {"template": template}}
    )


def node_group(capacity: str = "ON_DEMAND", *types: str) -> Resource:
    """Make a managed node group that is bought so."""
    props: dict[str, Value] = {
        "cluster_name": "scoring",
        "node_role_arn": "arn:aws:iam::123456789012:role/scoring-nodes",
        "subnet_ids": ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"),
        "capacity_type": capacity,
        "instance_types": types or ("m7i.xlarge",),
        "labels": {"pool": "scoring"},
        "scaling_config": {"desired_size": 2, "min_size": 2, "max_size": 6},
    }
    return Resource("nodes", "aws.eks.NodeGroup", props)


def machines(*listed: str, template: str = "g5.xlarge") -> tuple[Resource, Resource]:
    """Make an auto-scaling group, of the template's type or of those listed."""
    made = Resource(
        "machines",
        "aws.ec2.LaunchTemplate",
        {
            "instance_type": template,
            "block_device_mappings": ({"device_name": "/dev/xvda", "ebs": {"encrypted": "true"}},),
        },
    )
    props: dict[str, Value] = {
        "min_size": 2,
        "max_size": 6,
        "vpc_zone_identifiers": ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"),
    }
    if not listed:
        props["launch_template"] = {"id": Ref("machines", "id"), "version": "$Latest"}
    else:
        props["mixed_instances_policy"] = {
            "launch_template": {
                "launch_template_specification": {"launch_template_id": Ref("machines", "id"), "version": "$Latest"},
                "overrides": tuple({"instance_type": name} for name in listed),
            },
            "instances_distribution": {"on_demand_percentage_above_base_capacity": 100},
        }
    return made, Resource("group", "aws.autoscaling.Group", props)


def function() -> tuple[Resource, Resource]:
    """Make a function of an image, with an alias of its published version."""
    props: dict[str, Value] = {
        "name": "scorer",
        "package_type": "Image",
        "image_uri": f"{REGISTRY}/fraud-scorer:1.7-1",
        "role": "arn:aws:iam::123456789012:role/fraud-scorer",
        "memory_size": 4096,
        "timeout": 30,
        "publish": True,
    }
    alias: dict[str, Value] = {
        "name": "live",
        "function_name": Ref("scorer-function", "name"),
        "function_version": Ref("scorer-function", "version"),
    }
    return (
        Resource("scorer-function", "aws.lambda_.Function", props),
        Resource("scorer-alias", "aws.lambda_.Alias", alias),
    )


def of_alias() -> Join:
    """Name the function's alias as Application Auto Scaling does."""
    return Join(("function:", Ref("scorer-function", "name"), ":", Ref("scorer-alias", "name")))


def function_url() -> Resource:
    """Make a URL of the function's alias, for callers who sign their requests."""
    props: dict[str, Value] = {
        "function_name": Ref("scorer-function", "name"),
        "qualifier": Ref("scorer-alias", "name"),
        "authorization_type": "AWS_IAM",
    }
    return Resource("scorer-url", "aws.lambda_.FunctionUrl", props)


def role_policy(*actions: str, on: tuple[str, ...]) -> Resource:
    """Make an inline policy of a role, with one statement that allows."""
    statement: dict[str, Value] = {"Effect": "Allow", "Action": actions, "Resource": on}
    return Resource(
        "access",
        "aws.iam.RolePolicy",
        {"role": "scorer", "policy": JsonDocument({"Version": "2012-10-17", "Statement": (statement,)})},
    )


def volume(**props: Value) -> Resource:
    """Make an EBS volume."""
    return Resource("data", "aws.ebs.Volume", {"availability_zone": "us-east-1a", "size": 100, **props})


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


def task(*containers: Value) -> Resource:
    """Make an ECS task definition for machines of one's own."""
    props: dict[str, Value] = {
        "family": "scorer",
        "cpu": "4096",
        "memory": "8192",
        "network_mode": "awsvpc",
        "requires_compatibilities": ("EC2",),
        "execution_role_arn": "arn:aws:iam::123456789012:role/pull",
        "task_role_arn": "arn:aws:iam::123456789012:role/scorer",
        "container_definitions": JsonDocument(containers),
    }
    return Resource("task", "aws.ecs.TaskDefinition", props)


def lone_function(**props: Value) -> Resource:
    """Make a Lambda function with nothing around it."""
    own: dict[str, Value] = {
        "package_type": "Image",
        "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/scorer:3.1",
        "role": "arn:aws:iam::123456789012:role/scorer",
        "memory_size": 2048,
        "timeout": 30,
    }
    return Resource("scorer", "aws.lambda_.Function", {**own, **props})


def database(**props: Value) -> Resource:
    """Make a database of features, which cannot be deleted by chance."""
    own: dict[str, Value] = {
        "engine": "postgres",
        "instance_class": "db.t4g.medium",
        "allocated_storage": 50,
        "deletion_protection": True,
    }
    return Resource("features", "aws.rds.Instance", {**own, **props})


def file_system(**props: Value) -> tuple[Resource, Resource]:
    """Make a file system that is backed up every day."""
    backup: dict[str, Value] = {"file_system_id": Ref("models", "id"), "backup_policy": {"status": "ENABLED"}}
    return (
        Resource("models", "aws.efs.FileSystem", props),
        Resource("models-backup", "aws.efs.BackupPolicy", backup),
    )
