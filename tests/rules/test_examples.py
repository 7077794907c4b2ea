"""Every rule's examples: refused by exactly that rule at exactly that field, or by none, through every door."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlstage.readers.judging import Judging
from mlstage.readers.pulumi_stack import EngineResource, read_stack
from mlstage.rules import Example, Rule, Verdict, all_rules, judge
from tests.readers.previews import preview_graphs

TODAY = date(2026, 11, 24)
BAD = [(rule, example) for rule in all_rules() for example in rule.bad_examples]
GOOD = [(rule, example) for rule in all_rules() for example in rule.good_examples]
ALL = [*BAD, *GOOD]
SPECS = [(rule, example) for rule, example in ALL if example.spec]

HEAD = """\
from mlstage import *

model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1",
    artifact="s3://acme-ml-models/fraud/2026-11-01/model.tar.gz",
)
watch = per_stage(prod=Watch("payments-ml@acme.example"))
environment = Environment(name="fraud-detection", owner="payments-ml", watch=watch, workloads=[
"""


def named(pairs: list[tuple[Rule, Example]]) -> list[str]:
    return [f"{rule.id}-{example.name}" for rule, example in pairs]


def objections(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(item.rule.id, item.finding.resource, item.finding.field) for item in verdict.objections]


def undecided(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(item.rule.id, item.undecided.resource, item.undecided.field) for item in verdict.open]


def test_every_rule_has_examples_of_both_kinds() -> None:
    assert [rule.id for rule in all_rules() if not rule.bad_examples or not rule.good_examples] == []


@pytest.mark.parametrize(("rule", "example"), BAD, ids=named(BAD))
def test_a_bad_example_is_refused_by_its_rule_alone(rule: Rule, example: Example) -> None:
    verdict = judge(example.build(), today=TODAY)
    assert example.at is not None
    assert objections(verdict) == [(rule.id, *example.at)]
    assert undecided(verdict) == []


@pytest.mark.parametrize(("rule", "example"), GOOD, ids=named(GOOD))
def test_a_good_example_is_clean_under_all_rules(rule: Rule, example: Example) -> None:
    verdict = judge(example.build(), today=TODAY)
    assert rule in all_rules()
    assert (objections(verdict), undecided(verdict)) == ([], [])


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[EngineResource]]:
    """Every example, emitted as a Pulumi program and run as in a first preview."""
    graphs = {f"{rule.id}-{example.name}": example.build() for rule, example in ALL}
    return preview_graphs(graphs, tmp_path_factory.mktemp("programs"))


@pytest.mark.parametrize(("rule", "example"), BAD, ids=named(BAD))
def test_a_bad_example_is_refused_as_a_pulumi_program(
    rule: Rule, example: Example, previews: dict[str, list[EngineResource]]
) -> None:
    graph = example.build()
    reading = read_stack(previews[f"{rule.id}-{example.name}"], tier=graph.tier)
    verdict = judge(reading.graph, today=TODAY)
    assert example.at is not None
    assert (objections(verdict), undecided(verdict)) == ([(rule.id, *example.at)], [])


@pytest.mark.parametrize(("rule", "example"), GOOD, ids=named(GOOD))
def test_a_good_example_is_clean_as_a_pulumi_program(
    rule: Rule, example: Example, previews: dict[str, list[EngineResource]]
) -> None:
    reading = read_stack(previews[f"{rule.id}-{example.name}"], tier=example.build().tier)
    verdict = judge(reading.graph, today=TODAY)
    assert (objections(verdict), undecided(verdict)) == ([], [])


@pytest.mark.parametrize(("rule", "example"), ALL, ids=named(ALL))
def test_the_policy_pack_says_the_same_of_an_example(
    rule: Rule, example: Example, previews: dict[str, list[EngineResource]]
) -> None:
    resources = previews[f"{rule.id}-{example.name}"]
    judging = Judging(all_rules(), today=TODAY)
    reports = [report for one in resources for report in judging.resource(one)]
    reports += judging.whole(resources)
    expected = [(rule.policy, example.at[0])] if example.at else []
    assert [(report.policy, report.urn.rpartition("::")[2]) for report in reports] == expected


@pytest.mark.parametrize(("rule", "example"), SPECS, ids=named(SPECS))
def test_what_a_page_says_to_write_has_the_verdict_that_it_shows(rule: Rule, example: Example, tmp_path: Path) -> None:
    from mlstage.project import study

    graph = example.build()
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "example.py").write_text(f"{HEAD}{example.spec}])\n", encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text("name: example\nruntime: python\n", encoding="utf-8")
    for stack in ("test", "prod"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: us-east-1\n", encoding="utf-8")
    found = study(tmp_path, stacks=[graph.stack], today=TODAY)
    codes = {problem.code for problem in found.diagnostics}
    assert codes == ({rule.id} if example.at else set()), found.diagnostics
