"""What a change means for each workload: the values that its author changed, and what the engine does about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlstage.diagnostics import Where
from mlstage.insight import outline
from mlstage.insight.outline import Outline, WorkloadOutline
from mlstage.insight.review.steps import Step, by_workload

Status = Literal["added", "changed", "removed", "renamed"]
ENVIRONMENT = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that is another one now, in the author's words."""

    field: str
    before: str
    after: str
    where: Where | None = None

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class WorkloadChange:
    """One workload that changes. `was` is its name before, where that differs; the environment's own has no name."""

    name: str
    kind: str
    status: Status
    was: str = ""
    fields: tuple[FieldChange, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def told(self) -> str:
        """The workload's name for people."""
        return self.name or "(shared)"

    def of(self, *types: str) -> tuple[Step, ...]:
        """Give the steps that do something to resources of some types."""
        return tuple(step for step in self.steps if step.resource.type in types and step.operation != "same")


def workload_changes(
    before: Outline | None, after: Outline | None, found: tuple[Step, ...]
) -> tuple[WorkloadChange, ...]:
    """Give every workload of which a value or a resource changes, in the author's order; the shared part comes last."""
    grouped = by_workload(found)
    old = dict(before.by_name) if before else {}
    new = dict(after.by_name) if after else {}
    changes = [change for one in new.values() if (change := _changed(one, before, after, grouped)) is not None]
    kept = {one.former(before, after) for one in new.values()}
    changes += [
        WorkloadChange(one.name, one.kind, "removed", steps=grouped.get(one.name, ()))
        for one in old.values()
        if one.name not in kept
    ]
    shared = WorkloadChange(
        ENVIRONMENT, "", "changed", fields=tuple(_settings(before, after)), steps=_doing(grouped.get(ENVIRONMENT, ()))
    )
    return (*changes, *([shared] if shared.fields or shared.steps else []))


def _changed(
    one: WorkloadOutline, before: Outline | None, after: Outline | None, grouped: Mapping[str, tuple[Step, ...]]
) -> WorkloadChange | None:
    former = one.former(before, after)
    theirs = grouped.get(one.name, ())
    if before is None or not former:
        return WorkloadChange(one.name, one.kind, "added", steps=theirs)
    was = before.by_name[former]
    fields = tuple(
        FieldChange(found.path, outline.text(found.first), outline.text(found.second), one.source(found.path).where)
        for found in outline.differences(was.fields, one.fields)
    )
    if former != one.name:  # what goes is still called by the name that the workload had
        theirs = (*theirs, *(step for step in grouped.get(former, ()) if step.after is None))
        return WorkloadChange(one.name, one.kind, "renamed", former, fields, theirs)
    if fields or _doing(theirs) or was.kind != one.kind:
        return WorkloadChange(one.name, one.kind, "changed", fields=fields, steps=theirs)
    return None


def _doing(found: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in found if step.operation != "same")


def _settings(before: Outline | None, after: Outline | None) -> Iterator[FieldChange]:
    if before is None or after is None:
        return
    for name, first, second in (("tier", before.tier, after.tier), ("region", before.region, after.region)):
        if first != second:
            yield FieldChange(name, first, second)
    for one in outline.differences(before.settings, after.settings):
        yield FieldChange(one.path, outline.text(one.first), outline.text(one.second))
