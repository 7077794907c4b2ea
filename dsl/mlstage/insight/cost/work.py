"""How much work jobs come to: how long each takes, and how many hours that is a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.insight.cost.model import NOTHING, Amount
from mlstage.insight.cost.pricing import Context
from mlstage.insight.cost.starts import Start
from mlstage.insight.facts import Runs, group_of, runs_of

HOW_OFTEN: Final = "how often it runs is not known: no schedule, and no `expects=Runs(per_month=…)`"
HOW_LONG: Final = "how long it takes is not known: no `expects=Runs(duration=…)`"
HOW_MANY: Final = "how many of it are started only a run knows"


@dataclass(frozen=True, slots=True)
class Work:
    """What a job comes to: `hours` a month of all of its parts together, and in what words.

    `assumed` says that nobody told how long it takes, `parts` how many of it run side by side.
    """

    hours: Amount
    note: str
    assumed: bool = False
    parts: float = 1.0


def hours_each(said: Runs | None, longest: float | None, kept: float = 0.0) -> tuple[Amount | None, str, bool]:
    """Give the hours of one run, in what words, and whether they are assumed; None where nobody can say.

    `longest` is the seconds after which it is stopped, `kept` the seconds for which its machines are kept afterwards.
    """
    warm = kept / 3600
    if said is not None:
        expected = said.seconds / 3600
        high = expected if longest is None else longest / 3600
        note = f"{expected:.4g} h each as expected" + ("" if longest is None else f", at the most {high:g} h")
        return Amount(expected + warm, expected + warm, max(expected, high) + warm), note, False
    if longest is None:
        return None, HOW_LONG, False
    most = longest / 3600
    note = f"as if each took all of its {most:g} h: no `expects=Runs(duration=…)`"
    return Amount(0.0, most + warm, most + warm), note, True


def limit_of(graph: Graph, workload: str, longest: float | None) -> float | None:
    """Give the time after which a job is stopped, if its author chose it: batch inference has one that mlstage chose.

    That one ends what hangs, and says nothing of how long the work takes.
    """
    group = group_of(graph, workload)
    return None if group is not None and group.kind == "BatchInference" else longest


def work_of(program: Resource, context: Context, longest: float | None = None) -> Work | str:
    """Add up what starts a task definition or a job definition; in words, why nobody can say.

    `longest` is the seconds after which the program itself is stopped.
    """
    said = runs_of(context.graph, program.workload)
    starts = context.starts.naming(program)
    if not starts:
        if said is None or said.per_month is None:
            return HOW_OFTEN if said is not None else "how long it runs is not known: no `expects=Runs(…)`"
        return _added([_work(None, said.per_month, f"{said.per_month:g} runs a month, as expected", said, longest)])
    return _added(list(_works(starts, said, longest, program, context)))


def _works(
    starts: tuple[Start, ...], said: Runs | None, longest: float | None, program: Resource, context: Context
) -> Iterator[Work | str]:
    for start in starts:
        often, how = context.starts.runs(start.starter)
        limit = limit_of(context.graph, program.workload, longest or start.longest)
        yield how or HOW_OFTEN if often is None else _work(start, often, how, said, limit)


def _work(start: Start | None, often: float, how: str, said: Runs | None, longest: float | None) -> Work | str:
    many = start.many if start is not None else Amount.exactly(1.0)
    if many is None:
        return HOW_MANY
    hours, note, assumed = hours_each(said, longest)
    if hours is None:
        return f"{how}; {note}"
    parts = f", {many.high:g} at once" if many.high > 1 else ""
    return Work(hours.times(many) * often, f"{how}; {note}{parts}", assumed, many.high)


def _added(works: list[Work | str]) -> Work | str:
    total, notes, assumed, parts = NOTHING, [], False, 1.0
    for one in works:
        if isinstance(one, str):
            return one
        total, assumed, parts = total + one.hours, assumed or one.assumed, max(parts, one.parts)
        notes.append(one.note)
    return Work(total, "; ".join(dict.fromkeys(notes)), assumed, parts)
