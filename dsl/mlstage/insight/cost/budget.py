"""Whether a stack keeps to the budget that its author set."""

from __future__ import annotations

from dataclasses import dataclass

from mlstage.graph import Graph
from mlstage.insight.cost.book import Table
from mlstage.insight.cost.estimate import estimate
from mlstage.insight.cost.model import Amount, Estimate


@dataclass(frozen=True, slots=True)
class Overrun:
    """A budget that is exceeded: by what is expected, or only by what it may come to at the most."""

    environment: str
    stack: str
    budget: float
    monthly: Amount

    @property
    def expected(self) -> bool:
        """Whether what is expected already exceeds it."""
        return self.monthly.expected > self.budget

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        if self.expected:
            return (
                f"{self.environment} in {self.stack} is expected to cost ${self.monthly.expected:,.2f} a month,"
                f" above its budget of ${self.budget:,.2f}"
            )
        return (
            f"{self.environment} in {self.stack} may cost up to ${self.monthly.high:,.2f} a month,"
            f" above its budget of ${self.budget:,.2f} (expected: ${self.monthly.expected:,.2f})"
        )


def overrun(done: Estimate) -> Overrun | None:
    """Say by what an estimate exceeds its stack's budget; None where it does not, or there is none."""
    if done.budget is None or done.monthly.high <= done.budget:
        return None
    return Overrun(done.environment, done.stack, done.budget, done.monthly)


def over_budget(graph: Graph, table: Table | None = None) -> Overrun | None:
    """Say by what a graph exceeds its stack's budget, for whoever has a graph and no estimate."""
    return overrun(estimate(graph, table)) if "monthly_budget" in graph.facts else None
