"""Jobs: what runs once and ends, by hand or on a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from mlstage.spec.base import Many, Problem
from mlstage.spec.expectations import Needs, Runs
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model, Variables
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.purchase import OnDemand, Purchase
from mlstage.spec.says import Says
from mlstage.spec.targets import Target
from mlstage.spec.text import S3, Contact, Duration, ScheduleExpression
from mlstage.spec.training import Distribution, Tuning
from mlstage.spec.workload import Replicas, Workload

# Ours: how often a job that AWS itself let down (capacity, an internal error, throttling) is tried again at most.
Retries = Annotated[int, Field(ge=0, le=20), Says("a whole number from 0 to 20", "3")]
ContentType = Annotated[str, Says("a content type", '"text/csv"')]


class Training(Workload):
    """A training job, run by hand or on a `schedule` (UTC).

    `inputs` are its channels: the container finds `train` under `/opt/ml/input/data/train`. The model is written below
    `output`. `code` is an archive with the training script `entry_point`, for AWS's own framework images. With
    `Spot(checkpoint=…)` the job may wait for capacity as long again as it may run. `metrics` are regular expressions
    that read values from its log. `keep_warm` keeps the machines for the next job. `tune` searches hyper-parameters.
    `retries` is for failures of AWS's, such as missing capacity; of a failure for good, `on_failure` is told.
    """

    image: Staged[AnyImage]
    inputs: Staged[Mapping[str, S3]]
    output: Staged[S3]
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    input_mode: Staged[Literal["File", "FastFile", "Pipe"]] = "File"
    code: Staged[S3 | None] = None
    entry_point: Staged[str | None] = None
    hyperparameters: Staged[Mapping[str, str]] = Field(default_factory=dict)
    distribution: Staged[Distribution | None] = None
    tune: Staged[Tuning | None] = None
    metrics: Staged[Mapping[str, str]] = Field(default_factory=dict)
    environment: Staged[Variables] = Field(default_factory=dict)
    network_isolation: Staged[bool] = False
    purchase: Staged[Purchase] = OnDemand()
    max_runtime: Staged[Duration] = "24h"
    keep_warm: Staged[Duration | None] = None
    retries: Staged[Retries] = 2
    schedule: Staged[ScheduleExpression | None] = None
    on_failure: Staged[Contact | None] = None
    expects: Staged[Runs | None] = None
    needs: Staged[Needs | None] = None

    def problems(self) -> Iterator[Problem]:
        code, entry_point = known(self.code), known(self.entry_point)
        if (code is None) != (entry_point is None):
            given, missing = ("code", "entry_point") if code else ("entry_point", "code")
            what = f"`{given}` is given without `{missing}`: the container would have nothing to run"
            example = 'entry_point="train.py"' if code else 'code="s3://bucket/source.tar.gz"'
            yield Problem("SPEC104", given, what, example)


class Processing(Workload):
    """A container that turns data into data, run by hand or on a `schedule` (UTC).

    `inputs` and `outputs` are S3 prefixes by name. On SageMaker the container finds `raw` under
    `/opt/ml/processing/input/raw`, and what it leaves under `/opt/ml/processing/output/clean` goes to `clean`.
    `command` replaces the image's own entry point; `arguments` follow it.
    """

    image: Staged[AnyImage]
    inputs: Staged[Mapping[str, S3]] = Field(default_factory=dict)
    outputs: Staged[Mapping[str, S3]] = Field(default_factory=dict)
    command: Staged[Many[str]] = ()
    arguments: Staged[Many[str]] = ()
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    environment: Staged[Variables] = Field(default_factory=dict)
    network_isolation: Staged[bool] = False
    purchase: Staged[Purchase] = OnDemand()
    max_runtime: Staged[Duration] = "24h"
    retries: Staged[Retries] = 2
    schedule: Staged[ScheduleExpression | None] = None
    on_failure: Staged[Contact | None] = None
    expects: Staged[Runs | None] = None
    needs: Staged[Needs | None] = None


class BatchInference(Workload):
    """A model applied to every object below an S3 prefix, by hand or on a `schedule` (UTC).

    With `split="Line"` each line of an object is a record; `strategy="MultiRecord"` sends as many of them at once as
    `payload` holds. `concurrency` is how many requests one machine works on at once. `join_input` puts each answer
    behind its own record, `input_filter` and `output_filter` (JSONPath) choose what is sent and what is kept.
    """

    model: Staged[Model]
    input: Staged[S3]
    output: Staged[S3]
    on: Staged[Target]
    replicas: Staged[Replicas] = 1
    content_type: Staged[ContentType] = "text/csv"
    split: Staged[Literal["Line", "RecordIO", "TFRecord", "None"]] = "Line"
    strategy: Staged[Literal["SingleRecord", "MultiRecord"] | None] = None
    payload: Staged[Annotated[int, Field(ge=0), Says("a number of MB", "6")] | None] = None
    concurrency: Staged[Replicas | None] = None
    join_input: Staged[bool] = False
    input_filter: Staged[str | None] = None
    output_filter: Staged[str | None] = None
    preprocess: Staged[Many[Model]] = ()
    postprocess: Staged[Many[Model]] = ()
    purchase: Staged[Purchase] = OnDemand()
    retries: Staged[Retries] = 2
    schedule: Staged[ScheduleExpression | None] = None
    on_failure: Staged[Contact | None] = None
    expects: Staged[Runs | None] = None
    needs: Staged[Needs | None] = None
