"""Whom to tell: an SNS topic that is there already, or one of the workload's own with an e-mail address behind it."""

from __future__ import annotations

from dataclasses import dataclass

from mlstage.graph import Ref, Resource
from mlstage.targets.iam import Arn
from mlstage.targets.place import Place


@dataclass(frozen=True, slots=True)
class Told:
    """A topic's ARN, and the resources that had to be made for it."""

    arn: Arn
    resources: tuple[Resource, ...] = ()


def told(place: Place, workload: str, part: str, contact: str) -> Told:
    """Find or make the topic of a contact. An e-mail address has to confirm what AWS sends it, once."""
    if contact.startswith("arn:"):
        return Told(contact)
    topic = Resource(
        place.name(workload, part),
        "aws.sns.Topic",
        {"name": place.physical(workload, part, limit=256)},
        workload=workload,
    )
    arn = Ref(topic.name, "arn")
    subscription = Resource(
        place.name(workload, part, "email"),
        "aws.sns.TopicSubscription",
        {"topic": arn, "protocol": "email", "endpoint": contact},
        workload=workload,
    )
    return Told(arn, (topic, subscription))
