"""Amazon SageMaker AI: endpoints and notebooks on managed instances, jobs in SageMaker Pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, ClassVar, Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.targets import SageMaker
from mlstage.spec.workloads import (
    AsyncEndpoint,
    BatchInference,
    Notebook,
    Processing,
    RealtimeEndpoint,
    Training,
    Workload,
)
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.checkpoints import IN_S3
from mlstage.targets.place import Place, Reach
from mlstage.targets.sagemaker import asynchronous, batch, endpoint, notebook, processing, training
from mlstage.targets.sagemaker.serverless import SageMakerServerlessTarget

# What SageMaker's containers, notebooks and jobs call: its API and runtime, logs, metrics, images, keys, identity.
SERVICES: Final = frozenset(
    {"ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.runtime", "sts"}
)

_KINDS: Final[dict[type[Workload], ModuleType]] = {
    RealtimeEndpoint: endpoint,
    Training: training,
    BatchInference: batch,
    Processing: processing,
    AsyncEndpoint: asynchronous,
    Notebook: notebook,
}


_NO_COMPONENTS: Final = "neither pulumi_aws 7.51 nor Terraform's AWS provider can make SageMaker inference components"


class SageMakerTarget:
    """SageMaker on instances. Each kind of workload is one module beside this one, with `check` and `lower`."""

    name: ClassVar[str] = "SageMaker"
    spec: ClassVar[type[Node]] = SageMaker
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("endpoint, multi-model, variants, canary"),
        AsyncEndpoint=Yes("asynchronous endpoint, scales to 0 and wakes"),
        BatchInference=Yes("batch transform in a SageMaker Pipeline, on a schedule"),
        Training=Yes("training job in a SageMaker Pipeline, Spot + checkpoint"),
        Processing=Yes("processing job in a SageMaker Pipeline"),
        Notebook=Yes("notebook instance, idle stop, working hours"),
        gpu=Yes("ml.g and ml.p types"),
        neuron=Yes("ml.inf and ml.trn types"),
        autoscaling=Yes("target tracking, steps, schedules"),
        scale_to_zero=Yes("asynchronous endpoints"),
        multi_model=Yes("multi-model endpoint; on GPUs with Triton"),
        variants=Yes("weights, shadow"),
        inference_pipeline=Yes("up to 15 containers"),
        gradual_update=Yes("canary, linear, rolling, taken back by alarms; not on Inf1"),
        inference_components=No(_NO_COMPONENTS, "replicas=Autoscale(min=1, …), or on=SageMakerServerless(…)"),
        private_network=Yes("VPC of the stage"),
        checkpoint_volume=No("SageMaker copies checkpoints to S3 by itself", IN_S3),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what SageMaker refuses."""
        found: Iterator[Diagnostic] = _KINDS[type(workload.workload)].check(workload, Blame(workload, place))
        return found

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for a VPC where a notebook is to have no internet, as in production; else one is used if it is there."""
        closed = isinstance(workload.workload, Notebook) and place.production
        return Reach(network=closed, services=SERVICES)

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make nothing: SageMaker has no clusters."""
        del workloads, place
        return ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into SageMaker's resources."""
        made: tuple[Resource, ...] = _KINDS[type(workload.workload)].lower(workload, place)
        return made


__all__ = ["SageMakerServerlessTarget", "SageMakerTarget"]
