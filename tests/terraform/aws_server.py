"""moto as AWS on loopback for the real provider: a process of its own, with the few answers that moto 5.2.5 lacks.

Run as a program it prints its port and serves until its standard input ends, so that it never outlives the test.
`ADDED` names every answer that is not moto's own and why; docs/terraform.md lists them, and a test compares the two.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

# Neither an account that a spec names, nor a real one.
ACCOUNT: Final = "210987654321"

# An endpoint configuration with this tag does not hold: AWS goes back to the former one.
TAKEN_BACK: Final = "test:taken-back"

ADDED: Final[dict[str, str]] = {}
_INSTALLERS: Final[list[Callable[[], None]]] = []


def _added(answer: str, why: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def note(install: Callable[[], None]) -> Callable[[], None]:
        ADDED[answer] = why
        _INSTALLERS.append(install)
        return install

    return note


def _wrap(cls: type, name: str, around: Callable[..., Any]) -> None:
    """Put `around(theirs, self, ...)` in place of a method."""
    theirs = getattr(cls, name)
    setattr(cls, name, lambda self, *args, **options: around(theirs, self, *args, **options))


@_added("sagemaker:ListTags", "moto knows no tags of notebook lifecycle configurations")
def _lifecycle_tags() -> None:
    from moto.sagemaker.models import SageMakerModelBackend

    def found(theirs: Any, backend: Any, arn: str) -> Any:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if kind != "notebook-instance-lifecycle-config":
            return theirs(backend, arn)
        resource = backend.notebook_instance_lifecycle_configurations[name]
        resource.tags = getattr(resource, "tags", None) or []
        return resource

    def made(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        name = response._get_param("NotebookInstanceLifecycleConfigName")
        configurations = response.sagemaker_backend.notebook_instance_lifecycle_configurations
        configurations[name].tags = response._get_param("Tags") or []
        return answer

    from moto.sagemaker.responses import SageMakerResponse

    _wrap(SageMakerModelBackend, "_get_resource_from_arn", found)
    _wrap(SageMakerResponse, "create_notebook_instance_lifecycle_config", made)


@_added("sagemaker:DescribeModel", "moto forgets network isolation, and answers an empty network where there is none")
def _models() -> None:
    from moto.core.responses import ActionResult
    from moto.sagemaker.responses import SageMakerResponse

    def made(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        model = response.sagemaker_backend._models[response._get_param("ModelName")]
        model.enable_network_isolation = bool(response._get_param("EnableNetworkIsolation"))
        return answer

    def described(_theirs: Any, response: Any) -> Any:
        model = response.sagemaker_backend.describe_model(response._get_param("ModelName"))
        return ActionResult(_without_empty(model.response_object, "VpcConfig"))

    _wrap(SageMakerResponse, "create_model", made)
    _wrap(SageMakerResponse, "describe_model", described)


@_added("sagemaker:DescribeEndpointConfig", "moto answers an empty data capture where none is set")
def _configurations() -> None:
    from moto.core.responses import ActionResult
    from moto.sagemaker.responses import SageMakerResponse

    def described(_theirs: Any, response: Any) -> Any:
        name = response._get_param("EndpointConfigName")
        found = response.sagemaker_backend.describe_endpoint_config(name)
        return ActionResult(_without_empty(found, "DataCaptureConfig", "AsyncInferenceConfig"))

    _wrap(SageMakerResponse, "describe_endpoint_config", described)


@_added("sagemaker:CreateEndpointConfig", "moto's list of types ends before g5, inf2 and other newer ones")
def _instance_types() -> None:
    from moto.sagemaker.models import FakeEndpointConfig

    from mlstage.catalog.instances import instance

    def validated(theirs: Any, configuration: Any, instance_type: str) -> None:
        if instance(instance_type) is None:
            theirs(configuration, instance_type)

    _wrap(FakeEndpointConfig, "validate_instance_type", validated)


@_added(
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


@_added("sagemaker:DescribeNotebookInstance", "moto forgets the version of the instance metadata service")
def _notebooks() -> None:
    from moto.core.responses import ActionResult
    from moto.sagemaker.responses import SageMakerResponse

    member = "InstanceMetadataServiceConfiguration"

    def made(theirs: Any, response: Any) -> Any:
        answer = theirs(response)
        notebook = response.sagemaker_backend.get_notebook_instance(response._get_param("NotebookInstanceName"))
        notebook.metadata = response._get_param(member)
        return answer

    def described(_theirs: Any, response: Any) -> Any:
        notebook = response.sagemaker_backend.get_notebook_instance(response._get_param("NotebookInstanceName"))
        return ActionResult({**notebook.to_dict(), member: notebook.metadata})

    _wrap(SageMakerResponse, "create_notebook_instance", made)
    _wrap(SageMakerResponse, "describe_notebook_instance", described)


@_added("ec2:DescribeSecurityGroupRules", "moto keeps the description of rules for addresses only")
def _rule_descriptions() -> None:
    from moto.ec2.models.security_groups import SecurityGroupRule

    def made(theirs: Any, rule: Any, *args: Any, **options: Any) -> None:
        theirs(rule, *args, **options)
        parts = (part for part in (*args, *options.values()) if isinstance(part, dict))
        rule.own_description = next((part["Description"] for part in parts if "Description" in part), None)

    _wrap(SecurityGroupRule, "__init__", made)
    setattr(SecurityGroupRule, "description", property(lambda rule: rule.own_description))  # noqa: B010 - typed a method


@_added("application-autoscaling:ListTagsForResource", "moto has no tags there")
def _scaling_tags() -> None:
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    tags: dict[str, dict[str, str]] = {}

    def registered(theirs: Any, response: Any) -> str:
        answer: str = theirs(response)
        if given := response._get_param("Tags"):
            tags[json.loads(answer)["ScalableTargetARN"]] = given
        return answer

    def tag_resource(response: Any) -> str:
        tags.setdefault(response._get_param("ResourceARN"), {}).update(response._get_param("Tags"))
        return "{}"

    def untag_resource(response: Any) -> str:
        for key in response._get_param("TagKeys"):
            tags.get(response._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"Tags": tags.get(response._get_param("ResourceARN"), {})})

    _wrap(ApplicationAutoScalingResponse, "register_scalable_target", registered)
    for answer in (tag_resource, untag_resource, list_tags_for_resource):
        setattr(ApplicationAutoScalingResponse, answer.__name__, answer)


@_added("application-autoscaling:DeregisterScalableTarget", "AWS drops a target's policies with it, moto not")
def _scaling_policies() -> None:
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend

    def deregistered(theirs: Any, backend: Any, namespace: str, resource: str, dimension: str) -> None:
        theirs(backend, namespace, resource, dimension)
        gone = [key for key, policy in backend.policies.items() if policy.resource_id == resource]
        for key in gone:
            backend.policies.pop(key).delete_alarms(backend.account_id, backend.region_name)

    _wrap(ApplicationAutoscalingBackend, "deregister_scalable_target", deregistered)


def _without_empty(answer: dict[str, Any], *members: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if value or key not in members}


def main() -> None:
    """Serve until standard input ends."""
    os.environ.update(MOTO_ACCOUNT_ID=ACCOUNT, AWS_DEFAULT_REGION="us-east-1", MOTO_IAM_LOAD_MANAGED_POLICIES="true")
    from moto.server import ThreadedMotoServer

    for install in _INSTALLERS:
        install()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
