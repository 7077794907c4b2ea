"""AWS Batch: jobs that wait in a queue until machines are there for them, and machines that go when no job waits.

Oddities: a queue tries its compute environments in order, so Spot comes first and On-Demand capacity catches what Spot
has no room for. A retry strategy tells what AWS took back from what failed by itself. Compute environments have no name
of ours: provider 5.100 and 6.x of Terraform call that property differently, and a name would stand in the way of its
replacement. https://docs.aws.amazon.com/batch/latest/userguide/what-is-batch.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Batch
from mlstage.targets import machines
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.batch import jobs
from mlstage.targets.batch.checks import check, on_batch
from mlstage.targets.checkpoints import IN_S3
from mlstage.targets.fields import ON_SAGEMAKER
from mlstage.targets.network import leads_out
from mlstage.targets.place import Place, Reach

_WAITS: Final = 'on=Ecs(cpu=2, memory="8GB")'
_NO_ENDPOINT: Final = No("jobs wait in a queue until there is room, and callers cannot", _WAITS)
_SERVICES: Final = frozenset({"ecr.api", "ecr.dkr", "logs"})
_MACHINE_SERVICES: Final = frozenset({"ecs", "ecs-agent", "ecs-telemetry"})


class BatchTarget:
    """AWS Batch. What the three kinds of job differ in is told by `jobs`."""

    name: ClassVar[str] = "Batch"
    spec: ClassVar[type[Node]] = Batch
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=_NO_ENDPOINT,
        AsyncEndpoint=No("a job is started for each submission, not for each request of a queue", _WAITS),
        BatchInference=Yes("array job in a queue, on a schedule"),
        Training=Yes("job in a queue, Spot + checkpoint; several machines as a multi-node parallel job"),
        Processing=Yes("array job in a queue, on a schedule"),
        Notebook=No("notebooks are SageMaker's own", "Notebook(instance=…)"),
        gpu=Yes('EC2 machines: Batch(instance="g5.xlarge")'),
        neuron=No("Batch starts no machine image with Neuron's driver by itself", 'on=Ecs(instance="inf2.xlarge")'),
        autoscaling=Yes("by itself: machines follow the jobs that wait"),
        scale_to_zero=Yes("by itself"),
        multi_model=No("a job runs one container", ON_SAGEMAKER),
        variants=No("jobs have no traffic to share out", ON_SAGEMAKER),
        inference_pipeline=No("a job runs one container", "one container that does both"),
        gradual_update=No("jobs have no traffic to shift", ON_SAGEMAKER),
        inference_components=No("jobs share nothing", ON_SAGEMAKER),
        private_network=Yes("always: the stage's VPC or one of its own"),
        checkpoint_volume=No("what a job has on disk goes with it", IN_S3),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what AWS Batch refuses."""
        yield from check(workload, Blame(workload, place))

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Ask for a VPC, and for a way out of it where an image lies outside of Amazon ECR."""
        on = on_batch(workload.workload)
        if leads_out(place, needed=machines.outside_ecr(workload.workload, on)):
            return Reach(network=True, internet=True)
        services = {*_SERVICES, *(_MACHINE_SERVICES if known(on.instance) else ())}
        services |= {"secretsmanager", "ssm"} if known(on.secrets) else set()
        return Reach(network=True, services=frozenset(services))

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make nothing: each workload has a queue of its own, so that none waits for another's machines."""
        del workloads, place
        return ()

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a job into its definition, its queue and the machines behind it."""
        return jobs.lower(workload, place)


__all__ = ["BatchTarget"]
