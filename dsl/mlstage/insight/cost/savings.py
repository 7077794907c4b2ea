"""What a workload's Savings Plan takes off a price, as far as that is known."""

from __future__ import annotations

from mlstage.catalog.prices import Price
from mlstage.graph import Resource
from mlstage.insight.cost.model import Amount
from mlstage.insight.cost.pricing import Context
from mlstage.insight.facts import text_of


def savings_rate(resource: Resource, component: str, price: Price, context: Context) -> tuple[Amount | None, str]:
    """Give what a unit costs under the workload's Savings Plan, and in what words; nothing without a plan."""
    term = text_of(context.graph, resource.workload, "savings_plan")
    if term is None:
        return None, ""
    rate, ceiling = context.book.savings(price.service, price.item, component, term)
    if rate is not None:
        each = f"${rate.usd:g} per {rate.unit}"
        return Amount.exactly(rate.usd), f"Savings Plan for {term}: {each} ({rate.source}; {rate.date})"
    if ceiling is None:
        return None, f"the rate of a Savings Plan for {term} is not known: priced on demand"
    least = price.usd * (1 - ceiling.fraction)
    article = "an" if ceiling.plan[0] in "AEIO" else "a"
    words = (
        f"the rate of {article} {ceiling.plan} for {term} is not known: priced on demand, at the least "
        f"{ceiling.fraction:.0%} less ({ceiling.source})"
    )
    return Amount(least, price.usd, price.usd), words
