"""A review: two states of a project, stack by stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mlstage.diagnostics import Diagnostic, Kind
from mlstage.graph import Graph
from mlstage.insight.cost import Estimate
from mlstage.insight.cost.compare import Change, Comparison, compare
from mlstage.insight.outline import Outline
from mlstage.insight.parity import Difference, Side, pairs, parity
from mlstage.insight.review.steps import Step, steps
from mlstage.insight.review.traps import Setting, Trap, traps
from mlstage.insight.review.workloads import WorkloadChange, workload_changes

# What is uncompared is shown as if it were added: it may have been there, and could not be compiled.
Status = Literal["added", "changed", "removed", "unchanged", "uncompared"]


@dataclass(frozen=True, slots=True)
class State:
    """One stack at one time: what was wanted, its resources, what rules find, what it costs."""

    outline: Outline
    graph: Graph
    findings: tuple[Diagnostic, ...]
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class StackReview:
    """What changes in one environment's stack."""

    environment: str
    stack: str
    status: Status
    steps: tuple[Step, ...]
    workloads: tuple[WorkloadChange, ...]
    traps: tuple[Trap, ...]
    new: tuple[Diagnostic, ...]
    fixed: tuple[Diagnostic, ...]
    cost: Comparison

    def __str__(self) -> str:
        return f"{self.environment}/{self.stack}"

    @property
    def doing(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.operation != "same")

    def cost_of(self, change: WorkloadChange) -> float:
        """Give what a workload's change adds to the expected cost of a month, in US dollars."""
        return sum(one.difference.expected for one in self._costs_of(change))

    def outside(self, change: WorkloadChange) -> tuple[str, ...]:
        """Name what a workload has from now on that is in no sum: paid by use, or without a price."""
        return tuple(one.words[1] for one in self._costs_of(change) if one.status != "priced" and one.words[1])

    def _costs_of(self, change: WorkloadChange) -> tuple[Change, ...]:
        return tuple(one for one in self.cost.changes if one.workload == change.name)


@dataclass(frozen=True, slots=True)
class ParityChange:
    """A difference between two stacks of one environment that a change begins or ends."""

    environment: str
    stacks: tuple[str, str]
    difference: Difference
    begins: bool


@dataclass(frozen=True, slots=True)
class Review:
    """Every stack of a project before and after.

    `problems` says what of the base could not be compiled; `left_out` are the specs that cannot be compiled now;
    `ahead` is how many commits the base has that were not made on the way to here.
    """

    base: str
    stacks: tuple[StackReview, ...]
    parity: tuple[ParityChange, ...]
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    ahead: int = 0

    @property
    def changed(self) -> tuple[StackReview, ...]:
        """The stacks in which anything changes, if only a finding or a price."""
        return tuple(one for one in self.stacks if one.status != "unchanged" or one.new or one.fixed)

    def traps(self) -> Iterator[tuple[StackReview, Trap]]:
        """Yield every trap with its stack."""
        yield from ((stack, trap) for stack in self.stacks for trap in stack.traps)


def review(base: str, before: Sequence[State], after: Sequence[State]) -> Review:
    """Review every stack that is there before or after."""
    olds, news = _by_key(before), _by_key(after)
    pairs = [(olds.get(key), news.get(key)) for key in sorted({*olds, *news})]
    found = tuple(review_stack(old, new) for old, new in pairs)
    return Review(base, found, tuple(_parity(olds, news)))


def review_stack(before: State | None, after: State | None) -> StackReview:
    """Review one stack; one of its states may be missing, and not both."""
    one = after or before
    assert one is not None
    done = steps(before.graph if before else None, after.graph if after else None)
    outlines = (before.outline if before else None, after.outline if after else None)
    changes = workload_changes(*outlines, done)
    renamed = {change.was: change.name for change in changes if change.was}
    estimates = ([before.estimate.under(renamed)] if before else []), ([after.estimate] if after else [])
    (cost,) = compare(*estimates, ("before", "after"))
    then, now = ({_finding(d): d for d in state.findings} if state else {} for state in (before, after))
    status: Status = (
        "added" if before is None else "removed" if after is None else "changed" if changes else "unchanged"
    )
    then = {(code, _renamed(subject, renamed), field): d for (code, subject, field), d in then.items()}
    return StackReview(
        one.outline.environment,
        one.outline.stack,
        status,
        done,
        changes,
        traps(Setting(*outlines, changes, done)),
        tuple(d for key, d in now.items() if key not in then),
        tuple(d for key, d in then.items() if key not in now),
        cost,
    )


def _finding(one: Diagnostic) -> tuple[str, str, str]:
    return (one.code, one.subject, one.field)


def _renamed(subject: str, names: Mapping[str, str]) -> str:
    environment, _, workload = subject.partition("/")
    return f"{environment}/{names[workload]}" if workload in names else subject


def standing(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep what rules object to or cannot decide, without what a waiver answers."""
    return tuple(one for one in found if one.kind is not Kind.WAIVED and one.subject)


def _by_key(states: Sequence[State]) -> dict[tuple[str, str], State]:
    return {(one.outline.environment, one.outline.stack): one for one in states}


def _parity(olds: Mapping[tuple[str, str], State], news: Mapping[tuple[str, str], State]) -> Iterator[ParityChange]:
    """Compare the stacks of every environment, then and now."""
    environments: dict[str, list[State]] = {}
    for one in news.values():
        environments.setdefault(one.outline.environment, []).append(one)
    for environment, states in environments.items():
        for pair in pairs(states, lambda one: one.outline.tier):
            former = [olds.get((environment, one.outline.stack)) for one in pair]
            if not (former[0] and former[1]) or (former[0] is pair[0] and former[1] is pair[1]):
                continue
            stacks = (pair[0].outline.stack, pair[1].outline.stack)
            now, then = _written(*pair), _written(former[0], former[1], _new_names(former[1], pair[1]))
            yield from (ParityChange(environment, stacks, one, True) for key, one in now.items() if key not in then)
            yield from (ParityChange(environment, stacks, one, False) for key, one in then.items() if key not in now)


def _written(first: State, second: State, names: Mapping[str, str] | None = None) -> dict[str, Difference]:
    """Give what authors wrote that differs, by its path; workloads under other names, if there are any."""
    found = parity(Side(first.outline, first.graph), Side(second.outline, second.graph)).differences
    renamed = (replace(one, workload=(names or {}).get(one.workload, one.workload)) for one in found)
    return {one.path: one for one in renamed if not one.consequence}


def _new_names(before: State, after: State) -> Mapping[str, str]:
    named = ((one.former(before.outline, after.outline), one.name) for one in after.outline.workloads)
    return {was: name for was, name in named if was and was != name}
