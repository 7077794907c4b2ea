"""What runs in private subnets: its security groups, and which services of AWS it is seen to call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import Field, field
from mlstage.rules.views.compute import BATCH
from mlstage.rules.views.containers import FUNCTION, MODEL, TASK
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import Pointers, follow
from mlstage.rules.views.policies import statements
from mlstage.rules.views.services import SERVICE

_ROLE: Final = "aws.iam.Role"
_GROUP: Final = "aws.ec2.SecurityGroup"
# What runs in a VPC as well, and whose security groups are not all told by resources.
OTHERS: Final = (
    "aws.autoscaling.Group",
    "aws.ec2.Instance",
    "aws.ec2.LaunchTemplate",
    "aws.eks.Cluster",
    "aws.eks.NodeGroup",
    "aws.sagemaker.Domain",
    "aws.sagemaker.NotebookInstance",
)
# Where each kind names its security groups, and its role.
_PLACES: Final[Mapping[str, Callable[[Resource], Field]]] = {
    BATCH: lambda one: field(one, "compute_resources")["security_group_ids"],
    SERVICE: lambda one: field(one, "network_configuration")["security_groups"],
    FUNCTION: lambda one: field(one, "vpc_config")["security_group_ids"],
    MODEL: lambda one: field(one, "vpc_config")["security_group_ids"],
}
_SUBNETS: Final[Mapping[str, Callable[[Resource], Field]]] = {
    BATCH: lambda one: field(one, "compute_resources")["subnets"],
    SERVICE: lambda one: field(one, "network_configuration")["subnets"],
    FUNCTION: lambda one: field(one, "vpc_config")["subnet_ids"],
    MODEL: lambda one: field(one, "vpc_config")["subnets"],
}
_ROLES: Final[Mapping[str, str]] = {FUNCTION: "role", MODEL: "execution_role_arn"}
# The services whose interface endpoints carry calls that policies allow, by what their actions begin with.
_BY_ACTION: Final[Mapping[str, str]] = {
    "kms": "kms",
    "sagemaker": "sagemaker.runtime",
    "secretsmanager": "secretsmanager",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
}
_ECR: Final = re.compile(r"\d{12}\.dkr[.-]ecr")


@dataclass(frozen=True, slots=True)
class Tenant:
    """Something that runs in so many `subnets` of a VPC.

    `is_plain` says that its security groups are all in this stack. `services` are what its role may call, by the
    beginning of the actions; `through_endpoints` those of which calls need an interface endpoint where nothing leads
    out.
    """

    resource: Resource
    groups: tuple[Resource, ...]
    is_plain: bool
    subnets: int
    services: frozenset[str]
    through_endpoints: frozenset[str]


def tenants(graph: Graph) -> Iterator[Tenant]:
    """Yield what runs in subnets that a graph names."""
    policies = Pointers(graph.of("aws.iam.RolePolicy"), "role")
    for kind, place in _PLACES.items():
        for resource in graph.of(kind):
            at = place(resource)
            if at.value is None and not _is_placed(resource):
                continue
            found = [follow(graph, one, _GROUP).resources for one in at.items()]
            tasks = follow(graph, field(resource, "task_definition"), TASK).resources if kind == SERVICE else ()
            may = frozenset(_allowed(graph, policies, resource, tasks))
            yield Tenant(
                resource,
                tuple(group for groups in found for group in groups),
                bool(found) and all(found),
                max(1, len(_SUBNETS[kind](resource).items())),
                may,
                frozenset((*(_BY_ACTION[one] for one in may if one in _BY_ACTION), *_started(tasks))),
            )


def _is_placed(resource: Resource) -> bool:
    """Say whether a resource is in a VPC although it names no security groups: it gets the VPC's own then."""
    return any(resource.props.get(name) is not None for name in ("network_configuration", "vpc_config"))


def _allowed(graph: Graph, policies: Pointers, resource: Resource, tasks: tuple[Resource, ...]) -> Iterator[str]:
    places = [field(task, "task_role_arn") for task in tasks]
    places += [field(resource, _ROLES[resource.type])] if resource.type in _ROLES else []
    for place in places:
        for role in follow(graph, place, _ROLE).resources:
            for policy in (role, *policies.to(role)):
                for statement in statements(policy):
                    for action in statement.actions:
                        yield (action.text or "").partition(":")[0].lower()


def _started(tasks: tuple[Resource, ...]) -> Iterator[str]:
    """Yield what the agent calls to start a task: for its image, its log and its secrets."""
    for task in tasks:
        for container in document(field(task, "container_definitions")).items():
            if _ECR.match(container["image"].text or ""):
                yield from ("ecr.api", "ecr.dkr")
            if container["logConfiguration"]["logDriver"].text == "awslogs":
                yield "logs"
            for secret in container["secrets"].items():
                yield "secretsmanager" if ":secretsmanager:" in (secret["valueFrom"].text or "") else "ssm"
