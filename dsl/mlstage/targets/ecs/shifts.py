"""Updates with a second fleet: new tasks join a target group of their own, and ECS moves the traffic there.

Each update swaps the two groups: what served before keeps running for a while, so that going back takes seconds. ECS
changes the weights of a listener rule, for which it needs a role. Terraform's provider has all this from 6.4 on.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.scaling import Autoscale, InvocationsPerInstance
from mlstage.spec.targets import Ecs
from mlstage.spec.text import seconds
from mlstage.spec.updates import AllAtOnce, Canary, Linear, Update
from mlstage.spec.workloads import RealtimeEndpoint
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.ecs.balancers import Balancer, target_group
from mlstage.targets.place import Place

Shift = AllAtOnce | Canary | Linear
_ROLE_LIMIT: Final = 64  # IAM, CreateRole: RoleName
_POLICY: Final = "AmazonECSInfrastructureRolePolicyForLoadBalancers"
_LONGEST_S: Final = 24 * 3600  # ECS, DeploymentConfiguration: bakeTimeInMinutes has 1,440 at most
# Ours: what new tasks may take to come up, beyond their model's own start, before a deployment counts as failed.
_SLACK_S: Final = 1800


def shift_of(update: Update | None) -> Shift | None:
    """Give an update that takes a second fleet; None for one that exchanges tasks in batches."""
    return update if isinstance(update, AllAtOnce | Canary | Linear) else None


def check(blame: Blame, spec: RealtimeEndpoint, update: Shift) -> Iterator[Diagnostic]:
    """Check that ECS can watch for so long, and that what the service scales on survives the swap."""
    watched, asked = known(update.watched_for), known(spec.replicas)
    if seconds(watched) > _LONGEST_S:
        what = f"watched_for={watched!r}: ECS watches an update for 24 hours at most"
        yield blame("AWS229", "update.watched_for", what, 'watched_for="24h" or less')
    if isinstance(asked, Autoscale) and isinstance(known(asked.target), InvocationsPerInstance):
        kind = type(update).__name__
        what = f"requests are counted by target group, and after an update by {kind} the other of two groups serves"
        yield blame("AWS229", "update", what, "target=CpuUtilization(70), or update=Rolling()")


@dataclass(frozen=True, slots=True)
class Second:
    """What a second fleet needs: a target group, the rule whose weights ECS moves, and the role to do so."""

    group: Resource
    rule: Resource
    role: Resource
    policy: Resource

    @property
    def resources(self) -> tuple[Resource, ...]:
        """In the order in which they are made."""
        return (self.group, self.rule, self.role, self.policy)

    @property
    def told(self) -> dict[str, Value]:
        """What the service's load balancer is told of it."""
        return {
            "advanced_configuration": {
                "alternate_target_group_arn": Ref(self.group.name, "arn"),
                "production_listener_rule": Ref(self.rule.name, "arn"),
                "role_arn": Ref(self.role.name, "arn"),
            }
        }


def second(place: Place, workload: str, kept: str, on: Ecs, front: Balancer) -> Second:
    """Make what a second fleet needs beside the load balancer that is there."""
    group = target_group(place, workload, kept, on, second=True)
    forward: dict[str, Value] = {
        "target_groups": (
            {"arn": Ref(front.group.name, "arn"), "weight": 100},
            {"arn": Ref(group.name, "arn"), "weight": 0},
        )
    }
    rule = Resource(
        place.name(workload, "traffic"),
        "aws.lb.ListenerRule",
        {
            "listener_arn": Ref(front.listeners[0].name, "arn"),
            "priority": 1,
            "conditions": ({"path_pattern": {"values": ("/*",)}},),
            "actions": ({"type": "forward", "forward": forward},),
        },
        options=Options(ignore_changes=("actions",), comment="The weights are ECS's to move: they change by updates."),
        workload=workload,
    )
    role = Resource(
        place.name(workload, "traffic-role"),
        "aws.iam.Role",
        {
            "name": place.physical(workload, "traffic-role", limit=_ROLE_LIMIT),
            "description": f"Moves the traffic of {place.environment}/{workload} to new tasks",
            # ECS does not say for which account it asks.
            "assume_role_policy": iam.trust(place, "ecs", any_source=True),
        },
        workload=workload,
    )
    policy = Resource(
        place.name(workload, "traffic-role-policy"),
        "aws.iam.RolePolicyAttachment",
        {"role": Ref(role.name, "name"), "policy_arn": f"arn:{place.partition}:iam::aws:policy/{_POLICY}"},
        workload=workload,
    )
    return Second(group, rule, role, policy)


def rollout(update: Shift) -> dict[str, Value]:
    """Say how traffic moves: all of it, a share first, or in steps; the old tasks stay as long again."""
    watched = _minutes(update)
    configured: dict[str, Value] = {"bake_time_in_minutes": watched}
    match update:
        case AllAtOnce():
            configured |= {"strategy": "BLUE_GREEN"}
        case Canary():
            share: dict[str, Value] = {"canary_percent": known(update.percent), "canary_bake_time_in_minutes": watched}
            configured |= {"strategy": "CANARY", "canary_configuration": share}
        case Linear():
            step: dict[str, Value] = {"step_percent": known(update.percent), "step_bake_time_in_minutes": watched}
            configured |= {"strategy": "LINEAR", "linear_configuration": step}
    return {
        "deployment_configuration": configured,
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
    }


def longest(update: Shift, start_s: int) -> int:
    """Say how many minutes an update may take, so that whoever deploys waits for its end."""
    steps = -(-100 // known(update.percent)) if isinstance(update, Linear) else 1
    watched = seconds(known(update.watched_for)) * (steps + 1)
    return -(-(watched + start_s + _SLACK_S) // 60)


def _minutes(update: Shift) -> str:
    """Write a time in whole minutes, as text: the provider's own type for it."""
    return str(-(-seconds(known(update.watched_for)) // 60))
