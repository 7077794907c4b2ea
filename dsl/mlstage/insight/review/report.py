"""A review for people and programs: text, a comment for a pull request, and plain data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from mlstage.catalog.prices import NOTICE
from mlstage.diagnostics import Diagnostic
from mlstage.insight.blocks import Block, Items, Table, Words, escaped, markdown
from mlstage.insight.cost.compare import OUTSIDE, Change, unknown
from mlstage.insight.cost.report import SHARED
from mlstage.insight.review.model import ParityChange, Review, StackReview
from mlstage.insight.review.outcomes import counted, outcome, step_words
from mlstage.insight.review.traps import Trap, Weight
from mlstage.insight.review.workloads import WorkloadChange

VERSION: Final = 1
# By this the workflow finds its own comment again.
MARK: Final = "<!-- mlstage review -->"
_ADDED: Final = {"added": "new", "removed": "removed"}
_UNCOMPARED: Final = "counted as new, as it could not be compiled at the base"


def headline(done: Review) -> str:
    """Say on one line what a reviewer must know first."""
    left_out = [f"{_many(len(done.left_out), 'spec')} with errors not reviewed"] if done.left_out else []
    if not done.changed:
        return ", ".join([f"Nothing changes in any of {_many(len(done.stacks), 'stack')}", *left_out])
    names = dict.fromkeys(
        f"{one.environment}/{change.name}" for one in done.changed for change in one.workloads if change.name
    )
    counts = Counter(trap.weight for _, trap in done.traps())
    found = len({_key(one) for stack in done.changed for one in stack.new})
    fixed = len({_key(one) for stack in done.changed for one in stack.fixed})
    uncompared = sum(one.status == "uncompared" for one in done.stacks)
    told = [
        f"{_many(len(names), 'workload')} in {_many(len(done.changed), 'stack')}",
        f"{_dollars(sum(one.cost.difference.expected for one in done.changed))} a month{_outside(done)}",
        *([_many(counts["danger"], "danger")] if counts["danger"] else []),
        *([f"{_many(counts['mind'], 'thing')} to mind"] if counts["mind"] else []),
        *([_many(found, "new finding")] if found else []),
        *([f"{_many(fixed, 'finding')} fixed"] if fixed else []),
        *([f"{_many(uncompared, 'stack')} without a base to compare with"] if uncompared else []),
        *left_out,
    ]
    return ", ".join(told)


def _outside(done: Review) -> str:
    found = any(one.outside(change) for one in done.changed for change in one.workloads)
    return " and what is paid by use" if found else ""


def blocks(done: Review) -> Iterator[Block]:
    """Lay a review out for a terminal."""
    yield Words(f"Against {done.base}: {headline(done)}", heading=1)
    for problem in done.problems:
        yield Words(f"At {done.base}: {problem}")
    if done.left_out:
        yield Words(f"Not reviewed, as they have errors: {', '.join(done.left_out)}")
    if done.ahead:
        yield Words(_ahead(done))
    for one in done.changed:
        yield Words(f"{one} ({_status(one)})", heading=2)
        for change in one.workloads:
            yield Items(_change_title(change), tuple(_change_items(one, change)))
        yield from _notes(one)
    if done.parity:
        yield Items("Between stacks", tuple(_parity_words(change) for change in done.parity))
    if done.changed:
        yield Words(_PRICED)


def _ahead(done: Review) -> str:
    made = f"{_many(done.ahead, 'commit')} that HEAD does not have: what they change shows here in reverse"
    return f"{done.base} has {made}. `--base {done.base}...` compares with where the two parted."


def comment(done: Review) -> str:
    """Write the comment of a pull request: the headline, a table, and the rest folded away."""
    lines = [MARK, f"### mlstage: {escaped(headline(done))}", ""]
    if done.changed:
        headings = ("stack", "workload", "change", "what happens", "USD a month")
        lines += [markdown([Table("", headings, tuple(_rows(done)), right=(4,))])]
    for name, told in (("Dangers", _traps_told(done, "danger")), ("Mind", _traps_told(done, "mind"))):
        lines += [f"**{name}**", "", *(f"- {escaped(words)}" for words in told), ""] if told else []
    for name, found in (("New findings", "new"), ("Fixed findings", "fixed")):
        kept = {_key(one): f"{stack}: {_finding(one)}" for stack in done.changed for one in getattr(stack, found)}
        lines += [f"**{name}**", "", *(f"- {escaped(words)}" for words in kept.values()), ""] if kept else []
    for problem in done.problems:
        lines += [f"At `{done.base}`: {escaped(problem)}", ""]
    if done.left_out:
        lines += [f"Not reviewed, as they have errors: {escaped(', '.join(done.left_out))}", ""]
    if done.ahead:
        lines += [escaped(_ahead(done)), ""]
    unclear = [str(one) for one in done.stacks if one.status == "uncompared"]
    lines += [f"{escaped(', '.join(unclear))}: {_UNCOMPARED}", ""] if unclear else []
    lines += _folded("Resources", [line for one in done.changed for line in _resources(one)])
    handled = [f"- {escaped(words)}" for words in _traps_told(done, "handled")]
    lines += _folded("Traps that are taken care of", handled)
    costs = [one for one in done.changed if one.cost.changes]
    lines += _folded("Costs", [*(line for one in costs for line in _costs(one)), escaped(_PRICED)] if costs else [])
    lines += _folded("Between stacks", [f"- {escaped(_parity_words(change))}" for change in done.parity])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


_PRICED: Final = f"Costs are what is expected, USD a month, before tax and discounts. {OUTSIDE} {NOTICE}"


def as_data(done: Review) -> dict[str, Any]:
    """Give a review as plain data."""
    return {
        "version": VERSION,
        "base": done.base,
        "headline": headline(done),
        "problems": list(done.problems),
        "left_out": list(done.left_out),
        "base_ahead": done.ahead,
        "stacks": [_stack_data(one) for one in done.stacks],
        "parity": [
            {
                "environment": one.environment,
                "stacks": list(one.stacks),
                "what": one.difference.path,
                "begins": one.begins,
                "verdict": one.difference.verdict,
            }
            for one in done.parity
        ],
    }


def _stack_data(one: StackReview) -> dict[str, Any]:
    before, after = one.cost.sums
    return {
        "environment": one.environment,
        "stack": one.stack,
        "status": one.status,
        "workloads": [
            {
                "workload": change.name,
                "kind": change.kind,
                "status": change.status,
                "was": change.was,
                "fields": [
                    {"field": field.field, "before": field.before, "after": field.after} for field in change.fields
                ],
                "outcome": outcome(change),
                "monthly": round(one.cost_of(change), 2),
                "in_no_sum": list(one.outside(change)),
            }
            for change in one.workloads
        ],
        "steps": [
            {
                "operation": step.operation,
                "type": step.resource.type,
                "name": step.resource.name,
                "renamed_from": step.renamed_from,
                "deletes_first": step.deletes_first,
                "because": step.because,
                "changes": list(dict.fromkeys(change.path for change in step.changes)),
            }
            for step in one.doing
        ],
        "traps": [asdict(trap) for trap in one.traps],
        "findings": {"new": [_finding_data(d) for d in one.new], "fixed": [_finding_data(d) for d in one.fixed]},
        "monthly": {"before": round(before.expected, 2), "after": round(after.expected, 2)},
    }


def _finding_data(one: Diagnostic) -> dict[str, str]:
    return {
        "code": one.code,
        "severity": one.severity.value,
        "subject": one.subject,
        "what": one.what,
        "fix": one.instead,
    }


def _status(one: StackReview) -> str:
    money = _dollars(one.cost.difference.expected)
    if one.status == "uncompared":
        return f"{_UNCOMPARED}, {money} a month"
    return f"{_ADDED[one.status]}, {money} a month" if one.status in _ADDED else f"{money} a month"


def _change_title(change: WorkloadChange) -> str:
    match change.status:
        case "renamed":
            return f"{change.told}, formerly {change.was}"
        case "added" | "removed":
            return f"{change.told}, {_ADDED[change.status]}"
        case _:
            return change.told


def _change_items(one: StackReview, change: WorkloadChange) -> Iterator[str]:
    yield from (str(field) for field in change.fields)
    yield outcome(change)
    if (said := counted(change.steps)) not in outcome(change):
        yield said
    if money := one.cost_of(change):
        yield f"{_dollars(money)} a month"
    if found := one.outside(change):
        yield f"in no sum: {'; '.join(found)}"


def _notes(one: StackReview) -> Iterator[Block]:
    if one.traps:
        yield Items("Traps", tuple(f"{trap.weight}: {_trap_said(trap)}" for trap in one.traps))
    for title, found in (("New findings", one.new), ("Fixed findings", one.fixed)):
        if found:
            yield Items(title, tuple(_finding(d) for d in found))


def _rows(done: Review) -> Iterator[tuple[str, ...]]:
    for one in done.changed:
        for change in one.workloads:
            fields = "; ".join(map(str, change.fields)) or _ADDED.get(change.status, "follows from the rest")
            fields = "renamed" if change.status == "renamed" and not change.fields else fields
            name = f"{change.told} (was {change.was})" if change.was else change.told
            yield (str(one), name, fields, outcome(change), _told(one.cost_of(change), bool(one.outside(change))))


def _told(money: float, outside: bool) -> str:
    if not outside:
        return _dollars(money)
    return f"{_dollars(money)} + use" if round(money, 2) else "by use"


def _traps_told(done: Review, weight: Weight) -> list[str]:
    """Tell of traps of one weight, each once for all stacks of an environment that meet it."""
    stacks: dict[tuple[str, str], list[str]] = {}
    for stack, trap in done.traps():
        if trap.weight == weight:
            place = f"{stack.environment}/{trap.workload}" if trap.workload else stack.environment
            stacks.setdefault((place, _trap_said(trap)), []).append(stack.stack)
    return [f"{place} in {' and '.join(names)}: {said}" for (place, said), names in stacks.items()]


def _trap_said(trap: Trap) -> str:
    terraform = f" Terraform: {trap.terraform}." if trap.terraform else ""
    return f"{trap.says}. To do: {trap.do}.{terraform}"


def _finding(one: Diagnostic) -> str:
    return f"{one.severity} {one.code}: {one.what}. Fix: {one.instead}"


def _key(one: Diagnostic) -> tuple[str, ...]:
    return (one.code, one.subject, one.field, one.stack)


def _resources(one: StackReview) -> Iterator[str]:
    yield f"**{escaped(str(one))}**: {counted(one.steps)}"
    yield ""
    yield from (f"- {escaped(step_words(step))}" for step in one.doing)
    yield ""


def _costs(one: StackReview) -> Iterator[str]:
    rows = tuple((change.workload or SHARED, *change.words, *_money(change)) for change in one.cost.changes)
    headings = (str(one), "before", "after", "was", "is", "difference")
    yield markdown([Table("", headings, rows, right=(3, 4, 5))])


def _money(change: Change) -> tuple[str, str, str]:
    if change.status != "priced":
        return (*unknown(change), "")
    before, after = change.before.expected, change.after.expected
    return (f"{before:,.2f}", f"{after:,.2f}", f"{after - before:+,.2f}")


def _folded(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _parity_words(change: ParityChange) -> str:
    first, second = change.stacks
    one = change.difference
    if not change.begins:
        return f"{change.environment}: {one.path} no longer differs between {first} and {second}"
    return (
        f"{change.environment}: {one.path} now differs between {first} and {second}: {one.first} and {one.second}"
        f" ({one.verdict}: {one.because})"
    )


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _dollars(amount: float) -> str:
    amount = round(amount, 2) + 0.0
    return f"{'-' if amount < 0 else '+'}${abs(amount):,.2f}"
