"""The repository's own environments, as the real provider plans them: nothing that `strict` refuses in production."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mlstage.project import study
from mlstage.readers.terraform_plan import read_plan_document
from mlstage.rules import all_rules, judge, load_settings
from tests.terraform.conftest import Planned
from tests.terraform.stacks import ROOT, name_of

TODAY = date(2026, 11, 24)


def test_the_plans_of_all_environments_pass_strict_in_production(planned: Planned) -> None:
    strict = load_settings(ROOT / "policies" / "strict.json", all_rules())
    ours = {name_of(one): one for one in study(ROOT, stacks=["prod"]).stacks}
    assert {"fraud-detection_prod", "bert-sentiment_prod", "text-safety_prod"} <= set(ours)
    refused = []
    for name, one in ours.items():
        graph = replace(read_plan_document(planned.plans[name], tier="production").graph, stack="prod")
        verdict = judge(graph, strict, one.waivers, today=TODAY)
        refused += [(name, item.rule.id, item.finding.resource, item.finding.message) for item in verdict.objections]
    assert refused == []
