"""Whom to tell: an SNS topic that exists, or one of the environment's own for an e-mail address.

Every workload that names the same address makes the same topic; the lowering keeps one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.passes.names import physical_name
from mlstage.targets.iam import Arn
from mlstage.targets.place import Place

# What reports by itself, without a role of ours: CloudWatch's alarms, EventBridge's rules, budgets.
PUBLISHERS: Final = ("budgets", "cloudwatch", "events")
_TOPIC_NAME: Final = 256  # SNS, CreateTopic: Name


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a message goes; `resources` are what has to be made for it, by whoever needs it first."""

    arn: Arn
    resources: tuple[Resource, ...] = ()


def topic_for(place: Place, contact: str) -> Topic:
    """Give the topic of a contact: the one that its ARN names, or one with the address subscribed to it.

    The address has to confirm once, by a link that AWS sends.
    """
    if contact.startswith("arn:"):
        return Topic(contact)
    part = re.sub(r"[^a-z0-9]+", "-", contact.lower()).strip("-")
    name = place.shared(f"to-{part}")
    arn = Ref(name, "arn")
    props: dict[str, Value] = {"name": physical_name(place.environment, place.stack, part, limit=_TOPIC_NAME)}
    if place.key is None:  # a key of somebody else's need not let AWS's services write with it
        props["kms_master_key_id"] = place.key_arn
    topic = Resource(name, "aws.sns.Topic", props)
    subscription = Resource(
        f"{name}-subscription",
        "aws.sns.TopicSubscription",
        {"topic": arn, "protocol": "email", "endpoint": contact},
    )
    return Topic(arn, (topic, _policy(place, name, arn), subscription))


def _policy(place: Place, name: str, arn: Ref) -> Resource:
    """Let AWS's own services publish, for things of this account only."""
    statement: dict[str, Value] = {
        "Sid": "ReportsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": tuple(f"{service}.amazonaws.com" for service in PUBLISHERS)},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
    }
    document = JsonDocument({"Version": "2012-10-17", "Statement": (statement,)})
    return Resource(f"{name}-policy", "aws.sns.TopicPolicy", {"arn": arn, "policy": document})
