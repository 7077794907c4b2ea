"""Every rule's examples as the real provider plans them: refused by exactly that rule at exactly that field, or clean.

All of them are one run of Terraform's: each example is a module, and a plan of a module is a plan of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from mlstage.emit.terraform import emit_terraform
from mlstage.emit.terraform_notes import missing
from mlstage.graph import VOCABULARY, Graph, Resource
from mlstage.graph.properties import properties_of
from mlstage.offline.terraform import Terraform
from mlstage.readers.terraform_plan import read_plan_document
from mlstage.rules import Example, Rule, Verdict, all_rules, judge
from tests.terraform.plans import parts, with_own_tags
from tests.terraform.real import use_together

TODAY = date(2026, 11, 24)


def in_terraform(example: Example) -> bool:
    """Say whether Terraform can hold the example: what lies inside a cluster is not its."""
    return not any(missing(resource) for resource in example.build().resources)


BAD = [(rule, one) for rule in all_rules() for one in rule.bad_examples if in_terraform(one)]
GOOD = [(rule, one) for rule in all_rules() for one in rule.good_examples if in_terraform(one)]
Plans = Mapping[tuple[str, str], dict[str, Any]]


def named(pairs: list[tuple[Rule, Example]]) -> list[str]:
    return [f"{rule.id}-{example.name}" for rule, example in pairs]


@pytest.fixture(scope="module")
def plans(warm_terraform: Terraform, server: int, tmp_path_factory: pytest.TempPathFactory) -> Plans:
    """Give every example's plan by rule and example."""
    folder = tmp_path_factory.mktemp("examples")
    keys = {f"example{n}": (rule.id, example) for n, (rule, example) in enumerate([*BAD, *GOOD])}
    modules = {name: _module(example) for name, (_, example) in keys.items()}
    use_together(folder, modules, server)
    warm_terraform.init(folder)
    whole = warm_terraform.plan(folder, "-refresh=false")
    planned = dict(parts(whole))
    return {(rule, example.name): planned[name] for name, (rule, example) in keys.items()}


def _module(example: Example) -> str:
    graph = example.build()
    graph = graph.with_resources(_physically_named(one) for one in graph.resources)
    written = emit_terraform(graph, spec="environments/example.py", version="0")
    return with_own_tags(next(text for path, text in written.items() if path.endswith("main.tf.json")))


def _physically_named(resource: Resource) -> Resource:
    """Name what Pulumi would name by itself, and Terraform would not."""
    name = VOCABULARY[resource.type].physical_name
    nameless = name and name not in resource.props and f"{name}_prefix" not in resource.props
    return resource.with_props(**{name: resource.name}) if nameless else resource


def answers(verdict: Verdict) -> list[tuple[str, str, str]]:
    found = [
        (item.rule.id, item.finding.resource, _unordered(verdict.graph, item.finding.resource, item.finding.field))
        for item in verdict.objections
    ]
    return found + [
        (f"{item.rule.id} undecided", item.undecided.resource, item.undecided.field) for item in verdict.open
    ]


def _unordered(graph: Graph, resource: str, field: str) -> str:
    """Leave out which element of a set it is: Terraform has an order of its own."""
    name = field.partition("[")[0]
    one = properties_of(graph.by_name[resource].type).get(name)
    return name if one is not None and one.kind == "set" else field


def judged(rule: Rule, example: Example, plans: Plans) -> Verdict:
    graph = example.build()
    return judge(read_plan_document(plans[rule.id, example.name], tier=graph.tier).graph, today=TODAY)


@pytest.mark.parametrize(("rule", "example"), BAD, ids=named(BAD))
def test_a_bad_example_is_refused_as_a_plan(rule: Rule, example: Example, plans: Plans) -> None:
    assert example.at is not None
    resource, field = example.at
    verdict = judged(rule, example, plans)
    assert answers(verdict) == [(rule.id, resource, _unordered(verdict.graph, resource, field))]


@pytest.mark.parametrize(("rule", "example"), GOOD, ids=named(GOOD))
def test_a_good_example_is_clean_as_a_plan(rule: Rule, example: Example, plans: Plans) -> None:
    assert answers(judged(rule, example, plans)) == []
