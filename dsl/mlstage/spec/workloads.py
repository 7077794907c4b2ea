"""The kinds of workload, in AWS's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Many, Node
from mlstage.spec.model import Model, Variables
from mlstage.spec.per_stage import Staged
from mlstage.spec.purchase import OnDemand, Purchase
from mlstage.spec.scaling import Autoscale
from mlstage.spec.targets import InstanceType, Target
from mlstage.spec.text import S3, Duration, Image, Latency, Name, ScheduleExpression, Size
from mlstage.spec.waivers import Waiver
from mlstage.spec.working_hours import WorkingHours

Replicas = Annotated[int, Field(ge=1)]


class Workload(Node):
    """What every workload has: a name that callers and stack files know it by, tags, and exceptions to rules.

    `formerly` is the name it had before: the deployed resources are kept under the new one.
    """

    name: Name
    formerly: Name | None = None
    tags: Staged[Mapping[str, str]] = Field(default_factory=dict)
    waivers: Many[Waiver] = ()


class RealtimeEndpoint(Workload):
    """An endpoint that answers while the caller waits.

    `replicas` is a number of instances or an `Autoscale`. `p95_latency` is the target that an alarm watches: the
    model's own latency at the 95th percentile.
    """

    model: Staged[Model]
    on: Staged[Target]
    replicas: Staged[Replicas | Autoscale] = 1
    purchase: Staged[Purchase] = OnDemand()
    p95_latency: Staged[Latency | None] = None


class Training(Workload):
    """A training job, run by hand or on a `schedule` (UTC).

    `inputs` are its channels: the container finds `train` under `/opt/ml/input/data/train`. The model is written below
    `output`. With `Spot(checkpoint=…)` the job may wait for capacity as long again as it may run.
    """

    image: Staged[Image]
    inputs: Staged[Mapping[str, S3]]
    output: Staged[S3]
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    hyperparameters: Staged[Mapping[str, str]] = Field(default_factory=dict)
    environment: Staged[Variables] = Field(default_factory=dict)
    purchase: Staged[Purchase] = OnDemand()
    max_runtime: Staged[Duration] = "24h"
    schedule: Staged[ScheduleExpression | None] = None


class BatchInference(Workload):
    """A model applied to every object below an S3 prefix, by hand or on a `schedule` (UTC)."""

    model: Staged[Model]
    input: Staged[S3]
    output: Staged[S3]
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    content_type: Staged[str] = "text/csv"
    purchase: Staged[Purchase] = OnDemand()
    schedule: Staged[ScheduleExpression | None] = None


class Notebook(Workload):
    """A notebook instance for people: stopped when idle, and outside working hours.

    `read` and `write` are the S3 prefixes that its role may reach; nothing else is open to it.
    """

    instance: Staged[InstanceType]
    working_hours: Staged[WorkingHours | None] = None
    stop_when_idle: Staged[Duration | None] = None
    volume: Staged[Size] = "20GB"
    read: Staged[Many[S3]] = ()
    write: Staged[Many[S3]] = ()


AnyWorkload = RealtimeEndpoint | Training | BatchInference | Notebook
