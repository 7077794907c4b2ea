"""The part of `limits.json` that AWS's API models carry, and a check of what their documentation says in words."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from mlstage.catalog import _files
from mlstage.catalog.derive import upstream
from mlstage.catalog.limits import LIMITS_FILE

SOURCE: Final = "botocore"

# limit -> service/shape
SHAPES: Final = {
    "sagemaker.serverless.memory_mb": "sagemaker/ServerlessMemorySizeInMB",
    "sagemaker.serverless.max_concurrency": "sagemaker/ServerlessMaxConcurrency",
    "sagemaker.serverless.provisioned_concurrency": "sagemaker/ServerlessProvisionedConcurrency",
    "sagemaker.endpoint.name": "sagemaker/EndpointName",
    "sagemaker.endpoint_config.name": "sagemaker/EndpointConfigName",
    "sagemaker.model.name": "sagemaker/ModelName",
    "sagemaker.model.containers": "sagemaker/ContainerDefinitionList",
    "sagemaker.model.environment": "sagemaker/EnvironmentMap",
    "sagemaker.model.image": "sagemaker/ContainerImage",
    "sagemaker.model.artifact": "sagemaker/Url",
    "sagemaker.inference_component.name": "sagemaker/InferenceComponentName",
    "sagemaker.variant.name": "sagemaker/VariantName",
    "sagemaker.variant.volume_gb": "sagemaker/ProductionVariantVolumeSizeInGB",
    "sagemaker.variant.initial_count": "sagemaker/InitialTaskCount",
    "sagemaker.variant.list": "sagemaker/ProductionVariantList",
    "sagemaker.variant.download_timeout_s": "sagemaker/ProductionVariantModelDataDownloadTimeoutInSeconds",
    "sagemaker.variant.health_timeout_s": "sagemaker/ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
    "sagemaker.variant.inference_ami": "sagemaker/ProductionVariantInferenceAmiVersion",
    "sagemaker.variant.routing": "sagemaker/RoutingStrategy",
    "sagemaker.data_capture.percentage": "sagemaker/SamplingPercentage",
    "sagemaker.deployment.alarms": "sagemaker/AlarmList",
    "sagemaker.deployment.wait_s": "sagemaker/WaitIntervalInSeconds",
    "sagemaker.deployment.termination_wait_s": "sagemaker/TerminationWaitInSeconds",
    "sagemaker.deployment.max_execution_s": "sagemaker/MaximumExecutionTimeoutInSeconds",
    "sagemaker.managed_scaling.min": "sagemaker/ManagedInstanceScalingMinInstanceCount",
    "sagemaker.managed_scaling.max": "sagemaker/ManagedInstanceScalingMaxInstanceCount",
    "sagemaker.realtime.body_bytes": "sagemaker-runtime/BodyBlob",
    "sagemaker.async.max_concurrent_per_instance": "sagemaker/MaxConcurrentInvocationsPerInstance",
    "sagemaker.async.invocation_timeout_s": "sagemaker-runtime/InvocationTimeoutSecondsHeader",
    "sagemaker.async.request_ttl_s": "sagemaker-runtime/RequestTTLSecondsHeader",
    "sagemaker.training_job.name": "sagemaker/TrainingJobName",
    "sagemaker.training.keepalive_s": "sagemaker/KeepAlivePeriodInSeconds",
    "sagemaker.training.retry_attempts": "sagemaker/MaximumRetryAttempts",
    "sagemaker.training.inputs": "sagemaker/InputDataConfig",
    "sagemaker.training.channel_name": "sagemaker/ChannelName",
    "sagemaker.training.environment": "sagemaker/TrainingEnvironmentMap",
    "sagemaker.transform_job.name": "sagemaker/TransformJobName",
    "sagemaker.transform.environment": "sagemaker/TransformEnvironmentMap",
    "sagemaker.transform.invocation_timeout_s": "sagemaker/InvocationsTimeoutInSeconds",
    "sagemaker.transform.max_retries": "sagemaker/InvocationsMaxRetries",
    "sagemaker.transform.batch_strategy": "sagemaker/BatchStrategy",
    "sagemaker.transform.split_type": "sagemaker/SplitType",
    "sagemaker.processing_job.name": "sagemaker/ProcessingJobName",
    "sagemaker.processing.count": "sagemaker/ProcessingInstanceCount",
    "sagemaker.processing.environment": "sagemaker/ProcessingEnvironmentMap",
    "sagemaker.processing.volume_gb": "sagemaker/ProcessingVolumeSizeInGB",
    "sagemaker.processing.max_runtime_s": "sagemaker/ProcessingMaxRuntimeInSeconds",
    "sagemaker.pipeline.name": "sagemaker/PipelineName",
    "sagemaker.pipeline.definition": "sagemaker/PipelineDefinition",
    "sagemaker.notebook.name": "sagemaker/NotebookInstanceName",
    "sagemaker.notebook.volume_gb": "sagemaker/NotebookInstanceVolumeSizeInGB",
    "sagemaker.notebook.platform": "sagemaker/PlatformIdentifier",
    "sagemaker.notebook.lifecycle_config_name": "sagemaker/NotebookInstanceLifecycleConfigName",
    "sagemaker.notebook.lifecycle_config_content": "sagemaker/NotebookInstanceLifecycleConfigContent",
    "sagemaker.vpc.subnets": "sagemaker/Subnets",
    "sagemaker.vpc.security_groups": "sagemaker/VpcSecurityGroupIds",
    "sagemaker.role_arn": "sagemaker/RoleArn",
    "sagemaker.s3_uri": "sagemaker/S3Uri",
    "sagemaker.environment.key": "sagemaker/EnvironmentKey",
    "sagemaker.environment.value": "sagemaker/EnvironmentValue",
    "sagemaker.tag.list": "sagemaker/TagList",
    "sagemaker.tag.key": "sagemaker/TagKey",
    "sagemaker.tag.value": "sagemaker/TagValue",
    # The three ceilings below are those of Lambda Managed Instances; the standard limits are among the hand facts.
    "lambda.managed_instances.memory_mb": "lambda/MemorySize",
    "lambda.managed_instances.timeout_s": "lambda/Timeout",
    "lambda.managed_instances.tmp_mb": "lambda/EphemeralStorageSize",
    "lambda.architecture": "lambda/Architecture",
    "lambda.runtime": "lambda/Runtime",
    "lambda.package_type": "lambda/PackageType",
    "lambda.function_name_or_arn": "lambda/FunctionName",
    "lambda.alias": "lambda/Alias",
    "ecs.launch_type": "ecs/LaunchType",
    "ecs.cpu_arch": "ecs/CPUArchitecture",
    "ecs.resource_requirement": "ecs/ResourceType",
    "ecr.repository_name": "ecr/RepositoryName",
    "eks.ami_type": "eks/AMITypes",
    "eks.capacity_type": "eks/CapacityTypes",
    "eks.cluster_name": "eks/ClusterName",
    "eks.log_type": "eks/LogType",
    "iam.role_name": "iam/roleNameType",
    "iam.policy_name": "iam/policyNameType",
    "scheduler.name": "scheduler/Name",
    "scheduler.expression": "scheduler/ScheduleExpression",
    "logs.group_name": "logs/LogGroupName",
    "cloudwatch.alarm_name": "cloudwatch/AlarmName",
    "autoscaling.policy_name": "application-autoscaling/PolicyName",
    "autoscaling.metric": "application-autoscaling/MetricType",
    "autoscaling.namespace": "application-autoscaling/ServiceNamespace",
    "autoscaling.dimension": "application-autoscaling/ScalableDimension",
    "pricing.filter_type": "pricing/FilterType",
    "savingsplans.product": "savingsplans/SavingsPlanProductType",
}


def limits_file(date: str) -> str:
    """Return the text of `limits.json` with its derived part anew and its hand part as it stands."""
    data = json.loads(_files.text(LIMITS_FILE))
    data["sources"][SOURCE] |= {"what": f"{upstream.name_of('botocore')}, service models", "date": date}
    data["derived"] = {key: _derived(shape) for key, shape in SHAPES.items()}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def unwitnessed() -> Iterator[str]:
    """Yield the hand facts whose words AWS's API documentation says no more: each has to be thought over again.

    Such a fact names its place in `where` (service/Shape.member, or service/Operation) and the words in `says`.
    """
    for key, fact in json.loads(_files.text(LIMITS_FILE))["hand"].items():
        if (words := fact.get("says")) and words not in _words(fact["where"]):
            yield f"{LIMITS_FILE}: {key}: {fact['where']} no longer says `{words}`"


def _derived(place: str) -> dict[str, Any]:
    service, name = place.split("/")
    shape = upstream.shape(service, name)
    derived: dict[str, Any] = {"shape": place, "type": shape["type"]}
    derived |= {bound: shape[bound] for bound in ("min", "max") if bound in shape}
    if pattern := shape.get("pattern"):
        # AWS writes Java's classes of letters, separators and digits, which Python's `re` does not have.
        pattern = pattern.replace(r"\p{L}\p{Z}\p{N}_", r"\w\s").replace(r"\p{Print}", r"[^\x00-\x1f\x7f]")
        derived["pattern"] = pattern
    if choices := shape.get("enum"):
        derived["choices"] = choices
    return derived


def _words(place: str) -> str:
    service, _, path = place.partition("/")
    name, _, member = path.partition(".")
    model = upstream.service_model(service)
    found = model["shapes"][name]["members"][member] if member else model["operations"][name]
    return " ".join(re.sub(r"<[^>]+>", "", found["documentation"]).split())
