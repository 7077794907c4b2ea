"""One place takes one thing: a port one listener, a peer one rule, a role one entry, a target group one balancer.

That holds while an update goes on as well: the engine changes what stays before it deletes what goes.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html and
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import Thing, World

_LISTENER: Final = "aws:lb/listener:Listener"
_PEERS: Final = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_RULE: Final = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *_PEERS)
_RULE_EXISTS: Final = "InvalidPermission.Duplicate: the specified rule of {securityGroupId} already exists"

# token -> (the properties that make up the place, what AWS answers to whoever wants it as well)
_PLACES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    _LISTENER: (
        ("loadBalancerArn", "port"),
        "DuplicateListener: A listener already exists on this port for this load balancer '{loadBalancerArn}'",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (_RULE, _RULE_EXISTS),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (_RULE, _RULE_EXISTS),
    "aws:eks/accessEntry:AccessEntry": (
        ("clusterName", "principalArn"),
        "ResourceInUseException: The specified access entry resource is already in use on this cluster.",
    ),
}


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.operation == "delete" or change.token not in _PLACES:
        return
    others = [one for one in world.things(change.token) if (one.id, one.region) != (change.id, change.region)]
    names, answer = _PLACES[change.token]
    wanted = [change.new.get(name) for name in names]
    if any([one.facts.get(name) for name in names] == wanted for one in others):
        yield answer.format_map(change.new)
    if change.token == _LISTENER:
        yield from _elsewhere(change.new, others)


def _elsewhere(new: Mapping[str, Any], others: list[Thing]) -> Iterator[str]:
    """Refuse what would forward to a target group that another load balancer has."""
    groups = _forwards_to(new)
    for one in others:
        if one.facts.get("loadBalancerArn") != new.get("loadBalancerArn") and (
            shared := groups & _forwards_to(one.facts)
        ):
            yield (
                "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load"
                f" balancer: {', '.join(sorted(shared))}"
            )


def _forwards_to(listener: Mapping[str, Any]) -> set[str]:
    actions = listener.get("defaultActions") or []
    several = [group["arn"] for one in actions for group in (one.get("forward") or {}).get("targetGroups", ())]
    return {*several, *(one["targetGroupArn"] for one in actions if one.get("targetGroupArn"))}


_WATCHED: Final = {token: names for token, (names, _) in _PLACES.items()}
BEHAVIOUR: Final = Behaviour({**_WATCHED, _LISTENER: ("loadBalancerArn", "port", "defaultActions")}, _refuses)
