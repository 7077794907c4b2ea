"""Queues of requests: an SQS queue, where what failed too often is put aside, and alarms on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import JsonDocument, Ref, Resource, Value
from mlstage.spec.text import seconds
from mlstage.targets.iam import Arn
from mlstage.targets.place import Place
from mlstage.targets.topics import topic_for

_NAME_LIMIT: Final = 80  # SQS, CreateQueue: QueueName
_DAY: Final = 86_400
# Ours: what fails four times fails for good, and AWS's own advice for Lambda is to allow at least five receptions.
_RECEPTIONS: Final = 5


@dataclass(frozen=True, slots=True)
class RequestQueue:
    """A queue, the dead-letter queue behind it, and the permission that binds the two."""

    queue: Resource
    dead: Resource
    bond: Resource

    @property
    def arn(self) -> Ref:
        """The queue's ARN."""
        return Ref(self.queue.name, "arn")

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The dead-letter queue first."""
        return self.dead, self.queue, self.bond


def request_queue(place: Place, workload: str, kept: str, *, hidden_for: int) -> RequestQueue:
    """Make a queue in which a message that somebody works on is hidden from others for so many seconds."""
    dead = Resource(
        place.name(workload, "dead-letters"),
        "aws.sqs.Queue",
        {
            "name": place.physical(kept, "dead-letters", limit=_NAME_LIMIT),
            "message_retention_seconds": 14 * _DAY,
            "sqs_managed_sse_enabled": True,
        },
        workload=workload,
    )
    redrive: dict[str, Value] = {"deadLetterTargetArn": Ref(dead.name, "arn"), "maxReceiveCount": _RECEPTIONS}
    queue = Resource(
        place.name(workload, "queue"),
        "aws.sqs.Queue",
        {
            "name": place.physical(kept, limit=_NAME_LIMIT),
            "visibility_timeout_seconds": hidden_for,
            "message_retention_seconds": 4 * _DAY,
            "receive_wait_time_seconds": 20,
            "redrive_policy": JsonDocument(redrive),
            "sqs_managed_sse_enabled": True,
        },
        workload=workload,
    )
    allowed: dict[str, Value] = {"redrivePermission": "byQueue", "sourceQueueArns": (Ref(queue.name, "arn"),)}
    bond = Resource(
        place.name(workload, "dead-letters-from"),
        "aws.sqs.RedriveAllowPolicy",
        {"queue_url": Ref(dead.name, "id"), "redrive_allow_policy": JsonDocument(allowed)},
        workload=workload,
    )
    return RequestQueue(queue, dead, bond)


def age_alarm(place: Place, workload: str, of: RequestQueue, longest: str | None) -> tuple[Resource, ...]:
    """Ring when the oldest request has waited for longer than it may."""
    if longest is None:
        return ()
    about = f"A request to {workload} has waited for longer than {longest}"
    props = _alarm(of.queue, "ApproximateAgeOfOldestMessage", seconds(longest), about)
    name = place.name(workload, "backlog-alarm")
    named: dict[str, Value] = {"name": place.physical(workload, "backlog-age", limit=255)}
    return (Resource(name, "aws.cloudwatch.MetricAlarm", {**named, **props}, workload=workload),)


def failure_alarm(place: Place, workload: str, of: RequestQueue, contact: str | None) -> tuple[Resource, ...]:
    """Tell somebody when a request was put aside."""
    if contact is None:
        return ()
    whom = topic_for(place, contact)
    about = f"A request to {workload} failed for good and lies in the dead-letter queue"
    props = _alarm(of.dead, "ApproximateNumberOfMessagesVisible", 0, about, [whom.arn])
    name = place.name(workload, "failure-alarm")
    named: dict[str, Value] = {"name": place.physical(workload, "dead-letters", limit=255)}
    return (*whom.resources, Resource(name, "aws.cloudwatch.MetricAlarm", {**named, **props}, workload=workload))


def _alarm(queue: Resource, metric: str, above: int, about: str, tell: Sequence[Arn] = ()) -> dict[str, Value]:
    props: dict[str, Value] = {
        "alarm_description": about,
        "namespace": "AWS/SQS",
        "metric_name": metric,
        "dimensions": {"QueueName": Ref(queue.name, "name")},
        "statistic": "Maximum",
        "period": 60,
        "evaluation_periods": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": above,
        "treat_missing_data": "notBreaching",
    }
    return {**props, "alarm_actions": tuple(tell)} if tell else props
