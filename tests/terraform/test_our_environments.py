"""The repository's own environments, as the real provider plans them: nothing that `strict` refuses in production."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from mlstage.offline.terraform import Terraform
from mlstage.project import study
from mlstage.readers.terraform_plan import read_plan_document
from mlstage.rules import all_rules, judge, load_settings
from tests.terraform.plans import parts, with_own_tags
from tests.terraform.real import use_together
from tests.terraform.stacks import ROOT, module_of, name_of

TODAY = date(2026, 11, 24)
# They look up a cluster that is there already, and there is none.
ON_A_CLUSTER_THAT_EXISTS = {"text-safety_prod"}


def test_the_plans_of_all_environments_pass_strict_in_production(
    warm_terraform: Terraform, server: int, tmp_path: Path
) -> None:
    strict = load_settings(ROOT / "policies" / "strict.json", all_rules())
    ours = {name_of(one): one for one in study(ROOT, stacks=["prod"]).stacks}
    for name in ON_A_CLUSTER_THAT_EXISTS:
        del ours[name]
    assert {"fraud-detection_prod", "bert-sentiment_prod"} <= set(ours)
    use_together(tmp_path, {name: with_own_tags(module_of(one.graph)) for name, one in ours.items()}, server)
    warm_terraform.init(tmp_path)
    refused = []
    for name, document in parts(warm_terraform.plan(tmp_path, "-refresh=false")):
        graph = replace(read_plan_document(document, tier="production").graph, stack="prod")
        verdict = judge(graph, strict, ours[name].waivers, today=TODAY)
        refused += [(name, item.rule.id, item.finding.resource, item.finding.message) for item in verdict.objections]
    assert refused == []
