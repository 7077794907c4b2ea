"""Log groups with an end to their keeping, and the right to write to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlstage.graph import Resource
from mlstage.targets.iam import Arn, Statement, allow
from mlstage.targets.place import Place

# Ours, not AWS's, whose default is to keep logs for ever.
_DAYS_IN_TEST = 14
_DAYS_IN_PRODUCTION = 90


def log_group(place: Place, workload: str, name: str, part: str = "logs") -> Resource:
    """Make a log group of a workload's."""
    days = _DAYS_IN_PRODUCTION if place.production else _DAYS_IN_TEST
    return Resource(
        place.name(workload, part),
        "aws.cloudwatch.LogGroup",
        {"name": name, "retention_in_days": days},
        workload=workload,
    )


def write_logs(streams: Sequence[Arn]) -> Iterator[Statement]:
    """Allow to write to log streams."""
    yield allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], streams)


def write_job_logs(place: Place, group: str, streams: str) -> Iterator[Statement]:
    """Allow a job to write its streams of a log group that all jobs of the account share."""
    arn = place.arn("logs", f"log-group:{group}")
    yield allow("MakeLogGroup", ["logs:CreateLogGroup"], [arn])
    yield from write_logs([place.arn("logs", f"log-group:{group}:log-stream:{streams}")])
