"""Keeping requests and answers, and looking at them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.targets import InstanceType
from mlstage.spec.text import S3, Duration, ScheduleExpression


class DataQuality(Node):
    """Captured requests compared, on a `schedule` (UTC, hourly at most), with what the model was trained on.

    `baseline` is the S3 prefix with the `statistics.json` and `constraints.json` of a baseline job. Reports go below
    `output`.
    """

    baseline: Staged[S3]
    output: Staged[S3]
    schedule: Staged[ScheduleExpression] = "cron(0 * ? * * *)"
    instance: Staged[InstanceType] = "ml.m5.xlarge"
    max_runtime: Staged[Duration] = "30m"


class DataCapture(Node):
    """Requests and answers of a share of the traffic, kept below an S3 prefix."""

    to: Staged[S3]
    percent: Staged[Annotated[int, Field(ge=1, le=100), Says("a percentage from 1 to 100", "20")]] = 100
    monitor: Staged[DataQuality | None] = None
