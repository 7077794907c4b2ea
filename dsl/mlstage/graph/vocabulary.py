"""The vocabulary: every resource type of the graph, and what Pulumi, Terraform and AWS call and do with it.

A type's name is its path in Pulumi's Python packages (`aws.sagemaker.Model`). One entry serves the emitters and, read
the other way, the readers. `replaces` are the properties whose change makes the AWS provider replace the resource;
tests compare all of it with the installed `pulumi_aws`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """One resource type. `data` marks a look-up; `physical_name` is the property that holds AWS's own name."""

    name: str
    token: str
    terraform: str
    replaces: frozenset[str] = frozenset()
    taggable: bool = False
    data: bool = False
    physical_name: str = ""


def _aws(path: str, terraform: str, replaces: str = "", *, tags: bool = True, name: str = "name") -> TypeInfo:
    module, _, class_name = path.rpartition(".")
    member = class_name[0].lower() + class_name[1:]
    return TypeInfo(
        name=f"aws.{path}",
        token=f"aws:{module}/{member}:{class_name}",
        terraform=f"aws_{terraform}",
        replaces=frozenset(replaces.split()),
        taggable=tags,
        physical_name=name,
    )


def _aws_lookup(path: str, terraform: str) -> TypeInfo:
    module, _, function = path.rpartition(".")
    head, *words = function.split("_")
    member = head + "".join(word.capitalize() for word in words)
    name = f"aws.{path}"
    return TypeInfo(name, f"aws:{module or 'index'}/{member}:{member}", f"aws_{terraform}", data=True)


_NETWORK: Final = (
    _aws("ec2.Vpc", "vpc", "cidr_block ipv4_ipam_pool_id", name=""),
    _aws("ec2.Subnet", "subnet", "availability_zone availability_zone_id cidr_block vpc_id", name=""),
    _aws("ec2.RouteTable", "route_table", "vpc_id", name=""),
    _aws(
        "ec2.RouteTableAssociation",
        "route_table_association",
        "subnet_id gateway_id",
        tags=False,
        name="",
    ),
    _aws("ec2.SecurityGroup", "security_group", "description name name_prefix vpc_id"),
    _aws("vpc.SecurityGroupIngressRule", "vpc_security_group_ingress_rule", "security_group_id", name=""),
    _aws("vpc.SecurityGroupEgressRule", "vpc_security_group_egress_rule", "security_group_id", name=""),
    _aws("ec2.VpcEndpoint", "vpc_endpoint", "service_name vpc_endpoint_type vpc_id", name=""),
    _aws_lookup("get_caller_identity", "caller_identity"),
    _aws_lookup("get_availability_zones", "availability_zones"),
)

_IDENTITY: Final = (
    _aws("iam.Role", "iam_role", "name name_prefix path"),
    _aws("iam.RolePolicy", "iam_role_policy", "name name_prefix role", tags=False),
    _aws("iam.Policy", "iam_policy", "description name name_prefix path"),
    _aws("iam.RolePolicyAttachment", "iam_role_policy_attachment", "policy_arn role", tags=False, name=""),
    _aws("kms.Key", "kms_key", "custom_key_store_id customer_master_key_spec key_usage multi_region", name=""),
    _aws("kms.Alias", "kms_alias", "name name_prefix", tags=False),
)

_SAGEMAKER: Final = (
    _aws(
        "sagemaker.Model",
        "sagemaker_model",
        "containers enable_network_isolation execution_role_arn inference_execution_config name primary_container"
        " vpc_config",
    ),
    _aws(
        "sagemaker.EndpointConfiguration",
        "sagemaker_endpoint_configuration",
        "async_inference_config data_capture_config execution_role_arn kms_key_arn name name_prefix"
        " production_variants shadow_production_variants",
    ),
    _aws("sagemaker.Endpoint", "sagemaker_endpoint", "name"),
    _aws(
        "sagemaker.NotebookInstance",
        "sagemaker_notebook_instance",
        "direct_internet_access kms_key_id name security_groups subnet_id",
    ),
    _aws(
        "sagemaker.NotebookInstanceLifecycleConfiguration",
        "sagemaker_notebook_instance_lifecycle_configuration",
        "name",
    ),
    _aws("sagemaker.Pipeline", "sagemaker_pipeline", "pipeline_name", name="pipeline_name"),
)

_OPERATION: Final = (
    _aws(
        "appautoscaling.Target",
        "appautoscaling_target",
        "resource_id scalable_dimension service_namespace",
        name="",
    ),
    _aws(
        "appautoscaling.Policy",
        "appautoscaling_policy",
        "name resource_id scalable_dimension service_namespace",
        tags=False,
    ),
    _aws("scheduler.Schedule", "scheduler_schedule", "group_name name name_prefix", tags=False),
    _aws("scheduler.ScheduleGroup", "scheduler_schedule_group", "name name_prefix"),
    _aws("cloudwatch.LogGroup", "cloudwatch_log_group", "name name_prefix log_group_class"),
    _aws("cloudwatch.MetricAlarm", "cloudwatch_metric_alarm", "name"),
    _aws("sns.Topic", "sns_topic", "content_based_deduplication fifo_topic name name_prefix"),
    _aws("sqs.Queue", "sqs_queue", "fifo_queue name name_prefix"),
)

# Seen in infrastructure that mlstage did not write; rules judge them.
_STORAGE: Final = (
    _aws("ebs.Volume", "ebs_volume", "availability_zone encrypted kms_key_id snapshot_id outpost_arn", name=""),
    _aws("ec2.Instance", "instance", "ami availability_zone key_name subnet_id", name=""),
    _aws("ec2.LaunchTemplate", "launch_template", "name name_prefix"),
    _aws("efs.FileSystem", "efs_file_system", "creation_token encrypted kms_key_id performance_mode", name=""),
    _aws(
        "sagemaker.FeatureGroup",
        "sagemaker_feature_group",
        "description event_time_feature_name feature_group_name offline_store_config record_identifier_feature_name"
        " role_arn",
        name="feature_group_name",
    ),
    _aws("sagemaker.Domain", "sagemaker_domain", "auth_mode domain_name kms_key_id vpc_id", name="domain_name"),
)

VOCABULARY: Final[Mapping[str, TypeInfo]] = {
    info.name: info for family in (_NETWORK, _IDENTITY, _SAGEMAKER, _OPERATION, _STORAGE) for info in family
}


@cache
def _tokens() -> Mapping[str, TypeInfo]:
    return {info.token: info for info in VOCABULARY.values()}


@cache
def _terraform_types() -> Mapping[str, TypeInfo]:
    return {info.terraform: info for info in VOCABULARY.values()}


def by_token(token: str) -> TypeInfo | None:
    """Find the type that Pulumi calls `aws:sagemaker/model:Model`."""
    return _tokens().get(token)


def by_terraform(name: str) -> TypeInfo | None:
    """Find the type that Terraform calls `aws_sagemaker_model`."""
    return _terraform_types().get(name)
