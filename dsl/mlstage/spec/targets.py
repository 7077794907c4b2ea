"""Where a workload runs, and that place's own options."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.text import Size

InstanceType = Annotated[str, Field(min_length=1)]


class SageMaker(Node):
    """Amazon SageMaker on instances: `instance` is an `ml.` type, `volume` the EBS volume of each instance.

    Types with local NVMe disks take no volume. Without `volume`, SageMaker's own default holds for endpoints, and 30 GB
    for jobs.
    """

    instance: Staged[InstanceType]
    volume: Staged[Size | None] = None


Target = SageMaker
