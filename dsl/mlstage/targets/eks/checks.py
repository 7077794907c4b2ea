"""What EKS refuses, or can never work, seen before it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.stages import Network
from mlstage.spec.targets import Eks
from mlstage.spec.text import megabytes, seconds
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets import machines
from mlstage.targets.base import Blame, No
from mlstage.targets.checkpoints import IN_S3, volume_of
from mlstage.targets.eks.cron import NoCron, to_cron
from mlstage.targets.eks.pools import OLDEST_NODE_S

_NO_GPU: Final = No("without an `instance`, pods run on machines that have none", 'Eks(instance="g5.xlarge")')
_NO_NEURON: Final = No("without an `instance`, pods run on machines that have none", 'Eks(instance="inf2.xlarge")')
_SUBNETS: Final = 2  # EKS, CreateCluster: subnets in two zones at least
# EKS Auto Mode takes no bare metal, and nothing with less than two vCPUs.
# https://docs.aws.amazon.com/eks/latest/userguide/automode-learn-instances.html
_LEAST_VCPUS: Final = 2
_TAKEN_DAYS: Final = OLDEST_NODE_S // (24 * 3600)


def facts_of(on: Eks) -> Instance | None:
    """Give the machine asked for; None where any will do, or for a type that does not exist."""
    name = known(on.instance)
    return instance(name) if name else None


def architecture_of(on: Eks, of_model: str | None) -> str:
    """Say what a pod's image is built for."""
    facts = facts_of(on)
    return known(on.architecture) or of_model or (facts.arch if facts else "x86_64")


def capacity(blame: Blame, on: Eks) -> Iterator[Diagnostic]:
    """Check what a pod asks for, and the machines that it may run on."""
    yield from machines.ec2_types(blame, on, "EKS")
    for path, name in (("on.instance", known(on.instance)), *(("on.fallbacks", one) for one in known(on.fallbacks))):
        facts = instance(name) if name else None
        if facts is not None and (facts.size.startswith("metal") or facts.vcpu < _LEAST_VCPUS):
            what = (
                f"EKS Auto Mode has no {facts.name}: it takes no bare metal and no machine below {_LEAST_VCPUS} vCPUs"
            )
            yield blame("AWS250", path, what, f'"{facts.family}.xlarge", for example')
        elif facts is not None:
            yield from _fits(blame, on, facts)
    if known(on.storage) is not None and known(on.cluster) is not None:
        what = f"disks of nodes are made with the cluster, and {known(on.cluster)} is there already"
        instead = "leave `storage` out, or leave `cluster` out for a cluster of the environment's own"
        yield blame("AWS251", "on.storage", what, instead)
    yield from _site(blame, on)


def _fits(blame: Blame, on: Eks, facts: Instance) -> Iterator[Diagnostic]:
    cpu, memory = known(on.cpu), known(on.memory)
    if cpu is not None and cpu >= facts.vcpu:
        what = f"a pod of {cpu:g} vCPU does not fit {facts.name}: of its {facts.vcpu}, the system keeps some"
        yield blame("AWS252", "on.cpu", what, f"cpu={facts.vcpu * 0.75:g}, or leave `cpu` out")
    if memory is not None and megabytes(memory) >= facts.memory_mib * 0.92:
        gigabytes = facts.memory_mib / 1024
        what = f"a pod of {memory} does not fit {facts.name}: of its {gigabytes:g} GB, the system keeps some"
        yield blame("AWS252", "on.memory", what, f'memory="{int(gigabytes * 0.75)}GB", or leave `memory` out')


def _site(blame: Blame, on: Eks) -> Iterator[Diagnostic]:
    """Check what a cluster of the environment's own needs around it."""
    network = blame.place.network
    if known(on.cluster) is not None:
        for field in ("admins", "api_callers"):
            if known(getattr(on, field)):
                what = f"who may use {known(on.cluster)} was said where it was made"
                yield blame("AWS251", f"on.{field}", what, f"leave `{field}` out")
        return
    if isinstance(network, Network) and len(network.subnets) < _SUBNETS:
        what = f"the stage's network names one subnet; an EKS cluster stands in {_SUBNETS} zones at least"
        yield blame("AWS225", "on", what, 'Network(…, subnets=["subnet-…", "subnet-…"])')


def model(blame: Blame, on: Eks, spec: Model) -> Iterator[Diagnostic]:
    """Check that a model runs on what it is put on."""
    facts = facts_of(on)
    if known(on.instance) is None:
        yield from machines.not_compiled(blame, spec, _NO_NEURON)
    elif facts is not None:
        yield from machines.compiled_for(blame, spec, facts, "Eks")
    yield from image(blame, "model.image", known(spec.image), on)
    yield from machines.architecture(blame, known(spec.architecture), known(on.architecture), facts)
    yield from machines.artifact(blame, spec, known(on.unpack))


def image(blame: Blame, path: str, address: AnyImage, on: Eks) -> Iterator[Diagnostic]:
    """Check that an image can run where it is put."""
    facts = facts_of(on)
    yield from machines.own_image_exists(blame, path, address, facts)
    if known(on.instance) is None:
        yield from machines.without_accelerator(blame, path, address, _NO_GPU, _NO_NEURON)
    elif facts is not None:
        yield from machines.image_for(blame, path, address, facts, "Eks")


def job(
    blame: Blame, spec: BatchInference | Processing | Training, on: Eks, longest: str | None
) -> Iterator[Diagnostic]:
    """Refuse what only an endpoint has any use for, and what no CronJob can do."""
    for field in ("port", "health", "exposed", "certificate", "callers"):
        if blame.workload.origin(f"on.{field}").kind != "default" and known(getattr(on, field)):
            what = f"`{field}` is for what answers requests; a job is started and ends"
            yield blame("AWS224", f"on.{field}", what, f"leave `{field}` out")
    yield from _volume(blame, spec, on)
    if longest is not None and seconds(longest) > OLDEST_NODE_S:
        what = f"max_runtime={longest!r}: EKS Auto Mode replaces every node after {_TAKEN_DAYS} days, jobs on it or not"
        yield blame(
            "AWS244", "max_runtime", what, f'max_runtime="{_TAKEN_DAYS}d" or less, with checkpoints between runs'
        )
    if known(spec.on_failure) is not None and known(on.cluster) is not None:
        named = known(on.cluster)
        what = f"failures are read from the audit log, and whether {named} keeps one in CloudWatch is not known"
        instead = "leave `on_failure` out, leave `cluster` out for a cluster of the environment's own, or on=Ecs(…)"
        yield blame("AWS251", "on_failure", what, instead)
    schedule = known(spec.schedule)
    if schedule is None:
        return
    try:
        to_cron(schedule)
    except NoCron as error:
        yield blame("AWS245", "schedule", f"{schedule!r} is nothing that Kubernetes can keep: {error}", error.instead)


def _volume(blame: Blame, spec: BatchInference | Processing | Training, on: Eks) -> Iterator[Diagnostic]:
    """Check that one pod at a time uses a volume, and that somebody may encrypt it."""
    if volume_of(spec) is None:
        return
    count = known(spec.replicas)
    if count > 1 and not isinstance(spec, Training):
        what = f"a volume hangs on one machine at a time, and {count} pods share the work"
        instead = f"{IN_S3}, where each pod keeps its own by its MLSTAGE_SHARD, or replicas=1"
        yield blame("AWS247", "purchase.checkpoint", what, instead)
    if blame.place.key and known(on.cluster) is not None:
        what = f"the role of {known(on.cluster)} makes the volume, and has to be let use the stage's key"
        instead = "kms:CreateGrant, Decrypt, DescribeKey and GenerateDataKeyWithoutPlaintext for that role"
        yield blame("AWS249", "purchase.checkpoint", what, instead, severity=Severity.NOTE)


def exposure(blame: Blame, on: Eks) -> Iterator[Diagnostic]:
    """Check that a load balancer can stand where it is to stand, and that somebody needs what is said of it."""
    network, exposed = blame.place.network, known(on.exposed)
    if exposed == "cluster":
        for field in ("callers", "certificate"):
            if known(getattr(on, field)):
                what = f"`{field}` is for a load balancer, and a Service inside the cluster has none"
                yield blame("AWS225", f"on.{field}", what, f'exposed="vpc", or leave `{field}` out')
        return
    if exposed == "internet" and known(on.certificate) is None:
        what = "the service is on the internet without TLS: requests and answers can be read on their way"
        instead = 'certificate="arn:aws:acm:…", or exposed="vpc"'
        yield blame("AWS225", "on.exposed", what, instead, severity=Severity.WARNING)
    if isinstance(network, Network) and exposed == "internet" and not network.public_subnets:
        what = "the stage's network names no public subnets, in which a public load balancer stands"
        yield blame("AWS225", "on.exposed", what, 'Network(…, public_subnets=["subnet-…", "subnet-…"])')
