"""Two estimates side by side: what a difference costs, workload by workload and line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from mlstage.insight.blocks import Block, Table, Words
from mlstage.insight.cost.model import NOTHING, Amount, Estimate, Line, Status, total
from mlstage.insight.cost.report import SHARED

OUTSIDE: Final = "What is paid by use, and what has no price, is in no sum."


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that costs another amount, or is on one side only. `words` tell it apart on each side.

    What is not `priced` has no amounts: of what is paid by use or has no price, only that it is there is known.
    """

    workload: str
    part: str
    before: Amount
    after: Amount
    words: tuple[str, str]
    status: Status = "priced"

    @property
    def difference(self) -> Amount:
        """What is added; negative where it gets cheaper."""
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """Two estimates. `labels` name the sides: two stacks, or a revision and the work tree."""

    environment: str
    labels: tuple[str, str]
    before: Estimate | None
    after: Estimate | None

    @property
    def sums(self) -> tuple[Amount, Amount]:
        """What each side costs a month; a side that does not exist costs nothing."""
        return (self.before.monthly if self.before else NOTHING, self.after.monthly if self.after else NOTHING)

    @property
    def difference(self) -> Amount:
        """What is added."""
        before, after = self.sums
        return after - before

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What differs, in the order of the second side; worked out once, as every workload asks for its part."""
        before, after = _parts(self.before), _parts(self.after)
        found = []
        for key in sorted(dict.fromkeys((*after, *before)), key=lambda one: one[0] == ""):
            change = _change(key, before.get(key, []), after.get(key, []))
            if change.before != change.after or change.words[0] != change.words[1]:
                found.append(change)
        return tuple(found)


def compare(
    before: Sequence[Estimate], after: Sequence[Estimate], labels: tuple[str, str], *, stacks: bool = False
) -> tuple[Comparison, ...]:
    """Pair estimates by environment and stack, or with `stacks` by environment alone, and compare each pair."""

    def key(one: Estimate) -> tuple[str, str]:
        return (one.environment, "" if stacks else one.stack)

    olds, news = {key(one): one for one in before}, {key(one): one for one in after}
    return tuple(
        Comparison(
            name, labels if not stack else (f"{stack} at {labels[0]}", f"{stack} now"), olds.get(pair), news.get(pair)
        )
        for pair in sorted({*olds, *news})
        for name, stack in (pair,)
    )


def blocks(comparisons: Sequence[Comparison]) -> Iterator[Block]:
    """Lay comparisons out for people."""
    for one in comparisons:
        yield Words(f"{one.environment}: {one.labels[0]} and {one.labels[1]}", heading=2)
        if not one.changes:
            yield Words(f"Nothing that costs differs: ${one.sums[1].expected:,.2f} a month.")
            continue
        rows = [_row(change) for change in one.changes]
        before, after = one.sums
        rows.append(("total", "", "", *_amounts(before, after)))
        headings = ("workload", one.labels[0], one.labels[1], "before", "after", "difference", "at most")
        yield Table("Expected, USD a month", headings, tuple(rows), right=(3, 4, 5, 6), total=True)
        if any(change.status != "priced" for change in one.changes):
            yield Words(OUTSIDE)
    if len(comparisons) > 1:
        whole = sum(one.difference.expected for one in comparisons)
        yield Words(f"All together: {whole:+,.2f} USD a month.")


def as_data(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Give comparisons as plain data."""
    return [
        {
            "environment": one.environment,
            "labels": list(one.labels),
            "before": _rounded(one.sums[0]) if one.before else None,
            "after": _rounded(one.sums[1]) if one.after else None,
            "difference": _rounded(one.difference),
            "changes": [
                {
                    "workload": change.workload,
                    "status": change.status,
                    "before": {"what": change.words[0], "monthly": _rounded(change.before)},
                    "after": {"what": change.words[1], "monthly": _rounded(change.after)},
                    "difference": _rounded(change.difference),
                }
                for change in one.changes
            ],
        }
        for one in comparisons
    ]


def _row(change: Change) -> tuple[str, ...]:
    money = _amounts(change.before, change.after) if change.status == "priced" else (*unknown(change), "", "")
    return (change.workload or SHARED, *change.words, *money)


def unknown(change: Change) -> tuple[str, str]:
    """Say on each side that has it why there is no amount: a zero would be one."""
    word = "by use" if change.status == "usage" else "unpriced"
    return (word if change.words[0] else "", word if change.words[1] else "")


def _amounts(before: Amount, after: Amount) -> tuple[str, str, str, str]:
    most = after.high - before.high
    return (
        f"{before.expected:,.2f}",
        f"{after.expected:,.2f}",
        f"{after.expected - before.expected:+,.2f}",
        f"{most:+,.2f}",
    )


def _parts(done: Estimate | None) -> Mapping[tuple[str, str], list[Line]]:
    """Put an estimate's lines together by workload, type of resource and what they are about."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in done.lines if done else ():
        part = f"{line.type} {line.prices[0].component} {line.unit}" if line.status == "priced" else line.status
        found.setdefault((line.workload, part), []).append(line)
    return found


def _change(key: tuple[str, str], before: list[Line], after: list[Line]) -> Change:
    status = (after or before)[0].status
    if status == "priced":
        words = (_words(before), _words(after))
        return Change(*key, total(one.monthly for one in before), total(one.monthly for one in after), words)
    one, other = _counted(before), _counted(after)
    only = (_said(one - other), _said(other - one))
    return Change(*key, NOTHING, NOTHING, only, status)


def _counted(lines: list[Line]) -> Counter[str]:
    return Counter(line.what for line in lines)


def _words(lines: list[Line]) -> str:
    return _said(_counted(lines))


def _said(counted: Counter[str]) -> str:
    return "; ".join(said if times == 1 else f"{times} x {said}" for said, times in counted.items())


def _rounded(amount: Amount) -> dict[str, float]:
    return {key: round(value, 2) for key, value in asdict(amount).items()}
