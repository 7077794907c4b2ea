"""What each part of the page shows, worked out before the template: the template repeats and escapes, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.diagnostics import Diagnostic, Kind, Severity
from mlstage.insight.cost import Amount, Line
from mlstage.insight.cost.budget import overrun
from mlstage.insight.cost.report import SHARED
from mlstage.insight.diagram.build import resources
from mlstage.insight.diagram.model import Diagram, Node
from mlstage.insight.parity import Difference, Parity
from mlstage.insight.report.chart import Chart, chart
from mlstage.insight.report.material import Material, Stack, WaiverNote
from mlstage.insight.report.sources import Sources

# Boxes that say what a workload is; the others are what it needs.
_TELLING: Final = ("serves", "works", "machine")


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of stacks side by side; `unlike` says that the stacks differ in it."""

    name: str
    values: tuple[tuple[str, ...], ...]
    unlike: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of what is paid for; `marks` are the numbers of the prices' sources."""

    stack: str
    workload: str
    what: str
    price: str
    monthly: Amount | None
    note: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One environment on the page; `id` is for anchors and has harmless characters only."""

    id: str
    name: str
    stacks: tuple[Stack, ...]
    facts: tuple[Fact, ...]
    parities: tuple[Parity, ...]
    chart: Chart | None
    costs: tuple[Cost, ...]
    budgets: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    waivers: tuple[WaiverNote, ...]

    def in_stack(self, severity: str, stack: str) -> int:
        """Count the findings of a severity in one stack."""
        return sum(found.severity == severity and found.stack in ("", stack) for found in self.findings)

    @property
    def stack_names(self) -> tuple[str, ...]:
        """The names of its stacks."""
        return tuple(stack.graph.stack for stack in self.stacks)

    @property
    def unmeant(self) -> tuple[Difference, ...]:
        """What differs between its stacks that nobody meant."""
        return tuple(found for one in self.parities for found in one.of("unmeant"))


def sections(material: Material, sources: Sources) -> Iterator[Section]:
    """Work out the environments."""
    for number, name in enumerate(material.environments):
        stacks = material.of(name)
        findings = tuple(sorted(material.findings(name), key=_weight))
        names = {stack.graph.environment for stack in stacks}
        yield Section(
            f"e{number + 1}",
            name,
            stacks,
            tuple(_facts(stacks, findings)),
            tuple(one for one in material.parities if {one.first.environment, one.second.environment} <= names),
            chart([stack.estimate for stack in stacks]),
            tuple(_costs(stacks, sources)),
            tuple(_budgets(stacks)),
            findings,
            tuple(one for one in material.waivers if one.environment in ("", name)),
        )


def _weight(found: Diagnostic) -> int:
    return list(Severity).index(found.severity)


def _facts(stacks: Sequence[Stack], findings: Sequence[Diagnostic]) -> Iterator[Fact]:
    yield _fact("Tier", [(stack.graph.tier or "not known",) for stack in stacks])
    yield _fact("Region", [(stack.graph.region or "not known",) for stack in stacks])
    yield _fact("Resources", [(str(len(resources(stack.graph))),) for stack in stacks])
    yield _fact("Expected a month", [(f"${stack.estimate.monthly.expected:,.2f}",) for stack in stacks])
    budgets = ["none" if one.estimate.budget is None else f"${one.estimate.budget:,.2f}" for one in stacks]
    yield _fact("Budget", [(budget,) for budget in budgets])
    yield _fact("Findings", [(_counted(findings, stack.graph.stack),) for stack in stacks])
    for workload in dict.fromkeys(group.name for stack in stacks for group in stack.graph.groups):
        yield _fact(workload, [tuple(_told(stack, workload)) or ("not in this stack",) for stack in stacks])


def _fact(name: str, values: Sequence[tuple[str, ...]]) -> Fact:
    return Fact(name, tuple(values), len(set(values)) > 1)


def _counted(findings: Sequence[Diagnostic], stack: str) -> str:
    counts = Counter(found.severity for found in findings if found.stack in ("", stack))
    said = [f"{counts[one]} {one.value}{'' if counts[one] == 1 else 's'}" for one in Severity if counts[one]]
    return ", ".join(said) or "none"


def _told(stack: Stack, workload: str) -> Iterator[str]:
    """Say what a workload is in a stack: its kind, and what its boxes say."""
    group = stack.graph.group_by_name.get(workload)
    if group is None:
        return
    yield f"{group.kind} on {group.target}" if group.target else group.kind
    for node in _boxes(stack.diagram, workload):
        yield ", ".join((*node.lines, *(mark.text for mark in node.marks)))
    clocks = [node for node in stack.diagram.nodes if node.workload == workload and node.kind == "clock"]
    for node in clocks:
        yield " ".join((node.title, *node.lines))


def _boxes(diagram: Diagram, workload: str) -> Iterator[Node]:
    for node in diagram.nodes:
        if node.workload == workload and node.kind in _TELLING and (node.lines or node.marks):
            yield node


def _costs(stacks: Sequence[Stack], sources: Sources) -> Iterator[Cost]:
    for stack in stacks:
        merged: dict[tuple[object, ...], list[Line]] = {}
        for line in stack.estimate.lines:
            same = (line.workload, line.what, line.status, line.prices, line.note, line.monthly)
            merged.setdefault(same, []).append(line)
        rows = [_cost(stack.graph.stack, lines, sources) for lines in merged.values()]
        yield from sorted(rows, key=lambda row: (row.monthly is None, -(row.monthly.expected if row.monthly else 0)))


def _cost(stack: str, lines: Sequence[Line], sources: Sources) -> Cost:
    line = lines[0]
    times = f"{len(lines)} \N{MULTIPLICATION SIGN} " if len(lines) > 1 else ""
    monthly = line.monthly * len(lines) if line.status == "priced" else None
    note = {"priced": "", "usage": "paid by use, in no sum: ", "unpriced": "no price known, in no sum: "}[line.status]
    return Cost(
        stack,
        line.workload or SHARED,
        f"{times}{line.what}",
        "; ".join(sources.said(price) for price in line.prices),
        monthly,
        (note + line.note).removesuffix(": "),
        tuple(dict.fromkeys(sources.mark(price) for price in line.prices)),
    )


def _budgets(stacks: Sequence[Stack]) -> Iterator[str]:
    for stack in stacks:
        found = overrun(stack.estimate)
        if found is not None:
            yield f"{'Over budget' if found.expected else 'Budget'}: {found.words}."
        elif stack.estimate.budget is not None:
            yield f"{stack.graph.stack} stays within its budget of ${stack.estimate.budget:,.2f} a month."


def is_open(found: Diagnostic) -> bool:
    """Say whether a finding could not be decided."""
    return found.kind is Kind.UNDECIDED
