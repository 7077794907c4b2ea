"""SageMaker: what moto forgets of a request, and how endpoints are updated and monitored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.terraform.answers import added, wrap

# An endpoint configuration with this tag does not hold: AWS goes back to the former one.
TAKEN_BACK: Final = "test:taken-back"

# What a description answers as it was asked for, or leaves out where it was not: by thing, its name's member, the
# members, and what the description calls those that have another name there.
_REMEMBERED: Final[Mapping[str, tuple[str, tuple[str, ...], Mapping[str, str]]]] = {
    "model": (
        "ModelName",
        ("EnableNetworkIsolation", "PrimaryContainer", "Containers", "VpcConfig", "InferenceExecutionConfig"),
        {},
    ),
    "endpoint_config": (
        "EndpointConfigName",
        ("ProductionVariants", "ShadowProductionVariants", "DataCaptureConfig", "AsyncInferenceConfig"),
        {},
    ),
    "endpoint": ("EndpointName", ("DeploymentConfig",), {"DeploymentConfig": "LastDeploymentConfig"}),
    "notebook_instance": ("NotebookInstanceName", ("InstanceMetadataServiceConfiguration",), {}),
}
# What AWS fills in where the request says nothing.
_FILLED: Final[Mapping[str, Mapping[str, Any]]] = {"model": {"EnableNetworkIsolation": False}}


def _remember(kind: str) -> None:
    from moto.core.responses import ActionResult
    from moto.sagemaker.responses import SageMakerResponse

    named, members, other_names = _REMEMBERED[kind]
    asked: dict[str, dict[str, Any]] = {}

    def made(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        asked[response._get_param(named)] = {member: response._get_param(member) for member in members}
        return answer

    def described(theirs: Any, response: Any) -> Any:
        answer = {**theirs(response).result}
        for member, value in asked.get(response._get_param(named), {}).items():
            answer.pop(member, None)
            value = _FILLED.get(kind, {}).get(member) if value is None else value
            if value is not None:
                answer[other_names.get(member, member)] = value
        return ActionResult(answer)

    wrap(SageMakerResponse, f"create_{kind}", made)
    if kind == "endpoint":
        wrap(SageMakerResponse, "update_endpoint", made)
    wrap(SageMakerResponse, f"describe_{kind}", described)


@added(
    "sagemaker:CreateEndpointConfig",
    "moto's list of types ends before g5, inf2 and other newer ones",
)
def _instance_types() -> None:
    from moto.sagemaker.models import FakeEndpointConfig

    from mlstage.catalog.instances import instance

    def validated(theirs: Any, configuration: Any, instance_type: str) -> None:
        if instance(instance_type) is None:
            theirs(configuration, instance_type)

    wrap(FakeEndpointConfig, "validate_instance_type", validated)


@added(
    "sagemaker:UpdateEndpoint",
    "moto cannot update; as AWS does, this refuses a new type for a variant that is auto-scaled, and answers success to"
    " an update that is then taken back",
)
def _updates() -> None:
    from moto.applicationautoscaling.models import applicationautoscaling_backends
    from moto.core.responses import ActionResult
    from moto.sagemaker.exceptions import ValidationError
    from moto.sagemaker.responses import SageMakerResponse

    def update_endpoint(response: Any) -> Any:
        backend = response.sagemaker_backend
        name, new_name = response._get_param("EndpointName"), response._get_param("EndpointConfigName")
        endpoint, new = backend.endpoints[name], backend.endpoint_configs[new_name]
        old = backend.endpoint_configs[endpoint.endpoint_config_name]
        scaling = applicationautoscaling_backends[response.current_account][response.region]
        registered = scaling.targets.get("sagemaker:variant:DesiredInstanceCount", {})
        types = {variant["VariantName"]: variant.get("InstanceType") for variant in new.production_variants}
        for variant in old.production_variants:
            scaled = f"endpoint/{name}/variant/{variant['VariantName']}" in registered
            if scaled and types.get(variant["VariantName"]) != variant.get("InstanceType"):
                # The sentence that AWS answers, from aws-cdk issue 29626.
                raise ValidationError("Cannot update endpoint: variant is registered with Application Auto Scaling")
        if any(tag["Key"] == TAKEN_BACK for tag in new.tags):
            return ActionResult({"EndpointArn": endpoint.arn})
        endpoint.endpoint_config_name = new_name
        endpoint.production_variants = endpoint._process_production_variants(new.production_variants)
        return ActionResult({"EndpointArn": endpoint.arn})

    setattr(SageMakerResponse, "update_endpoint", update_endpoint)  # noqa: B010 - moto has no such answer


@added("sagemaker:DescribeModel", "moto forgets network isolation, and answers an empty network where there is none")
def _models() -> None:
    _remember("model")


@added("sagemaker:DescribeEndpointConfig", "moto forgets shadow variants, and answers a data capture without one")
def _configurations() -> None:
    _remember("endpoint_config")


@added("sagemaker:DescribeEndpoint", "moto forgets how an endpoint is to be deployed")
def _deployments() -> None:
    _remember("endpoint")


@added("sagemaker:DescribeNotebookInstance", "moto forgets the version of the instance metadata service")
def _notebooks() -> None:
    _remember("notebook_instance")


@added("sagemaker:UpdateNotebookInstance", "moto has no such answer; this one sets the instance type")
def _resized() -> None:
    from moto.core.responses import ActionResult
    from moto.sagemaker.responses import SageMakerResponse

    def update_notebook_instance(response: Any) -> Any:
        notebook = response.sagemaker_backend.get_notebook_instance(response._get_param("NotebookInstanceName"))
        notebook.instance_type = response._get_param("InstanceType") or notebook.instance_type
        return ActionResult({})

    answer = update_notebook_instance
    setattr(SageMakerResponse, answer.__name__, answer)


# Things that moto knows without their tags, by the ARN's kind: where its backend keeps them.
_TAGLESS: Final = {
    "notebook-instance-lifecycle-config": "notebook_instance_lifecycle_configurations",
    "monitoring-schedule": "monitoring_schedules",
}


@added("sagemaker:ListTags", "moto knows no tags of notebook lifecycle configurations")
def _lifecycle_tags() -> None:
    from moto.sagemaker.models import SageMakerModelBackend
    from moto.sagemaker.responses import SageMakerResponse

    def found(theirs: Any, backend: Any, arn: str) -> Any:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if kind not in _TAGLESS:
            return theirs(backend, arn)
        resource = getattr(backend, _TAGLESS[kind])[name]
        resource.tags = getattr(resource, "tags", None) or []
        return resource

    def made(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        name = response._get_param("NotebookInstanceLifecycleConfigName")
        configurations = response.sagemaker_backend.notebook_instance_lifecycle_configurations
        configurations[name].tags = response._get_param("Tags") or []
        return answer

    wrap(SageMakerModelBackend, "_get_resource_from_arn", found)
    wrap(SageMakerResponse, "create_notebook_instance_lifecycle_config", made)


@dataclass
class _Schedule:
    """A monitoring schedule, and what its description answers."""

    described: dict[str, Any]
    tags: list[dict[str, str]] = field(default_factory=list)


@added("sagemaker:CreateMonitoringSchedule", "moto has no monitoring schedules: these are made, changed and deleted")
def _schedules() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.sagemaker.exceptions import ResourceNotFound
    from moto.sagemaker.models import SageMakerModelBackend
    from moto.sagemaker.responses import SageMakerResponse

    def all_of(response: Any) -> dict[str, _Schedule]:
        schedules: dict[str, _Schedule] = response.sagemaker_backend.monitoring_schedules
        return schedules

    def create_monitoring_schedule(response: Any) -> Any:
        name = response._get_param("MonitoringScheduleName")
        arn = f"arn:aws:sagemaker:{response.region}:{response.current_account}:monitoring-schedule/{name}"
        described = {
            "MonitoringScheduleArn": arn,
            "MonitoringScheduleName": name,
            "MonitoringScheduleStatus": "Scheduled",
            "MonitoringScheduleConfig": response._get_param("MonitoringScheduleConfig"),
        }
        all_of(response)[name] = _Schedule(described, response._get_param("Tags") or [])
        return ActionResult({"MonitoringScheduleArn": arn})

    def update_monitoring_schedule(response: Any) -> Any:
        schedule = all_of(response)[response._get_param("MonitoringScheduleName")]
        schedule.described["MonitoringScheduleConfig"] = response._get_param("MonitoringScheduleConfig")
        return ActionResult({"MonitoringScheduleArn": schedule.described["MonitoringScheduleArn"]})

    def describe_monitoring_schedule(response: Any) -> Any:
        name = response._get_param("MonitoringScheduleName")
        if name not in all_of(response):
            raise ResourceNotFound(message=f"Could not find monitoring schedule {name}.")
        return ActionResult(all_of(response)[name].described)

    def delete_monitoring_schedule(response: Any) -> Any:
        del all_of(response)[response._get_param("MonitoringScheduleName")]
        return EmptyResult()

    made = SageMakerModelBackend.__init__

    def backend(self: Any, *args: Any, **options: Any) -> None:
        made(self, *args, **options)
        self.monitoring_schedules = {}

    setattr(SageMakerModelBackend, "__init__", backend)  # noqa: B010 - mypy minds an assignment
    for answer in (
        create_monitoring_schedule,
        update_monitoring_schedule,
        describe_monitoring_schedule,
        delete_monitoring_schedule,
    ):
        setattr(SageMakerResponse, answer.__name__, answer)
