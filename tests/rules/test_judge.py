"""Judging: levels, waivers and their end, and what is not decided."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstage.diagnostics import Severity, Where
from mlstage.graph import UNKNOWN, Graph, Group, Resource
from mlstage.rules import Level, Verdict, Waiver, all_rules, diagnostics, examples, parse_settings
from mlstage.rules import judge as judge_by_all
from tests.rules.few import FEW

TODAY = date(2026, 11, 24)
LATER = date(2027, 1, 31)
judge = partial(judge_by_all, rules=FEW)
HERE = Where("environments/fraud_detection.py", 24)


def training_on_gpu(tier: str = "test") -> Graph:
    pipeline = replace(examples.training("ml.g5.xlarge"), workload="fine-tuning")
    groups = (Group("fine-tuning", "Training", "SageMaker", source=HERE),)
    return Graph((pipeline,), environment="bert-sentiment", stack=tier, tier=tier, groups=groups)


def waiver(**changes: object) -> Waiver:
    plain = Waiver("ML102", "tried on a GPU first", LATER, "bert-sentiment", "fine-tuning", where=HERE)
    return replace(plain, **changes)  # type: ignore[arg-type]


def standing(verdict: Verdict) -> list[str]:
    return [item.rule.id for item in verdict.objections]


def test_a_finding_stands_at_its_level_and_place() -> None:
    verdict = judge(training_on_gpu(), today=TODAY)
    (diagnostic,) = diagnostics([verdict])
    assert verdict.refused
    assert (diagnostic.code, diagnostic.severity, diagnostic.where) == ("ML102", Severity.ERROR, HERE)
    assert diagnostic.what == "training 'fine-tuning' runs on ml.g5.xlarge (1 x NVIDIA A10G) in stack 'test'"
    assert diagnostic.subject == "bert-sentiment/fine-tuning"
    assert diagnostic.field == "pipeline_definition.Steps[0].Arguments.ResourceConfig.InstanceType"
    assert "per_stage" in diagnostic.instead


def test_an_advisory_is_a_warning() -> None:
    settings = parse_settings('{"ML102-gpu-in-test": "advisory"}', all_rules())
    verdict = judge(training_on_gpu(), settings, today=TODAY)
    assert not verdict.refused
    assert [d.severity for d in diagnostics([verdict])] == [Severity.WARNING]


def test_a_rule_that_is_off_in_a_tier_is_not_asked() -> None:
    assert standing(judge(training_on_gpu("production"), today=TODAY)) == []


def test_an_option_allows_a_family() -> None:
    settings = parse_settings('{"ML102-gpu-in-test": {"families": ["g5"]}}', all_rules())
    assert standing(judge(training_on_gpu(), settings, today=TODAY)) == []


def test_a_waiver_answers_its_finding_and_is_reported() -> None:
    verdict = judge(training_on_gpu(), waivers=[waiver()], today=TODAY)
    (note,) = diagnostics([verdict])
    assert not verdict.refused
    assert (note.severity, note.code, note.where) == (Severity.NOTE, "ML102", HERE)
    assert "2027-01-31" in note.what and "tried on a GPU first" in note.what


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next() -> None:
    assert standing(judge(training_on_gpu(), waivers=[waiver()], today=LATER)) == []
    assert standing(judge(training_on_gpu(), waivers=[waiver()], today=date(2027, 2, 1))) == ["ML102"]


def test_a_finding_says_that_its_waiver_ended() -> None:
    verdict = judge(training_on_gpu(), waivers=[waiver(until=date(2026, 1, 1))], today=TODAY)
    (diagnostic,) = diagnostics([verdict])
    assert diagnostic.severity is Severity.ERROR
    assert [related.message for related in diagnostic.related] == [
        "the waiver of ML102 for bert-sentiment/fine-tuning ended on 2026-01-01, so it does not count"
    ]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_waiver_without_a_reason_does_not_count(reason: str) -> None:
    verdict = judge(training_on_gpu(), waivers=[waiver(reason=reason)], today=TODAY)
    assert standing(verdict) == ["ML102"]
    assert "gives no reason" in diagnostics([verdict])[0].related[0].message


@pytest.mark.parametrize(
    "changes",
    [{"rule": "ML103"}, {"workload": "classifier"}, {"environment": "fraud-detection"}, {"resource": "other"}],
)
def test_a_waiver_for_something_else_does_not_answer(changes: dict[str, object]) -> None:
    assert standing(judge(training_on_gpu(), waivers=[waiver(**changes)], today=TODAY)) == ["ML102"]


@pytest.mark.parametrize("changes", [{"workload": ""}, {"workload": "", "environment": ""}, {"resource": "training"}])
def test_a_waiver_may_be_for_all_or_for_one_resource(changes: dict[str, object]) -> None:
    assert standing(judge(training_on_gpu(), waivers=[waiver(**changes)], today=TODAY)) == []


def test_a_waiver_that_answers_nothing_is_reported() -> None:
    idle = waiver(workload="other")
    verdict = judge(training_on_gpu(), waivers=[idle], today=TODAY)
    assert verdict.unused == (idle,)
    warning = diagnostics([verdict])[1]
    assert warning.severity is Severity.WARNING
    assert "ML102 for bert-sentiment/other answers nothing" in warning.what


def test_a_waiver_that_one_stack_needs_is_used() -> None:
    small = replace(training_on_gpu(), resources=(replace(examples.training(), workload="fine-tuning"),), stack="ci")
    verdicts = [judge(graph, waivers=[waiver()], today=TODAY) for graph in (training_on_gpu(), small)]
    assert [d.severity for d in diagnostics(verdicts)] == [Severity.NOTE]


def test_a_waiver_of_a_rule_that_is_off_is_not_called_unused() -> None:
    assert diagnostics([judge(training_on_gpu("production"), waivers=[waiver()], today=TODAY)]) == ()


def test_a_waiver_past_its_day_that_answers_nothing_is_reported() -> None:
    verdict = judge(training_on_gpu("production"), waivers=[waiver(until=date(2026, 1, 1))], today=TODAY)
    assert [d.what for d in diagnostics([verdict])] == [
        "the waiver of ML102 for bert-sentiment/fine-tuning ended on 2026-01-01"
    ]


def test_a_waiver_of_no_rule_is_reported() -> None:
    verdicts = [judge(training_on_gpu(tier), waivers=[waiver(rule="ML120")], today=TODAY) for tier in ("test", "prod")]
    assert [d.what for d in diagnostics(verdicts) if d.code == "ML120"] == [
        "the waiver of ML120 for bert-sentiment/fine-tuning names a rule that does not exist"
    ]


def test_waivers_of_one_environment_in_an_engine_s_stack_are_not_those_of_its_namesake() -> None:
    volume = replace(examples.volume(), name="fraud-eu-data")
    graph = Graph((volume,), stack="prod", tier="production")
    fraud = Waiver("ML402", "scratch data", LATER, "fraud", neighbours=("fraud", "fraud-eu"))
    assert standing(judge(graph, waivers=[fraud], today=TODAY)) == ["ML402"]
    assert standing(judge(graph, waivers=[replace(fraud, environment="fraud-eu")], today=TODAY)) == []


def test_an_unknown_value_is_undecided_and_never_passes() -> None:
    graph = examples.in_production_stack(examples.volume(encrypted=UNKNOWN))
    verdict = judge(graph, today=TODAY)
    (note,) = diagnostics([verdict])
    assert (verdict.refused, note.code, note.severity, note.field) == (False, "ML402", Severity.NOTE, "encrypted")
    assert "cannot be decided" in note.what


def test_what_is_undecided_fails_where_settings_say_so() -> None:
    graph = examples.in_production_stack(examples.volume(encrypted=UNKNOWN))
    strict = parse_settings('{"mlstage": {"undecided": "mandatory"}}', all_rules())
    assert judge(graph, strict, today=TODAY).refused
    # It weighs no more than the finding itself would.
    in_test = replace(graph, stack="test", tier="test")
    assert [item.level for item in judge(in_test, strict, today=TODAY).open] == [Level.ADVISORY]


def test_a_waiver_answers_what_is_undecided_too() -> None:
    graph = examples.in_production_stack(examples.volume(encrypted=UNKNOWN))
    verdict = judge(graph, waivers=[Waiver("ML402", "scratch", LATER)], today=TODAY)
    assert (verdict.open, [item.rule.id for item in verdict.waived]) == ((), ["ML402"])


def test_types_that_rules_do_not_know_are_counted() -> None:
    strange = Resource("x", "aws:quantum/device:Device", {"a": 1})
    assert judge(Graph((strange, replace(strange, name="y"))), today=TODAY).unjudged == {"aws:quantum/device:Device": 2}


def everything() -> Graph:
    """Every bad example in one production stack, each under its own names."""
    resources: list[Resource] = []
    for number, example in enumerate(e for rule in all_rules() for e in rule.bad_examples):
        resources += [replace(r, name=f"{r.name}-{number}") for r in example.build().resources if not r.needs()]
    return Graph(tuple(resources), stack="prod", tier="production")


@given(st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(source: random.Random) -> None:
    graph = everything()
    shuffled = list(graph.resources)
    source.shuffle(shuffled)
    expected = judge_by_all(graph, today=TODAY)
    found = judge_by_all(graph.with_resources(shuffled), today=TODAY)
    assert expected.objections
    assert (found.objections, found.open) == (expected.objections, expected.open)


def test_code_of_others_is_answered_in_words_of_its_own() -> None:
    """Who writes Terraform cannot write `replicas=Autoscale(…)`."""
    theirs = Resource("e", "aws.sagemaker.Endpoint", {})
    words = re.compile(r"\b(per_stage|waive)\(|=[A-Z][A-Za-z]*\(|\bmlstage (makes|writes)")
    assert [rule.id for rule in all_rules() if words.search(rule.cure(theirs))] == []
    ours = replace(theirs, workload="scorer")
    assert [rule.id for rule in all_rules() if rule.elsewhere and rule.cure(ours) != rule.fix] == []


def test_a_finding_carries_the_cure_of_its_kind_of_code() -> None:
    parts = [replace(one, workload="") for one in (examples.configuration(), examples.endpoint())]
    theirs = Graph(tuple(parts), stack="prod", tier="production")
    ours = examples.in_production_stack(examples.configuration(), examples.endpoint(), groups=examples.realtime())
    told = [
        next(d.instead for d in diagnostics([judge(graph, today=TODAY)]) if d.code == "ML201")
        for graph in (theirs, ours)
    ]
    assert told[0].startswith("a scalable target of Application Auto Scaling")
    assert told[1].startswith("replicas=Autoscale(")
