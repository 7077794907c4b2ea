"""AWS Lambda: a container image as a function, for models and jobs that fit into 10 GB, 15 minutes and a few vCPUs.

Oddities: an alias is what callers name, because provisioned concurrency exists for published versions only; a version
is published with every change and the alias moved to it. Lambda pulls images from Amazon ECR of its own region only.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, ClassVar, Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.targets import Lambda
from mlstage.spec.workloads import AsyncEndpoint, BatchInference, Processing, RealtimeEndpoint, Workload
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.checkpoints import IN_S3
from mlstage.targets.fields import ON_SAGEMAKER
from mlstage.targets.lambda_ import asynchronous, batch, processing, realtime
from mlstage.targets.lambda_.checks import NO_GPU, NO_NEURON
from mlstage.targets.place import Place, Reach

_KINDS: Final[dict[type[Workload], ModuleType]] = {
    RealtimeEndpoint: realtime,
    AsyncEndpoint: asynchronous,
    BatchInference: batch,
    Processing: processing,
}


class LambdaTarget:
    """Lambda. Each kind of workload is one module beside this one, with `check` and `lower`."""

    name: ClassVar[str] = "Lambda"
    spec: ClassVar[type[Node]] = Lambda
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("image function + URL or HTTP API, alias, provisioned concurrency"),
        AsyncEndpoint=Yes("function fed by SQS, partial batch failures, dead-letter queue"),
        BatchInference=Yes("scheduled function, if it fits 15 min"),
        Training=No("a function ends after 15 minutes, and has no more than 10,240 MB of memory", ON_SAGEMAKER),
        Processing=Yes("scheduled function, if it fits 15 min"),
        Notebook=No("notebooks are SageMaker's own", "Notebook(instance=…)"),
        gpu=NO_GPU,
        neuron=NO_NEURON,
        autoscaling=Yes("by itself; provisioned concurrency by target tracking"),
        scale_to_zero=Yes("by itself"),
        multi_model=No("a function loads what its image does", "a function for each model"),
        variants=No("an alias points at one version", ON_SAGEMAKER),
        inference_pipeline=No("a function is one container", "one container that does both"),
        gradual_update=No("shifting an alias by weights takes CodeDeploy", ON_SAGEMAKER),
        inference_components=No("there are no instances to share", ON_SAGEMAKER),
        private_network=Yes("VPC of the stage"),
        checkpoint_volume=No("what a function has on disk goes with it", IN_S3),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what Lambda refuses."""
        found: Iterator[Diagnostic] = _KINDS[type(workload.workload)].check(workload, Blame(workload, place))
        return found

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for no VPC; inside one, the function itself calls SNS if it has somebody to tell."""
        internet = isinstance(place.network, OwnNetwork) and place.network.internet
        tells = known(getattr(workload.workload, "on_success", None)) is not None
        return Reach(services=frozenset({"sns"} if tells and not internet else ()), internet=internet)

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make nothing: functions share nothing."""
        del workloads, place
        return ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into a function and what calls it."""
        made: tuple[Resource, ...] = _KINDS[type(workload.workload)].lower(workload, place)
        return made


__all__ = ["LambdaTarget"]
