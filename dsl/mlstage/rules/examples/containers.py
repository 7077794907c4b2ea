"""Services and tasks of ECS, and the machines that run containers."""

from __future__ import annotations

from mlstage.graph import Join, JsonDocument, Ref, Resource, Value


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
