"""ML401: identity policies that allow more than anyone listed."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from mlstage.graph import Graph, Join, Ref, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import NO, Answer, Field, Truth, all_of, when
from mlstage.rules.views.policies import IDENTITY_POLICIES, Statement, statements


@dataclass(frozen=True, slots=True)
class WildcardIam:
    """Further actions that may be allowed on `*`; a pattern may end in `*`."""

    actions: tuple[str, ...] = ()


@resource_rule(
    id="ML401",
    name="wildcard-iam",
    title="IAM policy that allows every action or every resource",
    types=IDENTITY_POLICIES,
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="list the actions and the ARNs that the workload needs",
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ),
    options=WildcardIam,
)
def wildcard_iam(resource: Resource, about: About) -> Iterator[Answer]:
    """Whoever gets hold of the role, through a model artifact or a notebook, may do all that the wildcard covers.

    Model artifacts and training images run code that somebody else wrote. A wildcard action (`*`, `s3:*`) or resource
    (`*`, or an ARN that ends in nothing but `*`) in an Allow statement, and any `NotAction` or `NotResource`, is
    refused. `*` as the resource is fine where AWS offers no other, as for `ecr:GetAuthorizationToken`: a table of such
    actions comes with the rule. So it is where a condition asks for a tag of the resource, which is how autoscalers of
    EKS are kept to the machines of their cluster. Patterns that narrow, such as `s3:Get*` or `arn:aws:s3:::bucket/*`,
    are fine.
    """
    for statement in statements(resource):
        for excepted in statement.exceptions:
            yield from when(
                statement.allows,
                excepted,
                f"{about.call(resource)} allows everything but what {excepted.path.rpartition('.')[2]} lists",
            )
        for action in statement.actions:
            yield from when(
                statement.allows & action.satisfies(_is_wild_action),
                action,
                f"{about.call(resource)} allows {action.shown}",
            )
        yield from _resources(statement, resource, about)


def _resources(statement: Statement, resource: Resource, about: About) -> Iterator[Answer]:
    if not statement.actions:
        # What `NotAction` leaves is too much on any resource, and that is told already.
        return
    without_resource = all_of(
        action.satisfies(lambda name: _takes_no_resource(name, about.options(WildcardIam)))
        for action in statement.actions
    )
    for named in statement.resources:
        listed = ", ".join(action.shown for action in statement.actions[:3])
        more = ", …" if len(statement.actions) > 3 else ""
        yield from when(
            statement.allows & _is_wild_resource(named) & ~without_resource & ~statement.is_for_tagged,
            named,
            f"{about.call(resource)} allows {listed}{more} on every resource ({named.shown})",
        )


def _is_wild_action(action: str) -> bool:
    return action == "*" or action.endswith(":*")


def _is_wild_resource(named: Field) -> Truth:
    # A text made of another resource's ARN names that resource, whatever its ARN will be.
    if isinstance(named.value, (Ref, Join)):
        return NO
    return named.satisfies(lambda arn: arn == "*" or (arn.startswith("arn:") and set(arn.split(":", 5)[-1]) <= {*"*:"}))


def _takes_no_resource(action: str, options: WildcardIam) -> bool:
    known = (*_actions_without_resource(), *options.actions)
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in known)


@cache
def _actions_without_resource() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "data" / "actions_without_resource.tsv").read_text(encoding="utf-8").splitlines()
    _, *rows = (line for line in lines if not line.startswith("#"))
    return tuple(row.partition("\t")[0] for row in rows)


@wildcard_iam.bad("access", "policy.Statement[0].Action[0]")
def every_action_of_a_service() -> Graph:
    """Every action of S3 on one bucket."""
    return examples.in_production_stack(examples.role_policy("s3:*", on=("arn:aws:s3:::acme-ml-models/*",)))


@wildcard_iam.bad("access", "policy.Statement[0].Resource[0]")
def every_resource() -> Graph:
    """Reading every object of every bucket."""
    return examples.in_production_stack(examples.role_policy("s3:GetObject", on=("*",)))


@wildcard_iam.good()
def what_is_needed() -> Graph:
    """Reading one prefix."""
    return examples.in_production_stack(
        examples.role_policy("s3:GetObject", on=("arn:aws:s3:::acme-ml-models/fraud/*",))
    )


@wildcard_iam.good()
def no_other_resource() -> Graph:
    """An action for which AWS offers no resource but `*`."""
    return examples.in_production_stack(examples.role_policy("ecr:GetAuthorizationToken", on=("*",)))
