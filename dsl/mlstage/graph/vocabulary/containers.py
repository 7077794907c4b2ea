"""ECS, AWS Batch, and the machines that containers run on."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws

CONTAINERS: Final = (
    aws("ec2.Instance", "instance", "ami availability_zone key_name subnet_id", name=""),
    aws("ec2.LaunchTemplate", "launch_template", "name name_prefix"),
    aws(
        "ec2.CapacityReservation",
        "ec2_capacity_reservation",
        "availability_zone ebs_optimized ephemeral_storage instance_match_criteria instance_platform instance_type"
        " outpost_arn placement_group_arn tenancy",
        name="",
    ),
    aws(
        "batch.ComputeEnvironment",
        "batch_compute_environment",
        "name name_prefix type",
        renamed="name=compute_environment_name name_prefix=compute_environment_name_prefix",
    ),
    aws("batch.JobQueue", "batch_job_queue", "name"),
    aws("batch.JobDefinition", "batch_job_definition", "name type", documents="container_properties node_properties"),
    aws("ecs.Cluster", "ecs_cluster", "name"),
    aws(
        "ecs.Service",
        "ecs_service",
        "cluster launch_type name scheduling_strategy",
        newer="deployment_configuration=6.4 deployment_configuration.canary_configuration=6.21"
        " deployment_configuration.linear_configuration=6.21 load_balancers.advanced_configuration=6.4",
    ),
    aws(
        "ecs.TaskDefinition",
        "ecs_task_definition",
        "container_definitions cpu enable_fault_injection ephemeral_storage execution_role_arn family ipc_mode memory"
        " network_mode pid_mode placement_constraints proxy_configuration requires_compatibilities runtime_platform"
        " task_role_arn volumes",
        name="family",
        revised=True,
        documents="container_definitions",
    ),
    aws("ecs.CapacityProvider", "ecs_capacity_provider", "name"),
    aws("ecs.ClusterCapacityProviders", "ecs_cluster_capacity_providers", "cluster_name", tags=False, name=""),
    aws("autoscaling.Group", "autoscaling_group", "name name_prefix", tags=False),
)
