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
from mlstage.spec.text import S3, Contact, Duration, Image, Latency, Name, ScheduleExpression, Size
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


class AsyncEndpoint(Workload):
    """An endpoint that queues requests and answers into S3: for answers that may take minutes, or for rare requests.

    An `Autoscale` with min=0 has it cost nothing while nothing waits; the first request then waits for a start.
    `concurrency` is how many requests one instance works on at once, `timeout` how long one may take. What could not be
    answered is noted below `failures`. `on_success` and `on_failure` are told of each request: an e-mail address, or
    the ARN of an SNS topic.
    """

    model: Staged[Model]
    on: Staged[Target]
    output: Staged[S3]
    failures: Staged[S3 | None] = None
    replicas: Staged[Replicas | Autoscale] = 1
    concurrency: Staged[Replicas | None] = None
    timeout: Staged[Duration] = "15m"
    on_success: Staged[Contact | None] = None
    on_failure: Staged[Contact | None] = None
    max_backlog_age: Staged[Duration | None] = None
    purchase: Staged[Purchase] = OnDemand()


class Processing(Workload):
    """A container that turns data into data, run by hand or on a `schedule` (UTC).

    `inputs` and `outputs` are S3 prefixes by name. On SageMaker the container finds `raw` under
    `/opt/ml/processing/input/raw`, and what it leaves under `/opt/ml/processing/output/clean` goes to `clean`.
    `command` replaces the image's own entry point; `arguments` follow it.
    """

    image: Staged[Image]
    inputs: Staged[Mapping[str, S3]] = Field(default_factory=dict)
    outputs: Staged[Mapping[str, S3]] = Field(default_factory=dict)
    command: Staged[Many[str]] = ()
    arguments: Staged[Many[str]] = ()
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    environment: Staged[Variables] = Field(default_factory=dict)
    purchase: Staged[Purchase] = OnDemand()
    max_runtime: Staged[Duration] = "24h"
    schedule: Staged[ScheduleExpression | None] = None


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


AnyWorkload = RealtimeEndpoint | AsyncEndpoint | BatchInference | Training | Processing | Notebook
