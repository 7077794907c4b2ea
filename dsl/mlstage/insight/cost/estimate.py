"""An estimate of a graph: every resource priced, named as paid by use, named as unpriced, or known to be free."""

from __future__ import annotations

from functools import cache
from typing import Final

from mlstage.catalog import _files
from mlstage.graph import LOOK_UP, Graph, Resource
from mlstage.insight.cost import (
    around,
    batch,
    containers,
    functions,
    kubernetes,
    machines,
    orchestration,
    sagemaker_hosting,
    sagemaker_jobs,
)
from mlstage.insight.cost.book import PriceBook, Table
from mlstage.insight.cost.model import Estimate, Line
from mlstage.insight.cost.pricing import Context, Pricer, unpriced

FREE_FILE: Final = "free.tsv"

_FAMILIES: Final = (
    sagemaker_hosting,
    sagemaker_jobs,
    orchestration,
    functions,
    containers,
    kubernetes,
    batch,
    machines,
    around,
)
PRICERS: Final[dict[str, Pricer]] = {name: pricer for family in _FAMILIES for name, pricer in family.PRICERS.items()}


@cache
def free_types() -> frozenset[str]:
    """Give the types that AWS does not charge for by themselves."""
    return frozenset(fields[0] for fields in _files.rows(FREE_FILE))


def estimate(graph: Graph, table: Table | None = None, *, book: PriceBook | None = None) -> Estimate:
    """Say what a graph costs a month; `table` has prices that go before the catalogue's, `book` replaces both."""
    context = Context(graph, book or PriceBook(graph.region, table))
    lines: list[Line] = []
    free: list[str] = []
    for resource in graph.resources:
        made = _lines(resource, context)
        lines += made
        if not made:
            free.append(resource.name)
    budget = graph.facts.get("monthly_budget")
    return Estimate(
        graph.environment,
        graph.stack,
        graph.tier,
        graph.region,
        tuple(lines),
        tuple(free),
        float(budget) if isinstance(budget, (int, float)) and not isinstance(budget, bool) else None,
        tuple(group.name for group in graph.groups),
    )


def _lines(resource: Resource, context: Context) -> list[Line]:
    pricer = PRICERS.get(resource.type)
    if pricer is not None:
        return list(pricer(resource, context))
    if resource.type in free_types() or resource.type.startswith(LOOK_UP):
        return []
    return [unpriced(resource, resource.type, "mlstage has no price for this type of resource")]
