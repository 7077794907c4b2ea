"""A project's change against a git revision, reviewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from mlstage.insight.cost import Table, estimate
from mlstage.insight.review import Review, StackReview, State, review
from mlstage.insight.review.model import standing
from mlstage.project.part import CompiledStack
from mlstage.project.revision import stacks_at
from mlstage.project.study import Study
from mlstage.rules.judge import judge
from mlstage.rules.report import diagnostics
from mlstage.rules.settings import Settings


def review_against(
    root: Path,
    ref: str,
    now: Study,
    settings: Settings,
    today: date,
    table: Table | None = None,
    *,
    chosen: bool = False,
) -> Review:
    """Review a project's stacks against a revision of it. Both sides are judged by today's rules and prices.

    With `chosen`, `now` is not the whole project, and only the environments and stacks in it are reviewed. Specs that
    have errors now are not reviewed, and are named. Raises `ProjectError`, or `ToolMissing` where there is no git.
    """
    base = stacks_at(root, ref, now)
    sound = [one for one in now.stacks if one.spec_path not in now.broken]
    environments, stacks = ({one.graph.environment for one in sound}, {one.graph.stack for one in sound})
    then = [
        one
        for one in base.stacks
        if one.spec_path not in now.broken
        and (not chosen or (one.graph.environment in environments and one.graph.stack in stacks))
    ]
    state = _states(settings, today, table)
    found = review(ref, [state(one) for one in then], [state(one) for one in sound])
    unanswered = {str(one.outline) for one in sound if base.has_no_answer_on(one)}
    return replace(
        found,
        stacks=tuple(_uncompared(one) if str(one) in unanswered else one for one in found.stacks),
        problems=base.problems,
        left_out=tuple(sorted(now.broken)),
        ahead=base.ahead,
    )


def _states(settings: Settings, today: date, table: Table | None) -> Callable[[CompiledStack], State]:
    """Judge and price stacks, once where one is the same before and after."""
    known: dict[int, State] = {}

    def state(one: CompiledStack) -> State:
        if id(one) not in known:
            verdict = judge(one.graph, settings, (*one.waivers, *settings.waivers), today=today)
            found = standing(diagnostics([verdict]))
            known[id(one)] = State(one.outline, one.graph, found, estimate(one.graph, table))
        return known[id(one)]

    return state


def _uncompared(one: StackReview) -> StackReview:
    return replace(one, status="uncompared") if one.status == "added" else one
