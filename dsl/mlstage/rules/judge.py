"""Judging a graph: every rule asked, levels applied, waivers counted, and nothing unknown passed in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mlstage.graph import VOCABULARY, Graph, Resource
from mlstage.rules.levels import Level
from mlstage.rules.loader import all_rules
from mlstage.rules.rule import About, Rule
from mlstage.rules.settings import DEFAULT, Settings
from mlstage.rules.truth import Answer, Finding, Undecided
from mlstage.rules.waivers import Waiver


@dataclass(frozen=True, slots=True)
class Objection:
    """A finding that stands, at its level. `lapsed` are waivers about it that do not count."""

    rule: Rule
    level: Level
    finding: Finding
    lapsed: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """What a rule could not decide, at the level that this has."""

    rule: Rule
    level: Level
    undecided: Undecided


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding (or something undecided) that a waiver in force answers."""

    rule: Rule
    answer: Answer
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one graph.

    `unused` are waivers in force that answered nothing although their rule was asked; `unjudged` counts the resources
    of types that rules do not know, by type.
    """

    graph: Graph
    today: date
    objections: tuple[Objection, ...] = ()
    open: tuple[Open, ...] = ()
    waived: tuple[Waived, ...] = ()
    lapsed: tuple[Waiver, ...] = ()
    unused: tuple[Waiver, ...] = ()
    unjudged: Mapping[str, int] | None = None

    @property
    def refused(self) -> bool:
        """Whether something mandatory stands."""
        return any(item.level is Level.MANDATORY for item in (*self.objections, *self.open))


def judge(
    graph: Graph,
    settings: Settings = DEFAULT,
    waivers: Sequence[Waiver] = (),
    *,
    today: date,
    rules: Iterable[Rule] | None = None,
) -> Verdict:
    """Ask every rule about a graph. The day is the caller's, so that a verdict does not depend on a clock."""
    asked = [
        (rule, level)
        for rule in (all_rules() if rules is None else rules)
        if (level := settings.level(rule, graph.tier)) is not Level.DISABLED
    ]
    objections: list[Objection] = []
    undecided: list[Open] = []
    waived: list[Waived] = []
    for rule, level in asked:
        about = About(graph.stack, graph.tier, graph.group_by_name, settings.options(rule))
        concerned = [waiver for waiver in waivers if waiver.rule == rule.id]
        for answer in _in_order(ask(rule, graph, about)):
            match = [w for w in concerned if _about(w, answer, graph)]
            in_force = next((w for w in match if not w.fault(today)), None)
            if in_force:
                waived.append(Waived(rule, answer, in_force))
            elif isinstance(answer, Finding):
                objections.append(Objection(rule, _blunt(level), answer, tuple(match)))
            elif settings.undecided is not Level.DISABLED:
                undecided.append(Open(rule, _open_level(level, settings), answer))
    used = {id(item.waiver) for item in waived}
    asked_ids = {rule.id for rule, _ in asked}
    return Verdict(
        graph=graph,
        today=today,
        objections=tuple(objections),
        open=tuple(undecided),
        waived=tuple(waived),
        lapsed=tuple(w for w in waivers if w.fault(today)),
        unused=tuple(w for w in waivers if not w.fault(today) and id(w) not in used and w.rule in asked_ids),
        unjudged=_unjudged(graph),
    )


def ask(rule: Rule, graph: Graph, about: About) -> Iterator[Answer]:
    """Put one rule to a graph: to each resource that it can decide on, then to the whole."""
    if rule.on_resource:
        for type_name in sorted(rule.types):
            for resource in graph.by_type.get(type_name, ()):
                yield from rule.on_resource(resource, about)
    if rule.on_stack:
        yield from rule.on_stack(graph, about)


def _in_order(answers: Iterable[Answer]) -> list[Answer]:
    """Order by name and field, once each, so that the order of resources does not show."""
    return sorted(dict.fromkeys(answers), key=lambda answer: (answer.resource, answer.field, str(answer)))


def _about(waiver: Waiver, answer: Answer, graph: Graph) -> bool:
    resource: Resource | None = graph.by_name.get(answer.resource)
    return resource is not None and waiver.concerns(resource, graph)


def _blunt(level: Level) -> Level:
    """Take a finding that a repair did not remove for a mandatory one."""
    return Level.MANDATORY if level is Level.REMEDIATE else level


def _open_level(level: Level, settings: Settings) -> Level:
    """Let what is undecided weigh no more than a finding would."""
    return settings.undecided if _blunt(level) is Level.MANDATORY else Level.ADVISORY


def _unjudged(graph: Graph) -> Mapping[str, int]:
    return dict(sorted(Counter(r.type for r in graph.resources if r.type not in VOCABULARY).items()))
