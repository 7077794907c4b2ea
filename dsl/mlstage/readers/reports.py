"""What a verdict comes to in Pulumi's output: one report per finding, and few about what is not decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph
from mlstage.rules.judge import Objection, Open, Verdict, Waived
from mlstage.rules.levels import Level
from mlstage.rules.report import in_stack, lapsed_note, open_text, waived_text
from mlstage.rules.rule import Rule
from mlstage.rules.settings import GENERAL
from mlstage.rules.waivers import Waiver
from mlstage.rules.words import plain_name

# The first preview of a stack leaves much open; more than these of one rule are told together.
_SINGLY: Final = 3


@dataclass(frozen=True, slots=True)
class Report:
    """One thing to tell the engine: by which policy, how much it weighs, of which resource (empty: the stack)."""

    policy: str
    level: Level
    message: str
    urn: str = ""


def of_verdict(verdict: Verdict, urns: Mapping[str, str], wanted: Callable[[Rule, str], bool]) -> Iterator[Report]:
    """Report what of a verdict is wanted; `urns` gives each resource's URN by its name."""
    for item in verdict.objections:
        urn = urns.get(item.finding.resource, "")
        if wanted(item.rule, urn):
            yield of_objection(verdict, item, urn)
    for waived in verdict.waived:
        urn = urns.get(waived.answer.resource, "")
        if wanted(waived.rule, urn):
            yield of_waived(verdict.graph, waived, urn)
    left_open: dict[Rule, list[Open]] = {}
    for open_item in verdict.open:
        if wanted(open_item.rule, urns.get(open_item.undecided.resource, "")):
            left_open.setdefault(open_item.rule, []).append(open_item)
    for items in left_open.values():
        yield from _of_open(verdict.graph, items, urns)


def of_objection(verdict: Verdict, item: Objection, urn: str) -> Report:
    """Report a finding: what, why, and what to write instead."""
    lines = [item.finding.message + in_stack(verdict.graph), item.rule.why]
    lines += [f"note: {lapsed_note(waiver, verdict)}" for waiver in item.lapsed]
    cure = item.rule.cure(verdict.graph.by_name.get(item.finding.resource))
    lines.append(f"fix: {item.finding.instead or cure}")
    return Report(item.rule.policy, item.level, "\n".join(lines), urn)


def of_waived(graph: Graph, item: Waived, urn: str) -> Report:
    """Report what a waiver in force answers."""
    return Report(item.rule.policy, Level.ADVISORY, waived_text(item, graph), urn)


def of_waivers(verdict: Verdict, unread: str) -> Iterator[Report]:
    """Report waivers that do not count, and a manifest that cannot be read."""
    if unread:
        yield Report(GENERAL, Level.ADVISORY, f"waivers are not applied: {unread}")
    for waiver in verdict.strange:
        what = f"the waiver of {waiver} names a rule that does not exist"
        yield Report(GENERAL, Level.ADVISORY, f"{what}\nfix: the id of a rule that `mlstage rules` lists")
    for waiver in verdict.lapsed:
        what = f"the waiver of {waiver} {waiver.fault(verdict.today)}, so it does not count"
        yield Report(GENERAL, Level.ADVISORY, f"{what}\nfix: drop the waiver, or give it a new reason and day")


def of_unused(waivers: Iterable[Waiver]) -> Iterator[Report]:
    """Report waivers that answer nothing."""
    for waiver in waivers:
        what = f"the waiver of {waiver} answers nothing: the rule does not object"
        yield Report(GENERAL, Level.ADVISORY, f"{what}\nfix: drop the waiver")


def _of_open(graph: Graph, items: Sequence[Open], urns: Mapping[str, str]) -> Iterator[Report]:
    first = items[0]
    if len(items) <= _SINGLY or first.level is Level.MANDATORY:
        for item in items:
            text = open_text(item.rule, item.undecided, graph) + in_stack(graph)
            urn = urns.get(item.undecided.resource, "")
            yield Report(item.rule.policy, item.level, f"{text}\n{item.undecided.reason}", urn)
        return
    named = [f"`{item.undecided.field}` of {plain_name(item.undecided.resource)!r}" for item in items]
    what = f"{first.rule.name} cannot be decided{in_stack(graph)}: {len(items)} values are not known yet"
    yield Report(first.rule.policy, first.level, "\n".join([what, *(f"- {name}" for name in named)]))
