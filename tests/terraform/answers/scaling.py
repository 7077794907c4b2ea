"""Application Auto Scaling: tags of scalable targets, and policies that go with their target."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from tests.terraform.answers import added, wrap


@added("application-autoscaling:ListTagsForResource", "moto has no tags there")
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

    wrap(ApplicationAutoScalingResponse, "register_scalable_target", registered)
    for answer in (tag_resource, untag_resource, list_tags_for_resource):
        setattr(ApplicationAutoScalingResponse, answer.__name__, answer)


@added("application-autoscaling:DeregisterScalableTarget", "AWS drops a target's policies with it, moto not")
def _scaling_policies() -> None:
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend

    def deregistered(theirs: Any, backend: Any, namespace: str, resource: str, dimension: str) -> None:
        theirs(backend, namespace, resource, dimension)
        gone = [key for key, policy in backend.policies.items() if policy.resource_id == resource]
        for key in gone:
            backend.policies.pop(key).delete_alarms(backend.account_id, backend.region_name)

    wrap(ApplicationAutoscalingBackend, "deregister_scalable_target", deregistered)


@added(
    "application-autoscaling:DeleteScalingPolicy",
    "AWS answers ObjectNotFoundException where there is none, which the provider takes for done when it asks twice",
)
def _scaling_policies_gone() -> None:
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.core.exceptions import JsonRESTError

    def deleted(theirs: Any, backend: Any, policy_name: str, resource_id: str, **options: str) -> None:
        if not any(
            one.policy_name == policy_name and one.resource_id == resource_id for one in backend.policies.values()
        ):
            raise JsonRESTError("ObjectNotFoundException", f"No scaling policy found: {policy_name} of {resource_id}")
        theirs(backend, policy_name=policy_name, resource_id=resource_id, **options)

    wrap(ApplicationAutoscalingBackend, "delete_scaling_policy", deleted)


@added(
    "application-autoscaling:RegisterScalableTarget",
    "moto's list of dimensions ends before the provisioned concurrency of serverless endpoints",
)
def _scaling_dimensions() -> None:
    from moto.applicationautoscaling import models, responses

    more = SimpleNamespace(value="sagemaker:variant:DesiredProvisionedConcurrency")
    dimensions = [*models.ScalableDimensionValueSet, more]
    for module in (models, responses):
        setattr(module, "ScalableDimensionValueSet", dimensions)  # noqa: B010 - an enumeration there
