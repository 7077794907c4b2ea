"""What a field that names an instance type says about the machine, as three-valued conditions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from mlstage.catalog.instances import Instance, ec2_names, instance, instance_names
from mlstage.rules.truth import NO, Field, Truth, truth

# What AWS Batch takes for a choice of its own among current types without accelerators.
_ORDINARY: Final = ("optimal", "default_x86_64", "default_arm64")


def has_accelerator(field: Field) -> Truth:
    """Say whether the type has GPUs or other accelerators."""
    return _fact(field, lambda machine: machine.accelerator is not None)


def is_burstable(field: Field) -> Truth:
    """Say whether the type earns CPU credits while it idles and spends them under load."""
    return _fact(field, lambda machine: machine.burstable)


def has_nvme(field: Field) -> Truth:
    """Say whether the type has local NVMe disks, for which SageMaker takes no KMS key."""
    return _fact(field, lambda machine: machine.nvme_gb > 0)


def is_past(field: Field) -> Truth:
    """Say whether the type is no longer offered, or what runs on it gets no updates."""
    return _fact(field, lambda machine: machine.lifecycle is not None)


def is_neuron(field: Field) -> Truth:
    """Say whether the type has Inferentia or Trainium, which run only what was compiled for them."""
    return _fact(field, lambda machine: machine.accelerator is not None and machine.accelerator.kind == "neuron")


def has_nvidia(field: Field) -> Truth:
    """Say whether the type has NVIDIA GPUs."""
    return _fact(field, lambda machine: machine.gpu_count > 0)


def has_accelerator_mb_above(field: Field, limit: float) -> Truth:
    """Say whether all accelerators of the type together have more than so many MB of memory."""
    return _fact(field, lambda machine: _accelerator_mb(machine) > limit)


def accelerator_mb(field: Field) -> float:
    """Give the MB of memory of all accelerators of a known type together."""
    machine = known_machine(field)
    return _accelerator_mb(machine) if machine else 0


def smaller_host(field: Field) -> Instance | None:
    """Find the hosting type with the least accelerator memory of the same kind, if it has less than this one."""
    machine = known_machine(field)
    if machine is None or machine.accelerator is None:
        return None
    least = _least_host(machine.accelerator.kind)
    return least if least and _accelerator_mb(least) < _accelerator_mb(machine) else None


@cache
def _least_host(kind: str) -> Instance | None:
    hosts = [one for name in instance_names("hosting") if (one := instance(name)) and one.lifecycle is None]
    fitting = [one for one in hosts if one.accelerator and one.accelerator.kind == kind]
    return min(fitting, key=lambda one: (_accelerator_mb(one), one.vcpu, one.name), default=None)


def known_machine(field: Field) -> Instance | None:
    """Give the catalogue's facts about the type, where it is plain text and known."""
    return instance(field.text) if field.text else None


def is_of_family(field: Field, families: tuple[str, ...]) -> Truth:
    """Say whether the type belongs to one of the families, such as `g4dn`."""
    return field.satisfies(lambda name: name.removeprefix("ml.").partition(".")[0] in families)


def accelerator_words(field: Field) -> str:
    """Describe the accelerators of a known type: `1 x NVIDIA A10G`; of a family, whose sizes have more or fewer."""
    machine = known_machine(field)
    if machine is not None:
        return f"{machine.accelerator.count} x {machine.accelerator.name}" if machine.accelerator else ""
    return " or ".join(sorted({one.accelerator.name for one in of_family(field) if one.accelerator}))


def of_family(field: Field) -> tuple[Instance, ...]:
    """Give the types of the family that is named where a type could be: `g5`, or `g5.*`."""
    return _of_family(field.text.removesuffix(".*")) if field.text else ()


@cache
def _of_family(family: str) -> tuple[Instance, ...]:
    names = (name for name in ec2_names() if name.partition(".")[0] == family)
    return tuple(machine for name in names if (machine := instance(name)))


def _accelerator_mb(machine: Instance) -> float:
    return machine.accelerator.memory_mib * 1.048576 if machine.accelerator else 0


def _fact(field: Field, fact: Callable[[Instance], bool]) -> Truth:
    if field.value is None:
        return NO
    if field.text is None:
        return field.gap()
    if field.text in _ORDINARY:
        return NO
    machine = instance(field.text)
    facts = {fact(one) for one in ((machine,) if machine else of_family(field))}
    if not facts:
        return field.gap(f"{field.text!r} is not in mlstage's catalogue of instance types")
    if len(facts) > 1:
        return field.gap(f"it holds for some sizes of {field.text!r}, and not for others")
    return truth(facts.pop())
