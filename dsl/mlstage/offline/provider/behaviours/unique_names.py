"""Two things of one kind cannot have one name: AWS refuses to create the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import World

_SAGEMAKER: Final = 'ValidationException: Cannot create already existing {what} "{arn}".'

# token -> (property that holds the name, what AWS answers, the resource part of the ARN it names)
_NAMES: Final[dict[str, tuple[str, str, str]]] = {
    "aws:cloudwatch/logGroup:LogGroup": (
        "name",
        "ResourceAlreadyExistsException: The specified log group already exists: {name}",
        "",
    ),
    "aws:ecr/repository:Repository": (
        "name",
        "RepositoryAlreadyExistsException: The repository with name '{name}' already exists in the registry with id"
        " '{account}'",
        "",
    ),
    "aws:eks/cluster:Cluster": ("name", "ResourceInUseException: Cluster already exists with name: {name}", ""),
    "aws:iam/policy:Policy": ("name", "EntityAlreadyExists: A policy called {name} already exists.", ""),
    "aws:iam/role:Role": ("name", "EntityAlreadyExists: Role with name {name} already exists.", ""),
    "aws:kms/alias:Alias": ("name", "AlreadyExistsException: An alias with the name {name} already exists", ""),
    "aws:lambda/function:Function": ("name", "ResourceConflictException: Function already exist: {name}", ""),
    "aws:lb/loadBalancer:LoadBalancer": (
        "name",
        "DuplicateLoadBalancerName: A load balancer with the same name '{name}' exists, but with different settings",
        "",
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "name",
        "DuplicateTargetGroupName: A target group with the same name '{name}' exists, but with different settings",
        "",
    ),
    "aws:s3/bucket:Bucket": ("bucket", "BucketAlreadyOwnedByYou: the bucket {name} exists and is yours", ""),
    "aws:sagemaker/endpoint:Endpoint": ("name", _SAGEMAKER.replace("{what}", "endpoint"), "endpoint"),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (
        "name",
        _SAGEMAKER.replace("{what}", "endpoint configuration"),
        "endpoint-config",
    ),
    "aws:sagemaker/model:Model": ("name", _SAGEMAKER.replace("{what}", "model"), "model"),
    "aws:sagemaker/notebookInstance:NotebookInstance": (
        "name",
        _SAGEMAKER.replace("{what}", "notebook instance"),
        "notebook-instance",
    ),
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration": (
        "name",
        _SAGEMAKER.replace("{what}", "notebook instance lifecycle config"),
        "notebook-instance-lifecycle-config",
    ),
    "aws:sagemaker/pipeline:Pipeline": (
        "pipelineName",
        "ValidationException: Pipeline names must be unique within an AWS account and region. Pipeline with name"
        " ({name}) already exists.",
        "",
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (
        "name",
        "ConflictException: Schedule group {name} already exists.",
        "",
    ),
}
# Services whose names are taken in every region at once.
_GLOBAL: Final = ("aws:iam/", "aws:s3/")


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.operation != "create" or change.token not in _NAMES:
        return
    property_name, answer, kind = _NAMES[change.token]
    name = change.new.get(property_name)
    for thing in world.things(change.token):
        same_place = change.token.startswith(_GLOBAL) or thing.region == change.region
        if name and same_place and thing.facts.get(property_name) == name:
            arn = f"arn:aws:sagemaker:{change.region}:{change.account}:{kind}/{str(name).lower()}"
            yield answer.format(name=name, account=change.account, arn=arn)
            return


BEHAVIOUR: Final = Behaviour({token: (entry[0],) for token, entry in _NAMES.items()}, _refuses)
