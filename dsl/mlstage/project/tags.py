"""Tags that AWS would refuse, blamed on the line that has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstage.diagnostics import Diagnostic, Where
from mlstage.passes import tag_faults
from mlstage.resolve import ResolvedEnvironment
from mlstage.spec.per_stage import known


def tag_problems(resolved: ResolvedEnvironment) -> Iterator[Diagnostic]:
    """Yield what is wrong with the tags of an environment, of its stage, and of its workloads."""
    environment, stage = resolved.environment, resolved.stage
    yield from _faults(environment.tags, environment.where("tags"), environment.name, resolved.stack)
    yield from _faults(stage.tags, stage.where("tags"), environment.name, resolved.stack)
    for one in resolved.workloads:
        subject = f"{environment.name}/{one.workload.name}"
        yield from _faults(known(one.workload.tags), one.where("tags"), subject, resolved.stack)
    yield from _owner(environment.owner, environment.where("owner"), environment.name, resolved.stack)


def _owner(owner: str, where: Where | None, subject: str, stack: str) -> Iterator[Diagnostic]:
    """Check the owner as what it becomes: the value of a tag."""
    for fault in tag_faults({"owner": owner}):
        what = fault.what.replace("the value of tag 'owner'", f"owner {owner!r} becomes a tag, and it")
        yield Diagnostic("AWS119", what, fault.instead, where=where, subject=subject, field="owner", stack=stack)


def _faults(tags: Mapping[str, str], where: Where | None, subject: str, stack: str) -> Iterator[Diagnostic]:
    for fault in tag_faults(tags):
        yield Diagnostic("AWS119", fault.what, fault.instead, where=where, subject=subject, field="tags", stack=stack)
