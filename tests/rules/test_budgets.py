"""What a budget counts: all of a stack, or what is tagged as it filters."""

from __future__ import annotations

from datetime import date

import pytest

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import judge
from mlstage.rules.ml301_over_budget import over_budget

TODAY = date(2026, 11, 24)


def notebook(name: str, team: str) -> Resource:
    """Make a notebook for some $800 a month."""
    role = "arn:aws:iam::123456789012:role/desk"
    props: dict[str, Value] = {"role_arn": role, "instance_type": "ml.g4dn.xlarge", "tags": {"team": team}}
    return Resource(name, "aws.sagemaker.NotebookInstance", props)


def budget(amount: str, *filters: Value) -> Resource:
    props: dict[str, Value] = {"budget_type": "COST", "limit_amount": amount, "limit_unit": "USD"}
    more: dict[str, Value] = {"time_unit": "MONTHLY", "cost_filters": filters} if filters else {"time_unit": "MONTHLY"}
    return Resource("budget", "aws.budgets.Budget", {**props, **more})


def by_tag(value: str) -> Value:
    return {"name": "TagKeyValue", "values": (value,)}


@pytest.mark.parametrize(
    ("limit", "refused"),
    [
        (budget("900"), True),
        (budget("900", by_tag("user:team$research")), False),
        (budget("300", by_tag("user:team$research")), True),
        (budget("300", by_tag("user:team$nobody")), False),
        # What AWS sums up by service, resources do not tell.
        (budget("1", {"name": "Service", "values": ("Amazon SageMaker",)}), False),
    ],
    ids=["all", "one team", "one team above", "no team", "a service"],
)
def test_a_budget_counts_what_it_filters(limit: Resource, refused: bool) -> None:
    desks = (notebook("ada", "research"), notebook("grace", "platform"))
    graph = Graph((*desks, limit), stack="prod", tier="production", region="us-east-1")
    verdict = judge(graph, today=TODAY, rules=[over_budget])
    found = [(item.finding.resource, item.finding.field) for item in verdict.objections]
    assert found == ([("budget", "limit_amount")] if refused else [])
