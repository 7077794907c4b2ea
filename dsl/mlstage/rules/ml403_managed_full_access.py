"""ML403: managed policies that allow all of a service, or all of AWS."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.policies import ATTACHMENTS, attached

_MANAGED: Final = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(?:[\w-]+/)*([\w+=,.@-]+)")


@dataclass(frozen=True, slots=True)
class ManagedFullAccess:
    """Names of AWS's policies that may be attached although they allow everything of something."""

    policies: tuple[str, ...] = ()


@resource_rule(
    id="ML403",
    name="managed-full-access",
    title="AWS-managed policy that allows everything of a service",
    types=ATTACHMENTS,
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="a policy of your own with the actions and ARNs that the workload needs; mlstage writes one per workload",
    elsewhere="a policy of your own with the actions and ARNs that the workload needs",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol.html",
    ),
    options=ManagedFullAccess,
)
def managed_full_access(resource: Resource, about: About) -> Iterator[Answer]:
    """AmazonSageMakerFullAccess opens every bucket with "sagemaker" in its name, and passes roles on, to any container.

    Models, training images and notebooks run code that somebody else wrote, with the rights of their role. Refused are
    `AdministratorAccess`, `PowerUserAccess` and those of AWS's policies whose name ends in `FullAccess`; others,
    such as `AmazonEKSWorkerNodePolicy`, are fine.
    """
    allowed = about.options(ManagedFullAccess).policies
    for policy in attached(resource):
        # A policy of this stack is one of your own, whatever it allows: ML401 reads it.
        own = truth(isinstance(policy.value, Ref))
        yield from when(
            ~own & policy.satisfies(lambda arn: _allows_everything(arn, allowed)),
            policy,
            f"{about.call(resource)} grants {_name(policy.text or '')}",
        )


def _allows_everything(arn: str, allowed: tuple[str, ...]) -> bool:
    name = _name(arn)
    broad = name in ("AdministratorAccess", "PowerUserAccess") or name.endswith(("FullAccess", "FullAccessV2"))
    return bool(name) and broad and name not in allowed


def _name(arn: str) -> str:
    found = _MANAGED.fullmatch(arn)
    return found.group(1) if found else ""


def _attachment(policy: str | Ref) -> Resource:
    return Resource("access", "aws.iam.RolePolicyAttachment", {"role": "scorer", "policy_arn": policy})


@managed_full_access.bad("access", "policy_arn")
def all_of_sagemaker() -> Graph:
    """The policy that most tutorials attach."""
    return examples.in_production_stack(_attachment("arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"))


@managed_full_access.bad("scorer", "managed_policy_arns[1]")
def administrator() -> Graph:
    """A role that is made with the policies that it has."""
    role = Resource(
        "scorer",
        "aws.iam.Role",
        {
            "assume_role_policy": '{"Version": "2012-10-17", "Statement": []}',
            "managed_policy_arns": (
                "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
                "arn:aws:iam::aws:policy/AdministratorAccess",
            ),
        },
    )
    return examples.in_production_stack(role)


@managed_full_access.good()
def narrow_policy_of_aws() -> Graph:
    """A policy of AWS's that is made for one purpose."""
    return examples.in_production_stack(
        _attachment("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
    )


@managed_full_access.good()
def policy_of_one_s_own() -> Graph:
    """A policy of the stack's own, whatever it is called."""
    statement = '{"Version": "2012-10-17", "Statement": []}'
    own = Resource("own", "aws.iam.Policy", {"name": "ModelsFullAccess", "policy": statement})
    return examples.in_production_stack(own, _attachment(Ref("own", "arn")))
