"""Two stacks side by side: what differs, whether anybody meant it, and what comes of it.

A difference is *meant* when its author wrote it: a value per stage, an override in a stack's file, a setting of the
stage, or the tier, from which protections follow. It is *allowed* when the environment lists it (`MayDiffer`), and
else *unmeant*. Between two environments a value is meant only where a stack's file overrides it, or where the two
stacks have other names and the value is one per stage: that one environment was written otherwise than its sister is
just what is to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

from mlstage.diagnostics import Where
from mlstage.graph import Graph
from mlstage.insight import outline
from mlstage.insight.consequences import Consequence, consequences, without_repetition
from mlstage.insight.outline import Allowance, Outline, Source, Unlike, WorkloadOutline

Verdict = Literal["meant", "allowed", "unmeant"]
ENVIRONMENT: Final = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One stack of one environment, as parity needs it."""

    outline: Outline
    graph: Graph

    def __str__(self) -> str:
        return str(self.outline)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `workload` is empty for what is the environment's own, `field` for a whole workload.

    `first` and `second` are the values in the author's words; a consequence, which shows in resources only, has none in
    `wheres`. `because` says what the verdict rests on.
    """

    workload: str
    field: str
    first: str
    second: str
    verdict: Verdict
    because: str
    wheres: tuple[Where | None, Where | None] = (None, None)
    consequence: bool = False

    @property
    def path(self) -> str:
        """The field with its workload, as `MayDiffer` names it."""
        return ".".join(part for part in (self.workload, self.field) if part)


# Gives both graphs as they would be with one difference less, if there can be such stacks.
Alike: TypeAlias = Callable[[Difference], tuple[Graph, Graph] | None]


@dataclass(frozen=True, slots=True)
class Parity:
    """Two stacks, how each is set up, and all that differs, the author's order of workloads kept."""

    first: Outline
    second: Outline
    differences: tuple[Difference, ...]

    def of(self, verdict: Verdict) -> tuple[Difference, ...]:
        """Give the differences of one verdict."""
        return tuple(one for one in self.differences if one.verdict == verdict)

    def workloads(self) -> Mapping[str, tuple[Difference, ...]]:
        """Give the differences by workload; the environment's own have the empty name and come first."""
        names = dict.fromkeys(one.workload for one in self.differences)
        ordered = sorted(names, key=lambda name: name != ENVIRONMENT)
        return {name: tuple(one for one in self.differences if one.workload == name) for name in ordered}


def parity(first: Side, second: Side, alike: Alike = lambda _: None) -> Parity:
    """Compare two stacks, of one environment or of two.

    `alike` gives both graphs with one difference made away with, by which consequences are traced to their causes;
    what cannot be traced is put down to all that differs in its workload.
    """
    pair = _Pair(first.outline, second.outline)
    names = [ENVIRONMENT, *dict.fromkeys((*pair.first.by_name, *pair.second.by_name))]
    found = [*pair.settings()]
    for name in names[1:]:
        found += pair.workload(name)
    without = [(cause, graphs) for cause in found if (graphs := alike(cause)) is not None]
    for name in names:
        if all(name in side.by_name for side in (pair.first, pair.second)) or name == ENVIRONMENT:
            resulting = consequences(first.graph, second.graph, name)
            traced = _traced(name, resulting, without)
            found += pair.resulting(name, resulting, found, traced)
    return Parity(pair.first, pair.second, tuple(sorted(found, key=lambda one: names.index(one.workload))))


Stack = TypeVar("Stack")


def pairs(stacks: Iterable[Stack], tier: Callable[[Stack], str]) -> Iterator[tuple[Stack, Stack]]:
    """Pair one environment's stacks: production with test, and the other stacks of a tier with the first of it."""
    firsts: dict[str, Stack] = {}
    for one in sorted(stacks, key=lambda one: tier(one) == "production"):
        measure = firsts.get(tier(one)) or next(iter(firsts.values()), None)
        if measure is not None:
            yield measure, one
        firsts.setdefault(tier(one), one)


@dataclass(frozen=True, slots=True)
class _Pair:
    first: Outline
    second: Outline

    @property
    def one_environment(self) -> bool:
        return self.first.environment == self.second.environment

    def allowance(self, path: str) -> Allowance | None:
        return next((one for one in (*self.first.allowed, *self.second.allowed) if one.covers(path)), None)

    def settings(self) -> Iterator[Difference]:
        """Yield what differs between the environments' own values and their stages'."""
        for name, first, second in (
            ("tier", self.first.tier, self.second.tier),
            ("region", self.first.region, self.second.region),
        ):
            if first != second:
                because = "the stage's" if name == "tier" else "the stack's own `aws:region`"
                yield Difference(ENVIRONMENT, name, first, second, "meant", because)
        for one in outline.differences(self.first.settings, self.second.settings):
            verdict, because = self._judged(one.path, "the stage's" if self.one_environment else "")
            texts = outline.text(one.first), outline.text(one.second)
            yield Difference(ENVIRONMENT, one.path, *texts, verdict, because)

    def workload(self, name: str) -> Iterator[Difference]:
        first, second = self.first.by_name.get(name), self.second.by_name.get(name)
        if first is None or second is None:
            verdict, because = self._judged(name, "")
            here = [one.kind if one else "none" for one in (first, second)]
            wheres = (first.where if first else None, second.where if second else None)
            yield Difference(name, "", here[0], here[1], verdict, because, wheres)
            return
        if first.kind != second.kind:
            verdict, because = self._judged(name, "")
            yield Difference(name, "", first.kind, second.kind, verdict, because, (first.where, second.where))
            return
        for one in outline.differences(first.fields, second.fields):
            yield self._field(one, first, second)

    def _field(self, one: Unlike, first: WorkloadOutline, second: WorkloadOutline) -> Difference:
        sources = first.source(one.path), second.source(one.path)
        verdict, because = self._judged(f"{first.name}.{one.path}", self._meant_by(sources))
        texts = outline.text(one.first), outline.text(one.second)
        return Difference(first.name, one.path, *texts, verdict, because, (sources[0].where, sources[1].where))

    def _meant_by(self, sources: Sequence[Source]) -> str:
        """Say what shows that somebody meant two values to differ; nothing, if nothing does."""
        stacks = (self.first.stack, self.second.stack)
        overriding = [stack for stack, source in zip(stacks, sources, strict=True) if source.kind == "override"]
        if overriding:
            return f"overridden in Pulumi.{' and Pulumi.'.join(f'{stack}.yaml' for stack in overriding)}"
        staged = [source.stage for source in sources if source.kind == "per_stage"]
        if staged and (self.one_environment or self.first.stack != self.second.stack):
            return f"per_stage({', '.join(f'{stage}=…' for stage in dict.fromkeys(staged))})"
        return ""

    def _judged(self, path: str, meant_by: str) -> tuple[Verdict, str]:
        if meant_by:
            return "meant", meant_by
        if allowance := self.allowance(path):
            return "allowed", allowance.reason
        return "unmeant", "written otherwise" if not self.one_environment else "nobody wrote that it differs"

    def resulting(
        self,
        workload: str,
        resulting: Sequence[Consequence],
        found: Sequence[Difference],
        traced: Mapping[str, Difference],
    ) -> Iterator[Difference]:
        """Judge what differs between resources by what the author wrote: a cause that there is explains it."""
        written = [one for one in found if not one.consequence]
        own = [one for one in written if one.workload == workload and one.workload != ENVIRONMENT]
        shared = [one for one in written if one.workload == ENVIRONMENT and one.field.partition(".")[0] in _SHAPING]
        others = [one for one in written if one.workload != ENVIRONMENT] if workload == ENVIRONMENT else []
        told = {(one.first, one.second) for one in own}
        for words, first, second in without_repetition(resulting, told):
            causes = [traced[words]] if words in traced else [*own, *shared] or others
            verdict, because = self._verdict_of(workload, words, causes)
            yield Difference(workload, words, first, second, verdict, because, consequence=True)

    def _verdict_of(self, workload: str, words: str, causes: Sequence[Difference]) -> tuple[Verdict, str]:
        """Let a consequence weigh as much as its cause; of several, as the one that weighs most."""
        if causes:
            worst = min((one.verdict for one in causes), key=_WEIGHT.index)
            return worst, f"follows from {_any_of(list(dict.fromkeys(_name(one, workload) for one in causes)))}"
        verdict, because = self._judged(workload or words, "")
        if verdict == "allowed":
            return verdict, because
        region = self.first.region != self.second.region
        return (
            verdict,
            "follows from the region, which nobody asked to matter" if region else "follows from nothing written",
        )


def _any_of(names: Sequence[str]) -> str:
    """Name what something follows from: of several, no single one makes it, and not all need to."""
    if len(names) > 2:
        return f"some of {', '.join(names[:-1])} and {names[-1]}"
    return names[0] if len(names) == 1 else f"{names[0]} or {names[1]}, or both"


def _name(cause: Difference, workload: str) -> str:
    return (cause.field or "the workload") if cause.workload in (workload, ENVIRONMENT) else cause.path


def _traced(
    workload: str, resulting: Sequence[Consequence], without: Sequence[tuple[Difference, tuple[Graph, Graph]]]
) -> Mapping[str, Difference]:
    """Find for each consequence the difference without which it is not there."""
    found: dict[str, Difference] = {}
    for cause, graphs in without:
        left = {words for words, _, _ in consequences(*graphs, workload)}
        for words, _, _ in resulting:
            if words not in left:
                found.setdefault(words, cause)
    return found


# The settings of a stage that shape the resources of its workloads.
_SHAPING: Final = frozenset({"tier", "network", "key", "monthly_budget", "watch"})


_WEIGHT: Final[tuple[Verdict, ...]] = ("unmeant", "allowed", "meant")
