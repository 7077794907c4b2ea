"""The budgets that a stack is to keep to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mlstage.graph import Graph
from mlstage.rules.truth import Field, field, truth

BUDGET: Final = "aws.budgets.Budget"


def budgets(graph: Graph) -> Iterator[Field]:
    """Yield the budgets of a stack in US dollars a month; one of which that is not known is no number.

    An author's own is a fact of the graph; the resource that the environment has for it, or else its first, stands for
    it. A budget for something else than costs in dollars a month is none.
    """
    held = list(_held(graph))
    yield from held
    amount = graph.facts.get("monthly_budget")
    if amount is not None and not held and graph.resources:
        yield Field(graph.resources[0], "", amount)


def _held(graph: Graph) -> Iterator[Field]:
    for resource in graph.of(BUDGET):
        kind = (
            field(resource, "budget_type").is_one_of("COST")
            & field(resource, "time_unit").is_one_of("MONTHLY")
            & field(resource, "limit_unit").is_one_of("USD")
        )
        limit = field(resource, "limit_amount")
        if (kind & truth(limit.value is not None)).value is not False:
            yield replace(limit, value=_number(limit)) if kind.value else limit


def _number(limit: Field) -> float | None:
    """Read the amount, which AWS takes as text."""
    try:
        return float(limit.text) if limit.text is not None else limit.number
    except ValueError:
        return None
