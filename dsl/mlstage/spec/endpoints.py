"""Endpoints: what answers while the caller waits, and what answers into S3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from mlstage.spec.base import Many, Node, Problem
from mlstage.spec.capture import DataCapture
from mlstage.spec.expectations import Needs, Traffic
from mlstage.spec.model import Model
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.purchase import OnDemand, Purchase
from mlstage.spec.says import Says
from mlstage.spec.scaling import Autoscale
from mlstage.spec.targets import Target
from mlstage.spec.text import S3, Contact, Duration, Latency, wrong
from mlstage.spec.updates import Update
from mlstage.spec.workload import Replicas, Workload

MAIN_VARIANT: Final = "AllTraffic"
# botocore 1.44.5, sagemaker: VariantName.
_VARIANT: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def _variant_name(text: str) -> str:
    if not _VARIANT.fullmatch(text):
        what = f"variant name {text!r} is not 1 to 63 letters, digits and hyphens between them"
        raise wrong("AWS105", what, 'name="challenger", for example')
    if text == MAIN_VARIANT:
        what = f"{MAIN_VARIANT!r} is the variant that serves the endpoint's own `model`"
        raise wrong("SPEC104", what, 'name="challenger", for example')
    return text


VariantName = Annotated[str, AfterValidator(_variant_name), Says("a variant's name", '"challenger"')]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False), Says("a number from 0", "1.0")]


class Variant(Node):
    """Another model behind the same endpoint, which gets `weight` out of the sum of all weights of the traffic.

    It runs on the endpoint's own kind of instance unless `on` says otherwise. With weight=0 it takes only the requests
    that name it.
    """

    name: VariantName
    model: Staged[Model]
    weight: Staged[Weight]
    on: Staged[Target | None] = None
    replicas: Staged[Replicas | Autoscale] = 1


class Shadow(Node):
    """A model that gets a copy of the traffic and whose answers nobody sees: to try it with real requests.

    `percent` of the requests are copied.
    """

    model: Staged[Model]
    percent: Staged[Annotated[int, Field(ge=1, le=100), Says("a percentage from 1 to 100", "50")]] = 100
    on: Staged[Target | None] = None
    replicas: Staged[Replicas] = 1


class RealtimeEndpoint(Workload):
    """An endpoint that answers while the caller waits.

    `replicas` is a number of instances or an `Autoscale`. `p95_latency` is the target that an alarm watches: the
    model's own latency at the 95th percentile.

    `models` is an S3 prefix with one archive per model, served from one container by name (a multi-model endpoint).
    `preprocess` and `postprocess` are containers that each request passes before and after the model. `variants` share
    the traffic with `model`, whose own share is `weight`; `shadow` gets a copy of it. `update` says how a new version
    takes over; in production it is watched by alarms and taken back when they ring. `capture` keeps requests and
    answers. `expects` and `needs` are for cost and advice.
    """

    model: Staged[Model]
    on: Staged[Target]
    replicas: Staged[Replicas | Autoscale] = 1
    models: Staged[S3 | None] = None
    preprocess: Staged[Many[Model]] = ()
    postprocess: Staged[Many[Model]] = ()
    weight: Staged[Weight] = 1.0
    variants: Staged[Many[Variant]] = ()
    shadow: Staged[Shadow | None] = None
    update: Staged[Update | None] = None
    capture: Staged[DataCapture | None] = None
    purchase: Staged[Purchase] = OnDemand()
    p95_latency: Staged[Latency | None] = None
    expects: Staged[Traffic | None] = None
    needs: Staged[Needs | None] = None

    def problems(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for variant in known(self.variants):
            if variant.name in seen:
                what = f"two variants are named {variant.name!r}"
                yield Problem("SPEC104", "variants", what, "a name of its own for each variant")
            seen.add(variant.name)
        if not known(self.weight) and not any(known(variant.weight) for variant in known(self.variants)):
            yield Problem("SPEC104", "weight", "no variant has any weight: nobody would be served", "weight=1.0")


class AsyncEndpoint(Workload):
    """An endpoint that queues requests and answers into S3: for answers that may take minutes, or for rare requests.

    An `Autoscale` with min=0 has it cost nothing while nothing waits; the first request then waits for a start.
    `concurrency` is how many requests one instance works on at once, `timeout` how long one may take. Requests lie
    below `input`, or else below `output` as well; on ECS and Lambda a message of the queue is the request itself, or
    its address below `input`. What could not be answered is noted below `failures`. `on_success` and `on_failure` are
    told of each request: an e-mail address, or the ARN of an SNS topic. An alarm rings when a request has waited for
    longer than `max_backlog_age`.
    """

    model: Staged[Model]
    on: Staged[Target]
    output: Staged[S3]
    input: Staged[S3 | None] = None
    failures: Staged[S3 | None] = None
    replicas: Staged[Replicas | Autoscale] = 1
    concurrency: Staged[Replicas | None] = None
    timeout: Staged[Duration] = "15m"
    on_success: Staged[Contact | None] = None
    on_failure: Staged[Contact | None] = None
    max_backlog_age: Staged[Duration | None] = None
    update: Staged[Update | None] = None
    purchase: Staged[Purchase] = OnDemand()
    expects: Staged[Traffic | None] = None
    needs: Staged[Needs | None] = None
