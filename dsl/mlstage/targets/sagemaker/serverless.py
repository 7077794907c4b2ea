"""SageMaker without instances: real-time endpoints whose capacity comes per request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.targets import SageMakerServerless
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.place import Place, Reach

_ON_INSTANCES: Final = 'on=SageMaker(instance="ml.m5.xlarge")'


class SageMakerServerlessTarget:
    """SageMaker Serverless Inference: endpoints only, on CPUs only."""

    name: ClassVar[str] = "SageMakerServerless"
    spec: ClassVar[type[Node]] = SageMakerServerless
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("serverless endpoint, provisioned concurrency"),
        AsyncEndpoint=No("SageMaker runs asynchronous endpoints on instances only", f"{_ON_INSTANCES}, with min=0"),
        BatchInference=No("serverless is for endpoints only", _ON_INSTANCES),
        Training=No("serverless is for endpoints only", _ON_INSTANCES),
        Processing=No("serverless is for endpoints only", _ON_INSTANCES),
        Notebook=No("serverless is for endpoints only", "Notebook(instance=…)"),
        gpu=No("serverless endpoints have no GPU", 'on=SageMaker(instance="ml.g5.xlarge")'),
        neuron=No("serverless endpoints have no Neuron device", 'on=SageMaker(instance="ml.inf2.xlarge")'),
        autoscaling=Yes("by itself; provisioned concurrency by target tracking"),
        scale_to_zero=Yes("by itself"),
        multi_model=No("SageMaker serves many models from instances only", _ON_INSTANCES),
        variants=No("a serverless endpoint has one variant", _ON_INSTANCES),
        inference_pipeline=No("a serverless endpoint runs one container", _ON_INSTANCES),
        gradual_update=No("SageMaker shifts traffic gradually between instances only", _ON_INSTANCES),
        inference_components=No("a serverless endpoint has no instances to share", _ON_INSTANCES),
        private_network=No("serverless endpoints run outside of any VPC", _ON_INSTANCES),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what SageMaker refuses."""
        blame = Blame(workload, place)
        yield blame("AWS130", "on", "serverless endpoints cannot be compiled yet", _ON_INSTANCES)

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for nothing: serverless endpoints run outside of any VPC."""
        del workload, place
        return Reach()

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make nothing: serverless endpoints share nothing."""
        del workloads, place
        return ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a serverless endpoint into its resources."""
        raise NotImplementedError(f"{workload.workload.name} in {place.stack}")
