"""Where a workload runs, and that place's own options."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from mlstage.spec.base import Foreign, Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.scaling import Autoscale
from mlstage.spec.text import Duration, Size

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


Architecture = Literal["x86_64", "arm64"]
_Places = Annotated[int, Field(ge=1), Says("a whole number from 1", "2")]


class Lambda(Node):
    """AWS Lambda: the container image as a function, which costs nothing while nobody calls it.

    `memory` decides the vCPUs as well (1,769 MB are one), `storage` is `/tmp`. `timeout` ends an invocation, after 15
    minutes at the latest. `provisioned` keeps that many execution environments warm, or scales them by
    `ProvisionedConcurrencyUtilization`; the others start cold. `concurrency` is how many there may be at once.

    The image has to speak Lambda's runtime API; one that listens on port 8080, as SageMaker's do, learns it from the
    Lambda Web Adapter. A real-time endpoint is called through a function URL, or an HTTP API of API Gateway: both take
    requests signed by IAM only. `architecture` is the image's, where no `Model` says it.
    """

    memory: Staged[Size]
    timeout: Staged[Duration] = "1m"
    storage: Staged[Size] = "512MB"
    provisioned: Staged[_Places | Autoscale | None] = None
    concurrency: Staged[_Places | None] = None
    endpoint: Staged[Literal["function_url", "api_gateway"]] = "function_url"
    architecture: Staged[Architecture | None] = None

    @classmethod
    def foreign(cls, field: str, value: object) -> Foreign | None:
        if field not in _MACHINES:
            return None
        name = value if isinstance(value, str) else "…"
        what = f"Lambda has no `{field}`: there are no machines to choose, and none with a GPU or a Neuron device"
        instead = f'on=SageMaker(instance="{_on_sagemaker(name)}"), or Lambda(memory="4GB") and no `{field}`'
        why = "A function is given memory, and vCPUs in proportion to it: 10,240 MB and 6 vCPUs at most."
        return Foreign("AWS200", what, instead, why)


# How authors ask for a machine where there is none to be had.
_MACHINES: Final = frozenset({"instance", "instances", "instance_type", "gpu", "gpus", "accelerator"})


def _on_sagemaker(instance: str) -> str:
    return instance if instance.startswith("ml.") or "." not in instance else f"ml.{instance}"


Target = SageMaker | SageMakerServerless | Lambda
