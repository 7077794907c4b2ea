"""What to offer instead: the nearest name for a misspelt one, the nearest machine for one that is not accepted."""

from collections.abc import Iterable
from functools import cache
from math import log2
from typing import Final

from mlstage.catalog.instances import Instance, Use, ec2_names, instance, instance_names

# A machine of the same size class has half to twice the vCPUs and the memory.
_CLASS: Final = 1.0


def nearest(name: str, use: Use | None = None, *, count: int = 3) -> tuple[str, ...]:
    """Return the known names most like a misspelt `name`, best first; with `use`, only those that it accepts."""
    asked = name.strip().lower()
    is_ec2 = use is None and not asked.startswith(("ml.", "ml-", "ml_"))
    if use is not None and not asked.startswith("ml"):
        asked = f"ml.{asked}"
    return closest(asked, ec2_names() if is_ec2 else instance_names(use), count=count)


def same_size(name: str, use: Use, *, count: int = 5) -> tuple[str, ...]:
    """Return the types that `use` accepts of the size class of `name`, the most similar first.

    For a SageMaker type that a use does not accept: `ml.t3.medium` cannot host, `ml.t2.medium` can. A type with
    accelerators is only ever exchanged for one with accelerators of the same kind, and a type without for one without.
    """
    asked = instance(name)
    if asked is None:
        return ()
    ranked = sorted(
        (_distance(asked, other), abs(_generation(asked) - _generation(other)), len(other.name), other.name)
        for other in _machines(use)
        if other.name != name and other.lifecycle is None and _same_class(asked, other)
    )
    return tuple(other for *_, other in ranked[:count])


def closest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """Return the names of `known` most like a misspelt `name`, best first; for anything that has a name."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=name, autojunk=False)
    ranked: list[tuple[float, str]] = []
    for candidate in known:
        matcher.set_seq1(candidate)
        if matcher.quick_ratio() >= 0.6 and (ratio := matcher.ratio()) >= 0.6:
            ranked.append((-ratio, candidate))
    return tuple(candidate for _, candidate in sorted(ranked)[:count])


@cache
def _machines(use: Use) -> tuple[Instance, ...]:
    return tuple(machine for name in instance_names(use) if (machine := instance(name)) is not None)


def _steps(one: float, other: float) -> float:
    """Return how many doublings lie between two sizes."""
    return abs(log2(one / other))


def _same_class(asked: Instance, other: Instance) -> bool:
    if _steps(asked.vcpu, other.vcpu) > _CLASS or _steps(asked.memory_mib, other.memory_mib) > _CLASS:
        return False
    if asked.accelerator is None or other.accelerator is None:
        return asked.accelerator is other.accelerator
    return asked.accelerator.kind == other.accelerator.kind and asked.accelerator.count == other.accelerator.count


def _generation(machine: Instance) -> int:
    """Return the number in a family's name: 5 for `m5d`."""
    return int("".join(filter(str.isdigit, machine.family))[:1] or "0")


def _distance(asked: Instance, other: Instance) -> float:
    """Return how unlike two machines of one class are, in doublings; what is no size counts as part of one."""
    distance = _steps(asked.vcpu, other.vcpu) + _steps(asked.memory_mib, other.memory_mib)
    if asked.accelerator and other.accelerator:
        distance += 2 * _steps(asked.accelerator.memory_mib, other.accelerator.memory_mib)
    distance += 1.0 * (asked.arch != other.arch)
    distance += 0.5 * (asked.burstable != other.burstable)
    distance += 0.25 * (bool(asked.nvme_gb) != bool(other.nvme_gb))
    distance += 0.25 * (asked.family[0] != other.family[0])
    distance += 0.125 * (not other.current_generation)
    return distance + 0.0625 * (asked.family != other.family)
