"""Judging a graph: every rule asked, levels applied, waivers counted, and nothing unknown passed in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from mlstage.graph import LOOK_UP, VOCABULARY, Graph
from mlstage.rules.levels import Level
from mlstage.rules.loader import all_rules, failed
from mlstage.rules.rule import About, Rule
from mlstage.rules.settings import DEFAULT, Settings
from mlstage.rules.truth import Answer, Finding, Undecided
from mlstage.rules.waivers import Waiver

Half: TypeAlias = Literal["resource", "stack"]


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

    `lapsed` are waivers that do not count, `unused` those in force that answered nothing although their rule was asked,
    and `strange` those of rules that there are not. `unjudged` counts the resources of types that rules do not know.
    """

    graph: Graph
    today: date
    objections: tuple[Objection, ...] = ()
    open: tuple[Open, ...] = ()
    waived: tuple[Waived, ...] = ()
    lapsed: tuple[Waiver, ...] = ()
    unused: tuple[Waiver, ...] = ()
    strange: tuple[Waiver, ...] = ()
    unjudged: Mapping[str, int] | None = None

    @property
    def refused(self) -> bool:
        """Whether something mandatory stands."""
        levels = [item.level for item in self.objections] + [item.level for item in self.open]
        return Level.MANDATORY in levels


def judge(
    graph: Graph,
    settings: Settings = DEFAULT,
    waivers: Sequence[Waiver] = (),
    *,
    today: date,
    rules: Iterable[Rule] | None = None,
    only: Half | None = None,
) -> Verdict:
    """Ask every rule about a graph. The day is the caller's, so that a verdict does not depend on a clock.

    Without `rules`, mlstage's own and those of the settings are asked. `only` asks for what single resources tell, or
    for what their relations tell, where a host needs one at a time.
    """
    rules = (*all_rules(), *settings.own) if rules is None else tuple(rules)
    asked = [rule for rule in rules if _asked(rule, settings, graph.tier)]
    case = _Case(graph, settings, waivers, today)
    results = [case.weigh(rule, answer) for rule in asked for answer in _answers(rule, graph, case.about(rule), only)]
    waived = tuple(result for result in results if isinstance(result, Waived))
    used = {id(item.waiver) for item in waived}
    asked_ids = {rule.id for rule in asked}
    return Verdict(
        graph=graph,
        today=today,
        objections=tuple(result for result in results if isinstance(result, Objection)),
        open=tuple(r for r in results if isinstance(r, Open) and r.level is not Level.DISABLED),
        waived=waived,
        lapsed=tuple(w for w in waivers if w.fault(today)),
        unused=tuple(w for w in waivers if not w.fault(today) and id(w) not in used and w.rule in asked_ids),
        strange=tuple(w for w in waivers if all(w.rule != rule.id for rule in rules)),
        unjudged=_unjudged(graph),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What answers are weighed by."""

    graph: Graph
    settings: Settings
    waivers: Sequence[Waiver]
    today: date

    def about(self, rule: Rule) -> About:
        return About(self.graph.stack, self.graph.tier, self.graph.group_by_name, self.settings.options(rule))

    def weigh(self, rule: Rule, answer: Answer) -> Objection | Open | Waived:
        resource = self.graph.by_name.get(answer.resource)
        concerning = tuple(
            w for w in self.waivers if w.rule == rule.id and resource and w.concerns(resource, self.graph)
        )
        in_force = next((waiver for waiver in concerning if not waiver.fault(self.today)), None)
        if in_force:
            return Waived(rule, answer, in_force)
        level = _blunt(self.settings.level(rule, self.graph.tier))
        if isinstance(answer, Finding):
            return Objection(rule, level, answer, concerning)
        # What is undecided weighs no more than a finding would.
        return Open(rule, self.settings.undecided if level is Level.MANDATORY else Level.ADVISORY, answer)


def _asked(rule: Rule, settings: Settings, tier: str) -> bool:
    return settings.level(rule, tier) is not Level.DISABLED


def ask(rule: Rule, graph: Graph, about: About, only: Half | None = None) -> Iterator[Answer]:
    """Put one rule to a graph: to each resource that it can decide on, then to the whole."""
    if rule.on_resource and only != "stack":
        for type_name in sorted(rule.types):
            for resource in graph.by_type.get(type_name, ()):
                yield from rule.on_resource(resource, about)
    if rule.on_stack and only != "resource":
        yield from rule.on_stack(graph, about)


def _answers(rule: Rule, graph: Graph, about: About, only: Half | None) -> list[Answer]:
    """Put a rule to a graph. Raises `RuleFileError` if a rule of one's own does not run."""
    try:
        return _in_order(ask(rule, graph, about, only))
    except Exception as error:
        told = failed(rule, error)
        if told is error:
            raise
        raise told from error


def _in_order(answers: Iterable[Answer]) -> list[Answer]:
    """Order by name and field, once each, so that the order of resources does not show."""
    return sorted(dict.fromkeys(answers), key=lambda answer: (answer.resource, answer.field, str(answer)))


def _blunt(level: Level) -> Level:
    """Take a finding that a repair did not remove for a mandatory one."""
    return Level.MANDATORY if level is Level.REMEDIATE else level


def _untold(graph: Graph) -> Iterator[str]:
    for resource in graph.resources:
        if resource.type not in VOCABULARY and not resource.type.startswith(LOOK_UP):
            yield resource.type


def _unjudged(graph: Graph) -> Mapping[str, int]:
    return dict(sorted(Counter(_untold(graph)).items()))
