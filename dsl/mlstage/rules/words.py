"""What people call a resource, so that a message reads as if a colleague had written it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mlstage.graph import Group, Resource

_KINDS: Final[Mapping[str, str]] = {
    "RealtimeEndpoint": "real-time endpoint",
    "AsyncEndpoint": "async endpoint",
    "BatchInference": "batch inference",
    "Training": "training",
    "Processing": "processing",
    "Notebook": "notebook",
}

# The resources that people mean when they name the workload.
_FACES: Final = frozenset(
    (
        "aws.sagemaker.Endpoint",
        "aws.sagemaker.EndpointConfiguration",
        "aws.sagemaker.NotebookInstance",
        "aws.sagemaker.Pipeline",
        "aws.ecs.Service",
    )
)

_TYPES: Final[Mapping[str, str]] = {
    "aws.apigateway.Method": "REST API method",
    "aws.apigateway.RestApi": "REST API",
    "aws.apigatewayv2.Api": "API",
    "aws.appautoscaling.Target": "scalable target",
    "aws.autoscaling.Group": "auto-scaling group",
    "aws.ebs.Volume": "EBS volume",
    "aws.ec2.NatGateway": "NAT gateway",
    "aws.dynamodb.Table": "DynamoDB table",
    "aws.ec2.Eip": "elastic IP address",
    "aws.ec2.Instance": "EC2 instance",
    "aws.ec2.Vpc": "VPC",
    "aws.ec2.VpcEndpoint": "VPC endpoint",
    "aws.ecs.CapacityProvider": "ECS capacity provider",
    "aws.ecs.Service": "ECS service",
    "aws.efs.FileSystem": "EFS file system",
    "aws.lambda_.FunctionUrl": "function URL",
    "aws.rds.Cluster": "RDS cluster",
    "aws.rds.Instance": "RDS instance",
    "aws.sagemaker.Domain": "SageMaker domain",
    "aws.sagemaker.NotebookInstance": "notebook",
    "aws.sagemaker.Pipeline": "SageMaker pipeline",
    "aws.iam.Policy": "IAM policy",
    "aws.iam.Role": "IAM role",
    "aws.iam.RolePolicy": "IAM role policy",
    "aws.iam.UserPolicy": "IAM user policy",
    "aws.iam.GroupPolicy": "IAM group policy",
}


def workload_words(group: Group) -> str:
    """Name a workload: `real-time endpoint 'scorer'`."""
    return f"{_KINDS.get(group.kind, group.kind)} {group.name!r}"


def type_words(type_name: str) -> str:
    """Name a type: `aws.sagemaker.EndpointConfiguration` is an `endpoint configuration`."""
    return _TYPES.get(type_name) or re.sub(r"(?<=[a-z0-9])([A-Z])", r" \1", type_name.rpartition(".")[2]).lower()


def is_face(resource: Resource, group: Group | None) -> bool:
    """Say whether a resource is called by its workload's name."""
    return group is not None and resource.type in _FACES


def words_for(resource: Resource, group: Group | None) -> str:
    """Name a resource: as its workload if it is the workload's face, else by type and logical name."""
    if group is None:
        return f"{type_words(resource.type)} {plain_name(resource.name)!r}"
    named = workload_words(group)
    return (
        named if is_face(resource, group) else f"{type_words(resource.type)} {plain_name(resource.name)!r} of {named}"
    )


def plain_name(name: str) -> str:
    """Give a name as its author knows it: readers add the type where several resources have it, or take the URN."""
    return re.sub(r" \([\w:/.@-]+\)$", "", name.rpartition("::")[2] or name)
