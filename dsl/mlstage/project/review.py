"""A project's change against a git revision, reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from mlstage.insight.cost import Table, estimate
from mlstage.insight.review import Review, State, review
from mlstage.insight.review.model import standing
from mlstage.project.part import CompiledStack
from mlstage.project.revision import stacks_at
from mlstage.rules.judge import judge
from mlstage.rules.report import diagnostics
from mlstage.rules.settings import Settings


def review_against(
    root: Path,
    ref: str,
    now: Sequence[CompiledStack],
    settings: Settings,
    today: date,
    table: Table | None = None,
    *,
    chosen: bool = False,
) -> Review:
    """Review compiled stacks against a revision of their project. Both sides are judged by today's rules and prices.

    With `chosen`, `now` is not the whole project, and only the environments and stacks in it are reviewed. Raises
    `ProjectError`, or `ToolMissing` where there is no git.
    """
    base = stacks_at(root, ref)
    environments, stacks = ({one.graph.environment for one in now}, {one.graph.stack for one in now})
    then = [
        one
        for one in base.stacks
        if not chosen or (one.graph.environment in environments and one.graph.stack in stacks)
    ]

    def state(one: CompiledStack) -> State:
        verdict = judge(one.graph, settings, (*one.waivers, *settings.waivers), today=today)
        return State(one.outline, one.graph, standing(diagnostics([verdict])), estimate(one.graph, table))

    return review(ref, [state(one) for one in then], [state(one) for one in now], base.problems)
