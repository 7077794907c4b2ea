"""Amazon EKS in Auto Mode: pods on machines that AWS provisions as they are asked for.

Oddities: a cluster is a cluster of the environment's own, unless one is named; its namespace is the environment's in
that stack. Images for accelerators need the drivers of the node, which Auto Mode brings, and ask for every accelerator
of one machine. What Kubernetes has no object for (queues, alarms, a job's history in AWS) is refused.
https://docs.aws.amazon.com/eks/latest/userguide/automode.html
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
from mlstage.spec.targets import Eks
from mlstage.spec.workloads import BatchInference, Processing, RealtimeEndpoint, Training, Workload
from mlstage.targets.base import Blame, Can, No, Yes
from mlstage.targets.checkpoints import volume_of
from mlstage.targets.eks import batch, cluster, pools, processing, services, training, volumes
from mlstage.targets.eks.naming import Cluster, cluster_of, on_eks
from mlstage.targets.fields import ON_SAGEMAKER
from mlstage.targets.place import Place, Reach

_KINDS: Final[dict[type[Workload], ModuleType]] = {
    RealtimeEndpoint: services,
    BatchInference: batch,
    Training: training,
    Processing: processing,
}


class EksTarget:
    """EKS. Each kind of workload is one module beside this one, with `check`, `use` and `lower`."""

    name: ClassVar[str] = "Eks"
    spec: ClassVar[type[Node]] = Eks
    can: ClassVar[Can] = Can(
        RealtimeEndpoint=Yes("Deployment + Service + HPA"),
        AsyncEndpoint=No(
            "Kubernetes has no queue, and its autoscaler does not follow one of AWS's", 'on=Ecs(cpu=2, memory="8GB")'
        ),
        BatchInference=Yes("CronJob"),
        Training=Yes("CronJob, started by hand as well"),
        Processing=Yes("CronJob, started by hand as well"),
        Notebook=No("notebooks are SageMaker's own", "Notebook(instance=…)"),
        gpu=Yes('a node pool: Eks(instance="g5.xlarge")'),
        neuron=Yes('a node pool: Eks(instance="inf2.xlarge")'),
        autoscaling=Yes("HPA: CPU, memory, a named metric of the pods"),
        scale_to_zero=No(
            "Kubernetes' autoscaler keeps one pod", "AsyncEndpoint on=Ecs(…), or on=SageMakerServerless(…)"
        ),
        multi_model=No("a container loads what it does", "one service per model"),
        variants=No("a Deployment has one version", ON_SAGEMAKER),
        inference_pipeline=No("a service answers from one container", "one container that does both"),
        gradual_update=Yes("rolling, held when new pods are not ready"),
        inference_components=No("pods share nothing", ON_SAGEMAKER),
        private_network=Yes("always: the stage's VPC or one of its own"),
        checkpoint_volume=Yes('PersistentVolumeClaim: Spot(checkpoint=Volume("100GB"))'),
    )

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what EKS refuses."""
        found: Iterator[Diagnostic] = _KINDS[type(workload.workload)].check(workload, Blame(workload, place))
        return found

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:  # noqa: ARG002 - the protocol's
        """Ask for a VPC with a way out for the environment's own cluster; an existing one stands in its own."""
        on = on_eks(known(workload.workload.on))
        if known(on.cluster) is not None:
            return Reach()
        public = known(on.exposed) == "internet"
        return Reach(network=True, internet=True, public=public, kubernetes=True)

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make, or look up, every cluster that a workload goes to, with its namespace and its pools."""
        made: list[Resource] = []
        for one, theirs in _by_cluster(workloads, place).items():
            specs = [on_eks(known(resolved.workload.on)) for resolved in theirs]
            keeps = any(volume_of(resolved.workload) for resolved in theirs)
            made += cluster.existing(one) if one.existing else cluster.own(one, specs, volumes=keeps)
            made += cluster.access(one)
            made += [volumes.storage_class(one)] if keeps else []
            uses = [_KINDS[type(resolved.workload)].use(resolved.workload, place) for resolved in theirs]
            made += pools.pools(one, [use for use in uses if use])
        return tuple(made)

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into pods and what runs them."""
        made: tuple[Resource, ...] = _KINDS[type(workload.workload)].lower(workload, place)
        return made


def _by_cluster(workloads: Sequence[Resolved[Any]], place: Place) -> dict[Cluster, list[Resolved[Any]]]:
    found: dict[str | None, list[Resolved[Any]]] = {}
    for resolved in workloads:
        found.setdefault(known(on_eks(known(resolved.workload.on)).cluster), []).append(resolved)
    return {cluster_of(place, on_eks(known(theirs[0].workload.on))): theirs for theirs in found.values()}


__all__ = ["EksTarget"]
