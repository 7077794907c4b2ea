"""A resolved environment: one stack, no value per stage any more, and each value knows where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from mlstage.diagnostics import Related, Where
from mlstage.spec.environment import Environment
from mlstage.spec.stages import Stage
from mlstage.spec.watching import Watch
from mlstage.spec.workloads import Workload

W = TypeVar("W", bound=Workload, covariant=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: the spec, its entry for a stage, the stack's file, or the language's default.

    `replaced` is the line of the spec that an override put aside.
    """

    kind: Literal["spec", "per_stage", "override", "default"]
    where: Where | None = None
    stage: str = ""
    replaced: Where | None = None


@dataclass(frozen=True, slots=True)
class Resolved(Generic[W]):
    """One workload in one stack. `origins` is by path: `on.instance`, `replicas.max`."""

    workload: W
    origins: Mapping[str, Origin]

    def origin(self, path: str) -> Origin:
        """Give the origin of a field, or of the nearest thing that it is part of."""
        while path and path not in self.origins:
            path = path.rpartition(".")[0]
        return self.origins.get(path) or Origin("spec", self.workload.where())

    def where(self, path: str = "") -> Where | None:
        """Give the place to blame for a field's value."""
        return self.origin(path).where if path else self.workload.where()

    def related(self, path: str) -> tuple[Related, ...]:
        """Say which line of the spec an override replaced, if one did."""
        replaced = self.origin(path).replaced
        return (Related("this overrides the spec", replaced),) if replaced else ()


@dataclass(frozen=True, slots=True)
class ResolvedEnvironment:
    """One environment in one stack. `overrides` are those of the stack's file that concern it.

    `watch` says which alarms there are in this stack, if any.
    """

    environment: Environment
    stack: str
    stage: Stage
    region: str
    workloads: tuple[Resolved[Workload], ...]
    overrides: Mapping[str, Mapping[str, Any]]
    watch: Watch | None = None
