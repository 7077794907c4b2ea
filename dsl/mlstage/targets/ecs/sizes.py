"""How big a task is: a legal pair on Fargate, what is asked for on a machine of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance, instance
from mlstage.catalog.limits import FargateSize, fargate_size_for, fargate_sizes
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.per_stage import known
from mlstage.spec.targets import Batch, Ecs
from mlstage.spec.text import megabytes
from mlstage.targets.base import Blame

_UNITS: Final = 1024  # CPU units of one vCPU
# Assumed, not AWS's: what a machine surely keeps for system and agents, so that one task still fits.
_OF_MEMORY: Final = 0.8


@dataclass(frozen=True, slots=True)
class TaskSize:
    """CPU units and MB of a task. On EC2 both are optional: without `cpu`, a task takes what is free."""

    cpu: int | None
    memory: int


def facts_of(on: Ecs | Batch) -> Instance | None:
    """Give the machine that a task runs on; None on Fargate, or for a type that does not exist."""
    name = known(on.instance)
    return instance(name) if name else None


def architecture_of(on: Ecs | Batch, of_model: str | None) -> str:
    """Say what a task's image is built for."""
    facts = facts_of(on)
    return known(on.architecture) or of_model or (facts.arch if facts else "x86_64")


def size_of(on: Ecs | Batch) -> TaskSize:
    """Give a task's size: rounded up on Fargate, and most of the machine's memory on EC2 unless something is asked."""
    cpu, memory = known(on.cpu), known(on.memory)
    facts = facts_of(on)
    if facts is not None:
        units = int(cpu * _UNITS) if cpu is not None else None
        return TaskSize(units, int(megabytes(memory)) if memory else int(facts.memory_mib * _OF_MEMORY))
    size = _fargate(on)
    assert size is not None, on
    return TaskSize(size.cpu, size.memory_mib)


def _fargate(on: Ecs | Batch) -> FargateSize | None:
    cpu, memory = known(on.cpu), known(on.memory)
    assert cpu is not None and memory is not None, on
    return fargate_size_for(_up(cpu * _UNITS), _up(megabytes(memory)))


def _up(number: float) -> int:
    return -int(-number // 1)


def check(blame: Blame, on: Ecs | Batch) -> Iterator[Diagnostic]:
    """Say what Fargate makes of the size asked for, or that it has none so big."""
    if known(on.instance) is not None:
        return
    size, cpu, memory = _fargate(on), known(on.cpu), known(on.memory)
    if size is None:
        most = fargate_sizes()[-1]
        what = f"cpu={cpu:g}, memory={memory!r} is more than Fargate gives one task"
        own = f'{type(on).__name__}(instance="m6i.8xlarge")'
        instead = f'cpu={most.cpu // _UNITS}, memory="{most.memory_mib // 1024}GB" or less, or {own}'
        yield blame("AWS220", "on.memory", what, instead)
        return
    asked_units, asked_mb = _up((cpu or 0) * _UNITS), _up(megabytes(memory or "1MB"))
    if (size.cpu, size.memory_mib) != (asked_units, asked_mb):
        vcpus, said = size.cpu / _UNITS, _size(size.memory_mib)
        what = f"Fargate has no task of {cpu:g} vCPU and {memory}: it is rounded up to {vcpus:g} vCPU and {said}"
        yield blame("AWS221", "on.cpu", what, f'cpu={vcpus:g}, memory="{said}"', severity=Severity.NOTE)


def _size(mb: int) -> str:
    return f"{mb // 1024}GB" if mb % 1024 == 0 else f"{mb}MB"
