"""What ECS refuses, or can never work, seen before it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.stages import Network
from mlstage.spec.targets import Ecs
from mlstage.spec.text import gigabytes_up
from mlstage.targets import machines
from mlstage.targets.base import Blame, No
from mlstage.targets.ecs import sizes

# Step Functions: iterations of an inline Map at once, and events in the history of one execution (2026-11).
_AT_ONCE: Final = 40
_HISTORY: Final = 25_000
_EVENTS_OF_A_TASK: Final = 10  # counted: two of the iteration, two of `Begin`, six of the task
_FARGATE_GPU: Final = No("Fargate has no GPU", 'Ecs(instance="g5.xlarge"), or an image built for CPUs')
_FARGATE_NEURON: Final = No("Fargate has no Neuron device", 'Ecs(instance="inf2.xlarge")')
_SUBNETS: Final = 2  # Elastic Load Balancing: an Application Load Balancer stands in two zones at least


def capacity(blame: Blame, on: Ecs) -> Iterator[Diagnostic]:
    """Check the size of a task, and the machines that it may run on."""
    yield from sizes.check(blame, on)
    yield from _storage(blame, on)
    yield from machines.ec2_types(blame, on, "ECS")
    name = known(on.instance)
    facts = instance(name) if name else None
    if facts is not None and facts.gpu_count and facts.arch == "arm64":
        what = f"{name} has GPUs beside an arm64 processor, for which ECS has no machine image"
        yield blame("AWS222", "on.instance", what, 'instance="g5.xlarge"')


def _storage(blame: Blame, on: Ecs) -> Iterator[Diagnostic]:
    storage, bounds = known(on.storage), limit("fargate.ephemeral_gib")
    if storage is None or known(on.instance) is not None:
        return
    if gigabytes_up(storage) > bounds.most:
        what = f"storage={storage!r} is more than the {bounds.most} GB that Fargate gives a task"
        yield blame("AWS223", "on.storage", what, f'storage="{bounds.most}GB" or less, or an `instance`')
    elif gigabytes_up(storage) < bounds.least:
        what = f"storage={storage!r} is no more than the {bounds.least - 1} GB that every task on Fargate has"
        yield blame("AWS223", "on.storage", what, "leave `storage` out")


def model(blame: Blame, on: Ecs, spec: Model) -> Iterator[Diagnostic]:
    """Check that a model runs on what it is put on."""
    facts = sizes.facts_of(on)
    if known(on.instance) is None:
        yield from machines.not_compiled(blame, spec, _FARGATE_NEURON)
    elif facts is not None:
        yield from machines.compiled_for(blame, spec, facts, "Ecs")
    yield from image(blame, "model.image", known(spec.image), on)
    yield from machines.architecture(blame, known(spec.architecture), known(on.architecture), facts)
    yield from machines.artifact(blame, spec, known(on.unpack))


def image(blame: Blame, path: str, address: AnyImage, on: Ecs) -> Iterator[Diagnostic]:
    """Check that an image can run where it is put."""
    facts = sizes.facts_of(on)
    yield from machines.own_image_exists(blame, path, address, facts)
    if known(on.instance) is None:
        yield from machines.without_accelerator(blame, path, address, _FARGATE_GPU, _FARGATE_NEURON)
    elif facts is not None:
        yield from machines.image_for(blame, path, address, facts, "Ecs")


def job_only_fields(blame: Blame, on: Ecs) -> Iterator[Diagnostic]:
    """Refuse what only an endpoint has any use for."""
    for field in ("port", "health", "exposed", "certificate", "callers", "health_command"):
        if blame.workload.origin(f"on.{field}").kind != "default" and known(getattr(on, field)):
            what = f"`{field}` is for what works on requests; a job is started and ends"
            yield blame("AWS224", f"on.{field}", what, f"leave `{field}` out")


def shards(blame: Blame, count: int) -> Iterator[Diagnostic]:
    """Say how many tasks a state machine runs at once, and refuse more than its history can hold.

    https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    """
    instead = 'Batch(cpu=2, memory="8GB"), whose array jobs have 10,000 parts'
    if count * _EVENTS_OF_A_TASK > _HISTORY:
        what = f"replicas={count}: a run's history in Step Functions ends at {_HISTORY:,} events, ten for each task"
        yield blame("AWS231", "replicas", what, f"replicas={_HISTORY // _EVENTS_OF_A_TASK} or less, or {instead}")
    elif count > _AT_ONCE:
        what = f"replicas={count}: Step Functions runs {_AT_ONCE} tasks of a job at once, and the others after them"
        yield blame("AWS231", "replicas", what, instead, severity=Severity.NOTE)


def asked_by_load_balancer(blame: Blame, on: Ecs) -> Iterator[Diagnostic]:
    """Refuse a second way of asking what the load balancer asks already."""
    if known(on.health_command) is not None:
        what = "`health_command` is for tasks that no load balancer asks; this one's asks for a path"
        yield blame("AWS224", "on.health_command", what, f'health="{known(on.health)}"')


def exposure(blame: Blame, on: Ecs) -> Iterator[Diagnostic]:
    """Check that a load balancer can stand where it is to stand."""
    network = blame.place.network
    if known(on.exposed) == "internet" and known(on.certificate) is None:
        what = "the service is on the internet without TLS: requests and answers can be read on their way"
        instead = 'certificate="arn:aws:acm:…", or exposed="vpc"'
        yield blame("AWS225", "on.exposed", what, instead, severity=Severity.WARNING)
    if not isinstance(network, Network):
        return
    if known(on.exposed) == "internet" and len(network.public_subnets) < _SUBNETS:
        what = (
            f"the stage's network names {len(network.public_subnets)} public subnets; a load balancer needs {_SUBNETS}"
        )
        yield blame("AWS225", "on.exposed", what, 'Network(…, public_subnets=["subnet-…", "subnet-…"])')
    elif len(network.subnets) < _SUBNETS:
        what = f"the stage's network names one subnet; a load balancer stands in {_SUBNETS} zones at least"
        yield blame("AWS225", "on", what, 'Network(…, subnets=["subnet-…", "subnet-…"])')
