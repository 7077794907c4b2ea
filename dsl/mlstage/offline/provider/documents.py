"""Properties that hold a JSON document as text, which AWS parses: a document that does not parse is refused early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from mlstage.graph.vocabulary import by_token
from mlstage.offline.provider.reflect import Shape
from mlstage.offline.provider.values import camel_case, is_asset

# token -> paths of properties that AWS reads as a JSON object (a list where the path says so), in the notation of
# property paths with [] for every item. Policies typed as `PolicyDocument` by pulumi_aws need no entry.
_OBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardBody",),
    "aws:cloudwatch/eventRule:EventRule": ("eventPattern",),
    "aws:cloudwatch/eventTarget:EventTarget": ("input",),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": ("policy",),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ("policyDocument",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("policy",),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": ("policy",),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("policy",),
    "aws:ecr/registryPolicy:RegistryPolicy": ("policy",),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": ("policy",),
    "aws:iam/groupPolicy:GroupPolicy": ("policy",),
    "aws:iam/policy:Policy": ("policy",),
    "aws:iam/role:Role": ("assumeRolePolicy", "inlinePolicies[].policy"),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:iam/userPolicy:UserPolicy": ("policy",),
    "aws:kms/key:Key": ("policy",),
    "aws:kms/keyPolicy:KeyPolicy": ("policy",),
    "aws:s3/accessPoint:AccessPoint": ("policy",),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": ("resourcePolicy",),
    "aws:sagemaker/pipeline:Pipeline": ("pipelineDefinition",),
    "aws:secretsmanager/secret:Secret": ("policy",),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ("policy",),
    "aws:sfn/stateMachine:StateMachine": ("definition",),
    "aws:sns/topic:Topic": ("policy", "deliveryPolicy"),
    "aws:sns/topicPolicy:TopicPolicy": ("policy",),
    "aws:sns/topicSubscription:TopicSubscription": ("deliveryPolicy", "filterPolicy", "redrivePolicy"),
    "aws:sqs/queue:Queue": ("policy", "redrivePolicy", "redriveAllowPolicy"),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy",),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": ("redriveAllowPolicy",),
    "aws:sqs/redrivePolicy:RedrivePolicy": ("redrivePolicy",),
}
_LISTS: Final[dict[str, tuple[str, ...]]] = {"aws:ecs/taskDefinition:TaskDefinition": ("containerDefinitions",)}


def is_document(token: str, name: str, shape: Shape) -> bool:
    """Tell whether a top-level property holds a document, so that equal documents in other words count as equal."""
    known = by_token(token)
    if known is not None and name in {camel_case(document) for document in known.documents}:
        return True
    return _is_policy(shape) or name in _OBJECTS.get(token, ()) or name in _LISTS.get(token, ())


def as_text(shape: Shape, value: Any) -> Any:
    """Turn a policy given as an object into the text that AWS gets, as the real provider does."""
    if _is_policy(shape) and isinstance(value, dict) and not is_asset(value):
        return json.dumps(value, separators=(",", ":"))
    return value


def faults(token: str, inputs: dict[str, Any], policies: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield path and fault of every text that ought to be a document and is not; `policies` are known by their type."""
    lists = _LISTS.get(token, ())
    for path in dict.fromkeys((*_OBJECTS.get(token, ()), *(name for name in policies if name not in lists))):
        for place, text in _texts(inputs, path):
            yield from _fault(place, text, dict, "object")
    for path in lists:
        for place, text in _texts(inputs, path):
            yield from _fault(place, text, list, "list")


def equal(old: Any, new: Any) -> bool:
    """Tell whether two texts are the same document."""
    try:
        return bool(json.loads(old) == json.loads(new))
    except (TypeError, ValueError):
        return False


def _is_policy(shape: Shape) -> bool:
    return isinstance(shape, list) and shape[0] == "|" and ["@", "PolicyDocument"] in shape


def _texts(value: Any, path: str, place: str = "") -> Iterator[tuple[str, str]]:
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    inner = value.get(name) if isinstance(value, dict) else None
    place = f"{place}.{name}" if place else name
    if head.endswith("[]"):
        for index, item in enumerate(inner if isinstance(inner, list) else []):
            yield from _texts(item, rest, f"{place}[{index}]")
    elif rest:
        yield from _texts(inner, rest, place)
    elif isinstance(inner, str):
        yield place, inner


def _fault(place: str, text: str, kind: type, name: str) -> Iterator[tuple[str, str]]:
    try:
        document = json.loads(text)
    except ValueError as error:
        yield place, f"AWS reads a JSON document here, and this text is none: {error}"
    else:
        if not isinstance(document, kind):
            yield place, f"AWS reads a JSON {name} here, not {type(document).__name__}"
