"""What a report is made of: everything that was found out before, so that the page only lays out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mlstage.diagnostics import Diagnostic, Kind
from mlstage.graph import Graph
from mlstage.insight.cost import Estimate
from mlstage.insight.diagram import Diagram
from mlstage.insight.parity import Parity


@dataclass(frozen=True)
class Stack:
    """One environment in one stack; `picture` is its diagram as the text of an `<svg>` element."""

    graph: Graph
    estimate: Estimate
    diagram: Diagram
    picture: str
    spec: str = ""

    @property
    def environment(self) -> str:
        """The environment's name; infrastructure from elsewhere may have none."""
        return self.graph.environment or "infrastructure"


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """An exception to a rule, and whether it counts on the report's day; `fault` says why it does not."""

    rule: str
    subject: str
    reason: str
    until: str
    where: str
    fault: str
    environment: str


@dataclass(frozen=True)
class Material:
    """All of a report. `day` is the day by which waivers and the age of prices are judged."""

    stacks: tuple[Stack, ...]
    parities: tuple[Parity, ...]
    diagnostics: tuple[Diagnostic, ...]
    waivers: tuple[WaiverNote, ...]
    day: date
    version: str
    title: str = "Machine-learning environments"

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """The environments' names, in the order of their stacks."""
        return tuple(dict.fromkeys(stack.environment for stack in self.stacks))

    def of(self, environment: str) -> tuple[Stack, ...]:
        """Give the stacks of an environment."""
        return tuple(stack for stack in self.stacks if stack.environment == environment)

    def findings(self, environment: str) -> Iterator[Diagnostic]:
        """Yield what was found about an environment, waived findings left out; an empty name asks for the rest."""
        for found in self.diagnostics:
            if found.kind is not Kind.WAIVED and self.environment_of(found) == environment:
                yield found

    def environment_of(self, found: Diagnostic) -> str:
        """Say which environment a diagnostic is about: by its subject, else by the spec that it lies in."""
        head = found.subject.partition("/")[0]
        named = [name for name in self.environments if head == name or head.startswith(f"{name}-")]
        if named:
            return max(named, key=len)
        file = found.where.file if found.where else ""
        within = {stack.environment for stack in self.stacks if stack.spec and stack.spec == file}
        return within.pop() if len(within) == 1 else ""
