"""Small graphs for tests of cost and advice, written as the targets and the readers write them."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.graph import Graph, Group, JsonDocument, Ref, Resource, Value, join


def graph(
    *resources: Resource,
    region: str = "us-east-1",
    tier: str = "production",
    facts: Mapping[str, Value] | None = None,
    stack: Mapping[str, Value] | None = None,
    kind: str = "RealtimeEndpoint",
) -> Graph:
    """Make a graph of one workload `w`, with facts of it and of the stack."""
    groups = (Group("w", kind, "SageMaker", facts=facts or {}),)
    return Graph(resources, "env", "prod", tier, region, groups, facts=stack or {})


def resource(type_: str, logical: str = "it", /, **props: Value) -> Resource:
    return Resource(logical, f"aws.{type_}", props, workload="w")


def endpoint(*variants: Mapping[str, Value], config: Mapping[str, Value] | None = None) -> tuple[Resource, ...]:
    """Make an endpoint and its configuration."""
    return (
        resource("sagemaker.EndpointConfiguration", "config", production_variants=variants, **(config or {})),
        resource("sagemaker.Endpoint", "endpoint", name="e", endpoint_config_name=Ref("config", "name")),
    )


def variant(instance: str = "ml.m5.xlarge", count: int = 1, **more: Value) -> dict[str, Value]:
    return {"variant_name": "AllTraffic", "instance_type": instance, "initial_instance_count": count, **more}


def serverless(memory: int, concurrency: int, **more: Value) -> dict[str, Value]:
    config: dict[str, Value] = {"memory_size_in_mb": memory, "max_concurrency": concurrency, **more}
    return {"variant_name": "AllTraffic", "serverless_config": config}


def scaled(low: int, high: int, target: float = 600, dimension: str = "DesiredInstanceCount") -> tuple[Resource, ...]:
    """Make the scaling of the endpoint above."""
    where = join("endpoint/", Ref("endpoint", "name"), "/variant/AllTraffic")
    kind = {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"}
    return (
        resource(
            "appautoscaling.Target",
            "target",
            resource_id=where,
            scalable_dimension=f"sagemaker:variant:{dimension}",
            min_capacity=low,
            max_capacity=high,
        ),
        resource(
            "appautoscaling.Policy",
            "policy",
            resource_id=Ref("target", "resource_id"),
            scalable_dimension=Ref("target", "scalable_dimension"),
            target_tracking_scaling_policy_configuration={
                "predefined_metric_specification": kind,
                "target_value": target,
                "scale_in_cooldown": 300,
                "scale_out_cooldown": 60,
            },
        ),
    )


def training(
    instance: str = "ml.m5.xlarge", *, hours: float = 2, spot: bool = False, volume: int | None = 30
) -> tuple[Resource, ...]:
    """Make a pipeline with one training job."""
    cluster: dict[str, Value] = {"InstanceType": instance, "InstanceCount": 1}
    if volume is not None:
        cluster["VolumeSizeInGB"] = volume
    arguments: dict[str, Value] = {
        "ResourceConfig": cluster,
        "StoppingCondition": {"MaxRuntimeInSeconds": int(hours * 3600)},
        "EnableManagedSpotTraining": spot,
    }
    steps: tuple[Value, ...] = ({"Name": "train", "Type": "Training", "Arguments": arguments},)
    document = JsonDocument({"Version": "2020-12-01", "Parameters": (), "Steps": steps})
    return (resource("sagemaker.Pipeline", "pipeline", pipeline_name="p", pipeline_definition=document),)


def schedule(expression: str, started: str = "pipeline", **more: Value) -> Resource:
    return resource(
        "scheduler.Schedule", "schedule", schedule_expression=expression, target={"arn": Ref(started, "arn")}, **more
    )
