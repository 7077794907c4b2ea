"""A workload's instances, for the modules that are only asked about workloads on them."""

from __future__ import annotations

from typing import Protocol

from mlstage.spec.per_stage import Staged, known
from mlstage.spec.targets import SageMaker, Target


class _Placed(Protocol):
    @property
    def on(self) -> Staged[Target]: ...


def instances_of(spec: _Placed) -> SageMaker:
    """Give the instances that a workload runs on. Raises `TypeError` for one of another target: a bug of ours."""
    on = known(spec.on)
    if not isinstance(on, SageMaker):
        raise TypeError(f"{on!r} has no instances of SageMaker")
    return on
