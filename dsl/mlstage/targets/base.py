"""What a target is: its answers to every question of capability, its checks, and its lowering to resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import Resource
from mlstage.resolve import Resolved
from mlstage.spec.base import Node
from mlstage.spec.workloads import Workload
from mlstage.targets.place import Place, Reach


@dataclass(frozen=True, slots=True)
class Yes:
    """A target can: `how` says with what, for the support table."""

    how: str = "yes"


@dataclass(frozen=True, slots=True)
class No:
    """A target cannot: `because` is the reason, `instead` what the author may write."""

    because: str
    instead: str


@dataclass(frozen=True, slots=True)
class Can:
    """What a target can do. There are no defaults: a new question stops every target until it has answered."""

    RealtimeEndpoint: Yes | No
    AsyncEndpoint: Yes | No
    BatchInference: Yes | No
    Training: Yes | No
    Processing: Yes | No
    Notebook: Yes | No
    gpu: Yes | No
    neuron: Yes | No
    autoscaling: Yes | No
    scale_to_zero: Yes | No
    multi_model: Yes | No
    variants: Yes | No
    inference_pipeline: Yes | No
    gradual_update: Yes | No
    inference_components: Yes | No
    private_network: Yes | No
    checkpoint_volume: Yes | No

    def answers(self) -> Iterator[tuple[str, Yes | No]]:
        """Yield every question with its answer, in the order of the support table."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)


class Target(Protocol):
    """One back end for workloads. `lower` is only called when `Can` allows it and `check` found no error."""

    name: ClassVar[str]
    spec: ClassVar[type[Node]]
    can: ClassVar[Can]

    def check(self, workload: Resolved[Any], place: Place) -> Iterator[Diagnostic]:
        """Yield what AWS would refuse."""
        ...

    def reach(self, workload: Resolved[Any], place: Place) -> Reach:
        """Say what a workload needs of a network; `place` has the one that the stage names, if any."""
        ...

    def shared(self, workloads: Sequence[Resolved[Any]], place: Place) -> tuple[Resource, ...]:
        """Make what this target's workloads share, such as a cluster; never asked without any."""
        ...

    def lower(self, workload: Resolved[Any], place: Place) -> tuple[Resource, ...]:
        """Turn a workload into resources."""
        ...


@dataclass(frozen=True, slots=True)
class Blame:
    """Makes diagnostics about one workload in one stack."""

    workload: Resolved[Workload]
    place: Place

    def __call__(
        self, code: str, path: str, what: str, instead: str, why: str = "", severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        """Say that the value at `path` cannot work, and what can."""
        return Diagnostic(
            code,
            what,
            instead,
            severity=severity,
            where=self.workload.where(path),
            why=why,
            subject=f"{self.place.environment}/{self.workload.workload.name}",
            field=path,
            stack=self.place.stack,
            related=self.workload.related(path),
        )
