"""The vocabulary: every resource type of the graph, and what Pulumi, Terraform and AWS call and do with it.

A type's name is its path in Pulumi's Python packages (`aws.sagemaker.Model`). One entry serves the emitters and, read
the other way, the readers. `replaces` are the properties whose change makes the provider replace the resource; tests
compare all of it with the installed packages of Pulumi and with the Terraform provider. What a type's properties are is
in `data/properties.tsv`, and for objects of Kubernetes in `data/kubernetes.tsv`: after a new type is added here,
`python -m mlstage.offline.vocabulary --write` or `python -m mlstage.offline.kubernetes_vocabulary --write` adds its
rows.

An object of Kubernetes has no type in Terraform: there it is a manifest. Its properties are those of the manifest but
`apiVersion` and `kind`, which its type says. A custom resource (`kubernetes.karpenter.v1.NodePool`) has a name of ours,
as Pulumi has one class for all of them; its `spec` keeps the spelling of the manifest, in Pulumi's programs as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """One resource type. `data` marks a look-up; `physical_name` is the property that holds AWS's own name.

    `documents` are the properties that hold a JSON document as text. `renamed` gives, by their path, the few properties
    that Terraform calls otherwise than Pulumi does, beyond the plural of a list. `newer` are properties that pulumi_aws
    has and the verified Terraform provider has not, each with the version of the provider that brought it: programs may
    set them, root modules may not.
    Of what is `revised`, a new one of the same name is another revision, beside the old one.

    `later` is what Terraform calls a type that its provider has only in versions newer than the one that mlstage writes
    for: it is read in plans, and never written.

    `api_version` and `kind` are those of an object of Kubernetes; a `custom` one is of a kind that Kubernetes learns
    from whoever extends it.
    """

    name: str
    token: str
    terraform: str
    replaces: frozenset[str] = frozenset()
    taggable: bool = False
    data: bool = False
    physical_name: str = ""
    documents: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict, hash=False)
    newer: Mapping[str, str] = field(default_factory=dict, hash=False)
    revised: bool = False
    later: str = ""
    api_version: str = ""
    kind: str = ""
    custom: bool = False


def _aws(
    path: str,
    terraform: str,
    replaces: str = "",
    *,
    tags: bool = True,
    name: str = "name",
    documents: str = "",
    renamed: str = "",
    newer: str = "",
    revised: bool = False,
) -> TypeInfo:
    module, _, class_name = path.rpartition(".")
    member = class_name[0].lower() + class_name[1:]
    return TypeInfo(
        name=f"aws.{path}",
        token=f"aws:{module.rstrip('_')}/{member}:{class_name}",  # `lambda_` is Python's need, not Pulumi's
        terraform=f"aws_{terraform}",
        replaces=frozenset(replaces.split()),
        taggable=tags,
        physical_name=name,
        documents=frozenset(documents.split()),
        renamed=dict(pair.split("=") for pair in renamed.split()),
        newer=dict(pair.split("=") for pair in newer.split()),
        revised=revised,
    )


def _aws_later(path: str, terraform: str, replaces: str = "", *, name: str = "name") -> TypeInfo:
    """Name a type that Pulumi has, and Terraform's provider from its next major version on."""
    known = _aws(path, terraform, replaces, name=name)
    return replace(known, terraform="", later=known.terraform)


def _aws_lookup(path: str, terraform: str) -> TypeInfo:
    module, _, function = path.rpartition(".")
    head, *words = function.split("_")
    member = head + "".join(word.capitalize() for word in words)
    name = f"aws.{path}"
    return TypeInfo(name, f"aws:{module or 'index'}/{member}:{member}", f"aws_{terraform}", data=True)


# What no object can change about itself.
_IDENTITY_OF_OBJECTS: Final = "metadata.name metadata.namespace"


def _object(path: str, group: str = "", replaces: str = "") -> TypeInfo:
    """Name a kind of Kubernetes: its path in `pulumi_kubernetes`, and its API group where the path does not say it."""
    module, version, kind = path.split(".")
    group = group or module
    return TypeInfo(
        name=f"kubernetes.{path}",
        token=f"kubernetes:{group}/{version}:{kind}",
        terraform="",
        replaces=frozenset(f"{_IDENTITY_OF_OBJECTS} {replaces}".split()),
        physical_name="metadata.name",
        api_version=version if group == "core" else f"{group}/{version}",
        kind=kind,
    )


def _custom(path: str, group: str) -> TypeInfo:
    """Name a kind of an extension of Kubernetes, which Pulumi makes with `apiextensions.CustomResource`."""
    return replace(_object(path, group), custom=True)


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
    _aws(
        "ec2.VpcEndpoint",
        "vpc_endpoint",
        "service_name vpc_endpoint_type vpc_id",
        name="",
        documents="policy",
    ),
    _aws(
        "ec2.VpcEndpointRouteTableAssociation",
        "vpc_endpoint_route_table_association",
        "route_table_id vpc_endpoint_id",
        tags=False,
        name="",
    ),
    _aws(
        "ec2.SecurityGroupRule",
        "security_group_rule",
        "cidr_blocks from_port ipv6_cidr_blocks prefix_list_ids protocol security_group_id self"
        " source_security_group_id to_port type",
        tags=False,
        name="",
    ),
    _aws("ec2.InternetGateway", "internet_gateway", name=""),
    _aws("ec2.Eip", "eip", "customer_owned_ipv4_pool domain network_border_group public_ipv4_pool", name=""),
    _aws("ec2.NatGateway", "nat_gateway", "allocation_id connectivity_type private_ip subnet_id", name=""),
    _aws(
        "ec2.Route",
        "route",
        "destination_cidr_block destination_ipv6_cidr_block destination_prefix_list_id route_table_id",
        tags=False,
        name="",
    ),
    _aws("ec2.DefaultSecurityGroup", "default_security_group", "vpc_id", name=""),
    _aws_lookup("get_caller_identity", "caller_identity"),
    _aws_lookup("get_availability_zones", "availability_zones"),
)

_IDENTITY: Final = (
    _aws("iam.Role", "iam_role", "name name_prefix path", documents="assume_role_policy inline_policies.policy"),
    _aws("iam.RolePolicy", "iam_role_policy", "name name_prefix role", tags=False, documents="policy"),
    _aws("iam.Policy", "iam_policy", "description name name_prefix path", documents="policy"),
    _aws("iam.RolePolicyAttachment", "iam_role_policy_attachment", "policy_arn role", tags=False, name=""),
    _aws(
        "kms.Key",
        "kms_key",
        "custom_key_store_id customer_master_key_spec key_usage multi_region",
        name="",
        documents="policy",
    ),
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
    _aws(
        "sagemaker.Pipeline",
        "sagemaker_pipeline",
        "pipeline_name",
        name="pipeline_name",
        documents="pipeline_definition",
    ),
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
    _aws("cloudwatch.LogMetricFilter", "cloudwatch_log_metric_filter", "log_group_name name", tags=False),
    _aws("cloudwatch.MetricAlarm", "cloudwatch_metric_alarm", "name", renamed="name=alarm_name"),
    _aws(
        "sns.Topic",
        "sns_topic",
        "content_based_deduplication fifo_topic name name_prefix",
        documents="policy delivery_policy",
    ),
    _aws(
        "sqs.Queue",
        "sqs_queue",
        "fifo_queue name name_prefix",
        documents="policy redrive_policy redrive_allow_policy",
    ),
)

_SCHEDULED: Final = "name resource_id scalable_dimension service_namespace"
_WATCHING: Final = (
    _aws("appautoscaling.ScheduledAction", "appautoscaling_scheduled_action", _SCHEDULED, tags=False),
    _aws("budgets.Budget", "budgets_budget", "account_id name name_prefix"),
    _aws(
        "cloudwatch.Dashboard",
        "cloudwatch_dashboard",
        "dashboard_name",
        tags=False,
        name="dashboard_name",
        documents="dashboard_body",
    ),
    _aws("cloudwatch.EventRule", "cloudwatch_event_rule", "event_bus_name name name_prefix", documents="event_pattern"),
    _aws("cloudwatch.EventTarget", "cloudwatch_event_target", "event_bus_name rule target_id", tags=False, name=""),
    _aws("sns.TopicPolicy", "sns_topic_policy", "arn", tags=False, name="", documents="policy"),
    _aws(
        "sns.TopicSubscription",
        "sns_topic_subscription",
        "endpoint protocol topic",
        tags=False,
        name="",
        renamed="topic=topic_arn",
    ),
    _aws("sagemaker.CodeRepository", "sagemaker_code_repository", "code_repository_name", name="code_repository_name"),
    _aws(
        "sagemaker.DataQualityJobDefinition",
        "sagemaker_data_quality_job_definition",
        "data_quality_app_specification data_quality_baseline_config data_quality_job_input"
        " data_quality_job_output_config job_resources name network_config role_arn stopping_condition",
    ),
    _aws_later("sagemaker.TrainingJob", "sagemaker_training_job", name="training_job_name"),
    _aws_later("sagemaker.HyperParameterTuningJob", "sagemaker_hyper_parameter_tuning_job"),
    _aws("sagemaker.MonitoringSchedule", "sagemaker_monitoring_schedule", "name"),
)

# Seen in infrastructure that mlstage did not write; rules judge them.
_STORAGE: Final = (
    _aws("ebs.Volume", "ebs_volume", "availability_zone encrypted kms_key_id snapshot_id outpost_arn", name=""),
    _aws("ec2.Instance", "instance", "ami availability_zone key_name subnet_id", name=""),
    _aws("ec2.LaunchTemplate", "launch_template", "name name_prefix"),
    _aws(
        "ec2.CapacityReservation",
        "ec2_capacity_reservation",
        "availability_zone ebs_optimized ephemeral_storage instance_match_criteria instance_platform instance_type"
        " outpost_arn placement_group_arn tenancy",
        name="",
    ),
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
_SERVICES: Final = (
    _aws(
        "batch.ComputeEnvironment",
        "batch_compute_environment",
        "name name_prefix type",
        renamed="name=compute_environment_name name_prefix=compute_environment_name_prefix",
    ),
    _aws("batch.JobQueue", "batch_job_queue", "name"),
    _aws("batch.JobDefinition", "batch_job_definition", "name type", documents="container_properties node_properties"),
    _aws("ecs.Cluster", "ecs_cluster", "name"),
    _aws(
        "ecs.Service",
        "ecs_service",
        "cluster launch_type name scheduling_strategy",
        newer="deployment_configuration=6.4 deployment_configuration.canary_configuration=6.21"
        " deployment_configuration.linear_configuration=6.21 load_balancers.advanced_configuration=6.4",
    ),
    _aws(
        "ecs.TaskDefinition",
        "ecs_task_definition",
        "container_definitions cpu enable_fault_injection ephemeral_storage execution_role_arn family ipc_mode memory"
        " network_mode pid_mode placement_constraints proxy_configuration requires_compatibilities runtime_platform"
        " task_role_arn volumes",
        name="family",
        revised=True,
        documents="container_definitions",
    ),
    _aws("ecs.CapacityProvider", "ecs_capacity_provider", "name"),
    _aws("ecs.ClusterCapacityProviders", "ecs_cluster_capacity_providers", "cluster_name", tags=False, name=""),
    _aws("lb.LoadBalancer", "lb", "internal ip_address_type load_balancer_type name name_prefix"),
    _aws("lb.TargetGroup", "lb_target_group", "name name_prefix port protocol protocol_version target_type vpc_id"),
    _aws("lb.Listener", "lb_listener", "load_balancer_arn", name=""),
    _aws("lb.ListenerRule", "lb_listener_rule", "listener_arn", name=""),
    _aws("codedeploy.Application", "codedeploy_app", "compute_platform"),
    _aws("codedeploy.DeploymentGroup", "codedeploy_deployment_group", "", name="deployment_group_name"),
    _aws("iam.InstanceProfile", "iam_instance_profile", "name name_prefix path"),
    _aws("sfn.StateMachine", "sfn_state_machine", "name name_prefix type", documents="definition"),
    _aws("autoscaling.Group", "autoscaling_group", "name name_prefix", tags=False),
    _aws("iam.UserPolicy", "iam_user_policy", "name name_prefix user", tags=False),
    _aws("iam.GroupPolicy", "iam_group_policy", "group name name_prefix", tags=False),
)

# What rules ask about beside the above: who may do what, and where data stays.
_ATTACHMENTS: Final = (
    _aws("iam.UserPolicyAttachment", "iam_user_policy_attachment", "policy_arn user", tags=False, name=""),
    _aws("iam.GroupPolicyAttachment", "iam_group_policy_attachment", "group policy_arn", tags=False, name=""),
    _aws("iam.PolicyAttachment", "iam_policy_attachment", "name policy_arn", tags=False),
    _aws(
        "iam.RolePolicyAttachmentsExclusive",
        "iam_role_policy_attachments_exclusive",
        "role_name",
        tags=False,
        name="",
    ),
)
_DATA: Final = (
    _aws(
        "s3.Bucket",
        "s3_bucket",
        "bucket bucket_namespace bucket_prefix object_lock_enabled",
        name="bucket",
        documents="policy",
    ),
    _aws(
        "s3.BucketServerSideEncryptionConfiguration",
        "s3_bucket_server_side_encryption_configuration",
        "bucket expected_bucket_owner",
        tags=False,
        name="",
    ),
    _aws("ecr.Repository", "ecr_repository", "encryption_configurations name"),
    _aws("efs.BackupPolicy", "efs_backup_policy", "file_system_id", tags=False, name=""),
    _aws(
        "rds.Instance",
        "db_instance",
        "character_set_name custom_iam_instance_profile db_name engine kms_key_id storage_encrypted timezone username",
        name="identifier",
    ),
    _aws(
        "rds.Cluster",
        "rds_cluster",
        "cluster_identifier cluster_identifier_prefix database_name engine engine_mode kms_key_id master_username"
        " source_region storage_encrypted",
        name="cluster_identifier",
    ),
    _aws("dynamodb.Table", "dynamodb_table", "name"),
)

_LAMBDA: Final = (
    _aws("lambda_.Function", "lambda_function", "name package_type", renamed="name=function_name code=filename"),
    _aws("lambda_.Alias", "lambda_alias", "function_name name", tags=False),
    _aws("lambda_.FunctionUrl", "lambda_function_url", "function_name qualifier", tags=False, name=""),
    _aws(
        "lambda_.ProvisionedConcurrencyConfig",
        "lambda_provisioned_concurrency_config",
        "function_name qualifier",
        tags=False,
        name="",
    ),
    _aws(
        "lambda_.FunctionEventInvokeConfig",
        "lambda_function_event_invoke_config",
        "function_name qualifier",
        tags=False,
        name="",
    ),
    _aws("lambda_.EventSourceMapping", "lambda_event_source_mapping", "event_source_arn", name=""),
    _aws(
        "lambda_.Permission",
        "lambda_permission",
        "action event_source_token function function_url_auth_type principal principal_org_id qualifier source_account"
        " source_arn statement_id statement_id_prefix",
        tags=False,
        name="",
        renamed="function=function_name",
    ),
    _aws("apigatewayv2.Api", "apigatewayv2_api", "protocol_type"),
    _aws("apigatewayv2.Integration", "apigatewayv2_integration", "api_id integration_type", tags=False, name=""),
    _aws("apigatewayv2.Route", "apigatewayv2_route", "api_id", tags=False, name=""),
    _aws("apigatewayv2.Stage", "apigatewayv2_stage", "api_id name"),
    _aws(
        "sqs.RedriveAllowPolicy",
        "sqs_queue_redrive_allow_policy",
        "queue_url",
        tags=False,
        name="",
        documents="redrive_allow_policy",
    ),
)

_EKS: Final = (
    _aws("eks.Cluster", "eks_cluster", "bootstrap_self_managed_addons encryption_config name role_arn"),
    _aws("eks.Addon", "eks_addon", "addon_name cluster_name", name=""),
    _aws("eks.AccessEntry", "eks_access_entry", "cluster_name principal_arn type", name=""),
    _aws(
        "eks.AccessPolicyAssociation",
        "eks_access_policy_association",
        "access_scope cluster_name policy_arn principal_arn",
        tags=False,
        name="",
    ),
    _aws(
        "eks.NodeGroup",
        "eks_node_group",
        "ami_type capacity_type cluster_name disk_size instance_types node_group_name node_group_name_prefix"
        " node_role_arn remote_access subnet_ids",
        name="node_group_name",
    ),
    _aws(
        "eks.PodIdentityAssociation",
        "eks_pod_identity_association",
        "cluster_name namespace service_account",
        name="",
    ),
    _aws_lookup("eks.get_cluster", "eks_cluster"),
)

# How a program reaches a cluster; Pulumi's own kind of type, which Terraform has a block for.
_PROVIDER: Final = TypeInfo("kubernetes.Provider", "pulumi:providers:kubernetes", "")
_SELECTOR: Final = "spec.selector"
_KUBERNETES: Final = (
    _PROVIDER,
    _object("core.v1.Namespace"),
    _object("core.v1.ServiceAccount"),
    _object("core.v1.ConfigMap"),
    _object("core.v1.Secret", replaces="type"),
    _object("core.v1.Pod", replaces="spec"),
    _object("core.v1.Service"),
    _object("core.v1.PersistentVolumeClaim", replaces="spec.access_modes spec.storage_class_name"),
    _object("core.v1.ResourceQuota"),
    _object("core.v1.LimitRange"),
    _object("apps.v1.Deployment", replaces=_SELECTOR),
    _object("apps.v1.StatefulSet", replaces="spec.selector spec.service_name spec.volume_claim_templates"),
    _object("apps.v1.DaemonSet", replaces=_SELECTOR),
    _object("apps.v1.ReplicaSet", replaces=_SELECTOR),
    _object("batch.v1.Job", replaces="spec.completion_mode spec.completions spec.selector spec.template"),
    _object("batch.v1.CronJob"),
    _object("autoscaling.v2.HorizontalPodAutoscaler"),
    _object("policy.v1.PodDisruptionBudget"),
    _object("networking.v1.NetworkPolicy", "networking.k8s.io"),
    _object("networking.v1.Ingress", "networking.k8s.io"),
    _object("scheduling.v1.PriorityClass", "scheduling.k8s.io", "preemption_policy value"),
    _object("storage.v1.StorageClass", "storage.k8s.io", "parameters provisioner reclaim_policy volume_binding_mode"),
    _object("rbac.v1.Role", "rbac.authorization.k8s.io"),
    _object("rbac.v1.RoleBinding", "rbac.authorization.k8s.io", "role_ref"),
    _object("rbac.v1.ClusterRole", "rbac.authorization.k8s.io"),
    _object("rbac.v1.ClusterRoleBinding", "rbac.authorization.k8s.io", "role_ref"),
    _custom("karpenter.v1.NodePool", "karpenter.sh"),
    _custom("karpenter.v1.EC2NodeClass", "karpenter.k8s.aws"),
    _custom("eks.v1.NodeClass", "eks.amazonaws.com"),
    _custom("secretsstore.v1.SecretProviderClass", "secrets-store.csi.x-k8s.io"),
)

_FAMILIES: Final = (
    _NETWORK,
    _IDENTITY,
    _SAGEMAKER,
    _OPERATION,
    _WATCHING,
    _STORAGE,
    _SERVICES,
    _LAMBDA,
    _EKS,
    _KUBERNETES,
    _ATTACHMENTS,
    _DATA,
)
VOCABULARY: Final[Mapping[str, TypeInfo]] = {info.name: info for family in _FAMILIES for info in family}


@cache
def _tokens() -> Mapping[str, TypeInfo]:
    return {info.token: info for info in VOCABULARY.values()}


@cache
def _terraform_types() -> Mapping[tuple[str, bool], TypeInfo]:
    named = ((info.terraform or info.later, info) for info in VOCABULARY.values())
    return {(name, info.data): info for name, info in named if name}


def by_token(token: str) -> TypeInfo | None:
    """Find the type that Pulumi calls `aws:sagemaker/model:Model`."""
    return _tokens().get(token)


def by_terraform(name: str, *, data: bool = False) -> TypeInfo | None:
    """Find the type that Terraform calls `aws_sagemaker_model`: a resource, or with `data` a look-up."""
    return _terraform_types().get((name, data))
