"""Amazon ECS: containers on Fargate, or on EC2 machines where there are accelerators.

Oddities: Fargate takes certain pairs of CPU and memory only, and has no GPU. A service is deleted before its capacity,
or the capacity stays. A capacity provider's name cannot be used again while the old one is being deleted: its name has
a hash. Everything runs in a VPC: the stage's, or one that is made.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/Welcome.html
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
from mlstage.spec.targets import Ecs
from mlstage.spec.workloads import AsyncEndpoint, BatchInference, Processing, RealtimeEndpoint, Training, Workload
from mlstage.targets import machines
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.checkpoints import IN_S3
from mlstage.targets.ecs import batch, processing, services, training, workers
from mlstage.targets.ecs.cluster import shared_cluster
from mlstage.targets.ecs.services import on_ecs
from mlstage.targets.fields import ON_SAGEMAKER
from mlstage.targets.network import leads_out
from mlstage.targets.place import Place, Reach

_KINDS: Final[dict[type[Workload], ModuleType]] = {
    RealtimeEndpoint: services,
    AsyncEndpoint: workers,
    BatchInference: batch,
    Training: training,
    Processing: processing,
}
# What tasks call from inside a VPC, and what a machine's agent calls besides.
_SERVICES: Final = frozenset({"ecr.api", "ecr.dkr", "logs"})
_MACHINE_SERVICES: Final = frozenset({"ecs", "ecs-agent", "ecs-telemetry"})


class EcsTarget:
    """ECS. Each kind of workload is one module beside this one, with `check` and `lower`."""

    name: ClassVar[str] = "Ecs"
    spec: ClassVar[type[Node]] = Ecs
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("service behind a load balancer"),
        AsyncEndpoint=Yes("service fed by SQS, scaled on backlog"),
        BatchInference=Yes("scheduled task, run by Step Functions"),
        Training=Yes("scheduled task, on machines of its own for accelerators"),
        Processing=Yes("scheduled task, run by Step Functions"),
        Notebook=No("notebooks are SageMaker's own", "Notebook(instance=…)"),
        gpu=Yes('EC2 machines: Ecs(instance="g5.xlarge")'),
        neuron=Yes('EC2 machines: Ecs(instance="inf2.xlarge")'),
        autoscaling=Yes("target tracking: CPU, memory, requests, backlog"),
        scale_to_zero=Yes("AsyncEndpoint with min=0"),
        multi_model=No("a container loads what it does", "one service per model"),
        variants=No("a service has one version", ON_SAGEMAKER),
        inference_pipeline=No("a service answers from one container", "one container that does both"),
        gradual_update=Yes("rolling, with a circuit breaker; canary, linear and all at once, taken back by alarms"),
        inference_components=No("tasks share nothing", ON_SAGEMAKER),
        private_network=Yes("always: the stage's VPC or one of its own"),
        checkpoint_volume=No("what a task has on disk goes with it", IN_S3),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what ECS refuses."""
        found: Iterator[Diagnostic] = _KINDS[type(workload.workload)].check(workload, Blame(workload, place))
        return found

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for a VPC, and for a way out of it where an image lies outside of Amazon ECR."""
        spec = workload.workload
        on = on_ecs(known(spec.on))
        public = known(on.exposed) == "internet"
        if leads_out(place, needed=machines.outside_ecr(spec, on)):
            return Reach(network=True, internet=True, public=public)
        services_ = {*_SERVICES, *(_MACHINE_SERVICES if known(on.instance) else ())}
        services_ |= {"secretsmanager", "ssm"} if known(on.secrets) else set()
        if isinstance(spec, AsyncEndpoint):
            services_ |= {"sqs", "sns"} if known(spec.on_success) else {"sqs"}
        return Reach(network=True, services=frozenset(services_), public=public)

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make the cluster of those on Fargate, if any; machines of a workload's own have a cluster of its own."""
        on_fargate = any(known(on_ecs(known(one.workload.on)).instance) is None for one in workloads)
        return shared_cluster(place) if on_fargate else ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into tasks and what runs them."""
        made: tuple[Resource, ...] = _KINDS[type(workload.workload)].lower(workload, place)
        return made


__all__ = ["EcsTarget"]
