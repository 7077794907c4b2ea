"""Amazon SageMaker AI: endpoints and notebooks on managed instances, jobs in SageMaker Pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar, Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.targets import SageMaker
from mlstage.spec.workloads import BatchInference, Notebook, RealtimeEndpoint, Training, Workload
from mlstage.targets.base import Blame, Can, Yes
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import batch, endpoint, notebook, training

_KINDS: Final[dict[type[Workload], ModuleType]] = {
    RealtimeEndpoint: endpoint,
    Training: training,
    BatchInference: batch,
    Notebook: notebook,
}


class SageMakerTarget:
    """SageMaker on instances. Each kind of workload is one module beside this one, with `check` and `lower`."""

    name: ClassVar[str] = "SageMaker"
    spec: ClassVar[type[Node]] = SageMaker
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("endpoint"),
        Training=Yes("training job in a SageMaker Pipeline, Spot + checkpoint"),
        BatchInference=Yes("batch transform in a SageMaker Pipeline, on a schedule"),
        Notebook=Yes("notebook instance, idle stop, working hours"),
        gpu=Yes("ml.g and ml.p types"),
        neuron=Yes("ml.inf and ml.trn types"),
        autoscaling=Yes("target tracking"),
        private_network=Yes("VPC of the stage"),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what SageMaker refuses."""
        found: Iterator[Diagnostic] = _KINDS[type(workload.workload)].check(workload, Blame(workload, place))
        return found

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into SageMaker's resources."""
        made: tuple[Resource, ...] = _KINDS[type(workload.workload)].lower(workload, place)
        return made
