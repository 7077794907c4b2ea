"""ML301: a stack that costs more than was agreed."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlstage.catalog.prices import HOME
from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, Field, Finding, when
from mlstage.rules.views.budgets import budgets, counted_by

if TYPE_CHECKING:
    from mlstage.insight.cost.model import Estimate


@dataclass(frozen=True, slots=True)
class OverBudget:
    """The budget in whole US dollars a month of stacks that have none of their own; 0 is none."""

    monthly_usd: int = 0


@stack_rule(
    id="ML301",
    name="over-budget",
    title="Stack that is expected to cost more than its budget",
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="smaller or fewer machines (`mlstage cost` lists what costs how much), or a budget that is agreed anew",
    sources=("https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",),
    options=OverBudget,
)
def over_budget(graph: Graph, about: About) -> Iterator[Answer]:
    """A budget in AWS tells when the money is spent; here it is told before anything of it is.

    What counts is the expected cost of a month as `mlstage cost` works it out from the resources: machines, what stands
    around them, and requests where the author says how many. What is paid by use and not known is not in it. The budget
    is the stage's own, that of an AWS budget in the stack (monthly, in US dollars), or the option's. A budget that AWS
    filters by tags counts what is tagged so; one that it filters otherwise, by service for example, is not judged.
    """
    option = about.options(OverBudget).monthly_usd
    limits = [*budgets(graph)]
    if not limits and not (option and graph.resources):
        return
    # The one question that reading does not answer: asked only where there is a budget.
    from mlstage.insight.cost.estimate import estimate

    at = "" if graph.region else f" at the prices of {HOME}"
    done = estimate(graph if graph.region else replace(graph, region=HOME))
    for limit in limits or [Field(_dearest(graph, done), "", option)]:
        counted = counted_by(limit, graph)
        if counted is None:
            continue
        expected = sum(line.monthly.expected for line in done.lines if line.resource in counted)
        if limit.number is None:
            yield from when(limit.gap(), limit, "")
        elif expected > limit.number:
            costs = f"the stack is expected to cost ${expected:,.0f} a month{at}"
            yield Finding(limit.resource.name, limit.path, f"{costs}, above its budget of ${limit.number:,.0f}")


def _dearest(graph: Graph, done: Estimate) -> Resource:
    """Blame what costs the most where no resource holds the budget."""
    sums: dict[str, float] = {}
    for line in done.lines:
        sums[line.resource] = sums.get(line.resource, 0.0) + line.monthly.expected
    return graph.by_name[max(sums, key=lambda name: (sums[name], name))] if sums else graph.resources[0]


def _budget(amount: str) -> Resource:
    props = {"budget_type": "COST", "limit_amount": amount, "limit_unit": "USD", "time_unit": "MONTHLY"}
    return Resource("budget", "aws.budgets.Budget", props)


@over_budget.bad("budget", "limit_amount")
def dearer_than_agreed() -> Graph:
    """Two instances for $336 a month, under a budget of $200."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        _budget("200"),
        groups=examples.realtime(),
    )


@over_budget.good()
def within_budget() -> Graph:
    """The same under a budget of $500."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        _budget("500"),
        groups=examples.realtime(),
    )
