"""The budgets that a stack is to keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from mlstage.graph import VOCABULARY, Graph, Resource
from mlstage.rules.truth import Field, field, truth

BUDGET: Final = "aws.budgets.Budget"
_BY_TAG: Final = "TagKeyValue"
# As AWS writes a tag that a user activated: `user:team$research`.
_USER_TAG: Final = re.compile(r"user:([^$]+)\$(.+)", re.DOTALL)


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


def counted_by(limit: Field, graph: Graph) -> frozenset[str] | None:
    """Name the resources that a budget counts: those tagged as it filters, or all of the stack.

    None where it filters by something that resources do not tell, such as a service.
    """
    wanted: set[tuple[str, str]] = set()
    for one in field(limit.resource, "cost_filters").items():
        matches = [_USER_TAG.fullmatch(value.text or "") for value in one["values"].items()]
        if one["name"].text != _BY_TAG or None in matches:
            return None
        wanted |= {(match[1], match[2]) for match in matches if match}
    if not wanted:
        return frozenset(graph.by_name)
    counted = {one.name for one in graph.resources if _tagged(one, wanted)}
    # What takes no tags, such as a capacity of a function, counts with what it belongs to.
    return frozenset(
        one.name
        for one in graph.resources
        if one.name in counted or (not _takes_tags(one) and not counted.isdisjoint(one.needs()))
    )


def _takes_tags(resource: Resource) -> bool:
    return resource.type not in VOCABULARY or VOCABULARY[resource.type].taggable


def _tagged(resource: Resource, wanted: set[tuple[str, str]]) -> bool:
    tags = resource.props.get("tags")
    return isinstance(tags, Mapping) and any(tags.get(key) == value for key, value in wanted)


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
