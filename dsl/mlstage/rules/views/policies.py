"""What identity policies allow, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field, truth
from mlstage.rules.views.documents import document

IDENTITY_POLICIES = (
    "aws.iam.RolePolicy",
    "aws.iam.Policy",
    "aws.iam.Role",
    "aws.iam.UserPolicy",
    "aws.iam.GroupPolicy",
)

# Where policies are attached to identities: the property that holds their ARNs.
_ATTACHED = {
    "aws.iam.GroupPolicyAttachment": "policy_arn",
    "aws.iam.PolicyAttachment": "policy_arn",
    "aws.iam.Role": "managed_policy_arns",
    "aws.iam.RolePolicyAttachment": "policy_arn",
    "aws.iam.RolePolicyAttachmentsExclusive": "policy_arns",
    "aws.iam.UserPolicyAttachment": "policy_arn",
}
ATTACHMENTS = tuple(_ATTACHED)


def attached(resource: Resource) -> tuple[Field, ...]:
    """Give the ARNs of the policies that a resource of one of the `ATTACHMENTS` types attaches."""
    return field(resource, _ATTACHED[resource.type]).items()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy."""

    at: Field

    @property
    def allows(self) -> Truth:
        """Whether it allows, rather than denies."""
        return self.at["Effect"].is_one_of("Allow")

    @property
    def actions(self) -> tuple[Field, ...]:
        """What may be done."""
        return self.at["Action"].items()

    @property
    def resources(self) -> tuple[Field, ...]:
        """What it may be done to."""
        return self.at["Resource"].items()

    @property
    def exceptions(self) -> tuple[Field, ...]:
        """`NotAction` and `NotResource`, which allow everything but what they list."""
        return tuple(found for key in ("NotAction", "NotResource") if (found := self.at[key]).value is not None)

    @property
    def is_for_tagged(self) -> Truth:
        """Whether a condition keeps it to what has a certain tag, or is made with it."""
        conditions = self.at["Condition"]
        if not isinstance(conditions.value, Mapping):
            return NO if conditions.value is None else conditions.gap()
        return any_of(_asks_for_tag(conditions[test]) for test in conditions.value if _COMPARES.fullmatch(test))


# Tests that hold only where the key is there and has one of the values.
_COMPARES: Final = re.compile(r"(ForAnyValue:)?String(Equals|EqualsIgnoreCase|Like)")
_TAG: Final = re.compile(r"[a-z0-9-]+:(Resource|Request)Tag/", re.IGNORECASE)


def _asks_for_tag(keys: Field) -> Truth:
    if not isinstance(keys.value, Mapping):
        return keys.gap()
    return truth(any(_TAG.match(key) for key in keys.value))


def statements(resource: Resource) -> Iterator[Statement]:
    """Yield the statements of an identity policy; for a role, those of its inline policies.

    A policy that cannot be read yields one statement of which nothing is known.
    """
    if resource.type == "aws.iam.Role":
        documents = [item["policy"] for item in field(resource, "inline_policies").items()]
    else:
        documents = [field(resource, "policy")]
    for each in documents:
        for item in document(each)["Statement"].items():
            yield Statement(item)
