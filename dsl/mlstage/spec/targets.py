"""Where a workload runs, and that place's own options."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.scaling import Autoscale
from mlstage.spec.text import Size

InstanceType = Annotated[str, Field(min_length=1), Says("an instance type", '"ml.m5.xlarge"')]


class SageMaker(Node):
    """Amazon SageMaker on instances: `instance` is an `ml.` type, `volume` the EBS volume of each instance.

    Types with local NVMe disks take no volume. Without `volume`, SageMaker's own default holds for endpoints, and 30 GB
    for jobs.
    """

    instance: Staged[InstanceType]
    volume: Staged[Size | None] = None


class SageMakerServerless(Node):
    """Amazon SageMaker without instances: capacity comes per request and costs nothing while nobody asks.

    `memory` decides the vCPUs as well. `concurrency` is how many requests are served at once, the next one being
    refused. `provisioned` keeps that many places warm, or scales them; the others start cold.
    """

    memory: Staged[Size]
    concurrency: Staged[Annotated[int, Field(ge=1)]]
    provisioned: Staged[Annotated[int, Field(ge=1)] | Autoscale | None] = None


Target = SageMaker | SageMakerServerless
