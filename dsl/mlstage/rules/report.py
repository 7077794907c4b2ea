"""Verdicts as diagnostics: what a command prints, at the author's own line where it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mlstage.diagnostics import Diagnostic, Kind, Related, Severity, Where
from mlstage.graph import Graph, Group
from mlstage.rules.judge import Objection, Open, Verdict, Waived
from mlstage.rules.levels import Level
from mlstage.rules.rule import Rule
from mlstage.rules.truth import Finding, Undecided
from mlstage.rules.waivers import Waiver
from mlstage.rules.words import plain_name


class Places:
    """Where an author finds what a verdict is about; this one knows the specs that graphs were made from.

    A cure names the keyword to write (`replicas=Autoscale(…)`): where the author wrote that one is the place to look.
    """

    def subject(self, graph: Graph, name: str) -> str:
        """Name what the resource is to its author."""
        resource = graph.by_name.get(name)
        if resource is None or not resource.workload:
            return name
        return f"{graph.environment}/{resource.workload}" if graph.environment else resource.workload

    def where(self, graph: Graph, name: str, field: str, cure: str) -> Where | None:  # noqa: ARG002
        """Find the author's line behind what is wrong with a resource."""
        resource = graph.by_name.get(name)
        if resource is None:
            return None
        group = graph.group_by_name.get(resource.workload)
        if group is None:
            return resource.source
        return _keyword(group, cure) or resource.source or group.source

    def field(self, graph: Graph, name: str, field: str) -> str:  # noqa: ARG002
        """Name the property as its author does."""
        return field

    def notes(self, graph: Graph, name: str, field: str) -> tuple[Related, ...]:  # noqa: ARG002
        """Say what else tells the author which resource is meant."""
        return ()


def diagnostics(verdicts: Iterable[Verdict], places: Places | None = None) -> tuple[Diagnostic, ...]:
    """Report verdicts together: one per stack of an environment, or just one.

    A waiver is called unused only if no verdict used it: a workload may need it in one stack alone.
    """
    verdicts = tuple(verdicts)
    places = places or Places()
    found: list[Diagnostic] = []
    for verdict in verdicts:
        found += [_objection(verdict, item, places) for item in verdict.objections]
        found += [_open(verdict.graph, item, places) for item in verdict.open]
        found += [_waived(verdict.graph, item, places) for item in verdict.waived]
    found += _idle_waivers(verdicts)
    return tuple(found)


def in_stack(graph: Graph) -> str:
    """Say which stack, to stand after a message."""
    return f" in stack {graph.stack!r}" if graph.stack else ""


def lapsed_note(waiver: Waiver, verdict: Verdict) -> str:
    """Say of a waiver about a finding why it does not count."""
    return f"the waiver of {waiver} {waiver.fault(verdict.today)}, so it does not count"


def waived_text(item: Waived, graph: Graph) -> str:
    """Say what a waiver in force answers, until when and why."""
    answer = item.answer
    said = answer.message if isinstance(answer, Finding) else open_text(item.rule, answer, graph)
    until = item.waiver.until.isoformat()
    return f"waived until {until}: {said}{in_stack(graph)}; reason: {item.waiver.reason}"


def open_text(rule: Rule, undecided: Undecided, graph: Graph) -> str:
    """Say what a rule could not decide."""
    resource = graph.by_name.get(undecided.resource)
    place = repr(plain_name(resource.name)) if resource else "the stack"
    field = f"`{undecided.field}` of {place}" if undecided.field else place
    return f"{rule.name} cannot be decided: {field} is not known"


_WRITTEN: Final = re.compile(r"[()]|(?<![\w.])([a-z][a-z_]*)=(?!=)")


def _keyword(group: Group, cure: str) -> Where | None:
    """Find where the author wrote the first keyword that a cure names, rather than one inside its value."""
    depth = 0
    for match in _WRITTEN.finditer(cure):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[1] and not depth:
            paths = sorted((path for path in group.places if path.split(".")[-1] == match[1]), key=_depth)
            written = next((group.places[path] for path in paths if group.places[path] != group.source), None)
            if written:
                return written
    return None


def _depth(path: str) -> int:
    return path.count(".")


def _objection(verdict: Verdict, item: Objection, places: Places) -> Diagnostic:
    graph, finding = verdict.graph, item.finding
    at = finding.resource, finding.field
    cure = finding.instead or item.rule.cure(graph.by_name.get(finding.resource))
    lapsed = tuple(Related(lapsed_note(waiver, verdict), waiver.where) for waiver in item.lapsed)
    return Diagnostic(
        code=item.rule.id,
        what=finding.message + in_stack(graph),
        why=item.rule.why,
        instead=cure,
        severity=Severity.ERROR if item.level is Level.MANDATORY else Severity.WARNING,
        where=places.where(graph, *at, cure),
        subject=places.subject(graph, finding.resource),
        field=places.field(graph, *at),
        stack=graph.stack,
        related=(*places.notes(graph, *at), *lapsed),
        title=item.rule.title,
    )


def _open(graph: Graph, item: Open, places: Places) -> Diagnostic:
    at = item.undecided.resource, item.undecided.field
    return Diagnostic(
        code=item.rule.id,
        what=open_text(item.rule, item.undecided, graph) + in_stack(graph),
        why=item.undecided.reason,
        instead="give the value where it can be read before anything runs, or judge again once it is known",
        severity=Severity.ERROR if item.level is Level.MANDATORY else Severity.NOTE,
        where=places.where(graph, *at, item.rule.fix),
        subject=places.subject(graph, item.undecided.resource),
        field=places.field(graph, *at),
        stack=graph.stack,
        related=places.notes(graph, *at),
        kind=Kind.UNDECIDED,
        title=item.rule.title,
    )


def _waived(graph: Graph, item: Waived, places: Places) -> Diagnostic:
    at = item.answer.resource, item.answer.field
    return Diagnostic(
        code=item.rule.id,
        what=waived_text(item, graph),
        instead="nothing until then; then follow the rule, or give the waiver a new reason and day",
        severity=Severity.NOTE,
        where=item.waiver.where or places.where(graph, *at, item.rule.fix),
        subject=places.subject(graph, item.answer.resource),
        field=places.field(graph, *at),
        stack=graph.stack,
        related=places.notes(graph, *at),
        kind=Kind.WAIVED,
        title=item.rule.title,
    )


def _idle_waivers(verdicts: Sequence[Verdict]) -> Iterator[Diagnostic]:
    used = {item.waiver for verdict in verdicts for item in verdict.waived}
    noted = {waiver for verdict in verdicts for item in verdict.objections for waiver in item.lapsed}
    for waiver in dict.fromkeys(w for verdict in verdicts for w in verdict.unused):
        if waiver not in used:
            yield _idle(waiver, "answers nothing: the rule does not object", "drop the waiver")
    for waiver in dict.fromkeys(w for verdict in verdicts for w in verdict.strange):
        yield _idle(waiver, "names a rule that does not exist", "the id of a rule that `mlstage rules` lists")
    for verdict in verdicts:
        for waiver in verdict.lapsed:
            if waiver not in noted:
                yield _idle(waiver, waiver.fault(verdict.today), "drop the waiver, or give it a new reason and day")


def _idle(waiver: Waiver, what: str, instead: str) -> Diagnostic:
    return Diagnostic(
        code=waiver.rule,
        what=f"the waiver of {waiver} {what}",
        instead=instead,
        severity=Severity.WARNING,
        where=waiver.where,
        subject="/".join(part for part in (waiver.environment, waiver.workload) if part) or waiver.resource,
    )
