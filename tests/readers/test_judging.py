"""Judging for the engine: before creation, over the stack, what is late, waivers of the manifest, repairs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlstage.readers.errors import ReadError
from mlstage.readers.judging import Judging
from mlstage.readers.manifest import read_waivers
from mlstage.readers.pulumi_stack import EngineResource
from mlstage.readers.reports import Report
from mlstage.rules import Level, SettingsError, Tier
from tests.rules.few import FEW

TODAY = date(2026, 11, 24)
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SCORER = "urn:pulumi:prod::shop::mlstage:workload:RealtimeEndpoint::fraud-scorer"


def resource(token: str, name: str, stack: str = "prod", parent: str = "", **properties: Any) -> EngineResource:
    return EngineResource(f"urn:pulumi:{stack}::shop::{token}::{name}", token, name, properties, parent)


def volume(stack: str = "prod", **properties: Any) -> EngineResource:
    return resource("aws:ebs/volume:Volume", "data", stack, **properties)


def notebook(stack: str) -> EngineResource:
    token = "aws:sagemaker/notebookInstance:NotebookInstance"
    return resource(token, "explore", stack, instanceType="ml.g5.xlarge", kmsKeyId="k")


def judging(*places: Path, **entries: Any) -> Judging:
    made = Judging(FEW, today=TODAY, places=places)
    made.configure({name.replace("_", "-"): entry for name, entry in entries.items()})
    return made


def manifest(root: Path, stack: str = "prod", **changes: Any) -> Path:
    waiver = {
        "rule": "ML402",
        "environment": "fraud",
        "workload": "scorer",
        "reason": "scratch data",
        "until": "2027-01-31",
    }
    stacks = {stack: {"programs": {"fraud": {}}, "waivers": [{**waiver, **changes}]}}
    (root / "programs").mkdir(exist_ok=True)
    (root / "programs" / "manifest.json").write_text(json.dumps({"stacks": stacks}), encoding="utf-8")
    return root


def short(reports: list[Report]) -> list[tuple[str, str, str]]:
    return [(report.policy, str(report.level), report.urn.rpartition("::")[2]) for report in reports]


UNENCRYPTED = [("ML402-unencrypted-storage", "mandatory", "data")]


def test_a_resource_is_judged_before_it_is_made_and_not_again() -> None:
    judge = judging()
    (report,) = judge.resource(volume())
    assert short([report]) == UNENCRYPTED
    assert report.urn == volume().urn
    assert report.message.splitlines()[0] == "EBS volume 'data' is not encrypted in stack 'prod'"
    assert report.message.splitlines()[-1].startswith("fix: encrypted=True")
    assert judge.whole([volume()]) == []


def test_what_is_not_known_yet_is_said_at_the_end_and_once() -> None:
    judge = judging()
    unknown = volume(encrypted=UNKNOWN_TEXT)
    assert judge.resource(unknown) == []
    (report,) = judge.whole([unknown])
    assert short([report]) == [("ML402-unencrypted-storage", "advisory", "data")]
    assert "cannot be decided: `encrypted` of 'data' is not known" in report.message


def test_much_that_is_not_known_is_said_in_one_report_that_names_all() -> None:
    volumes = [replace(volume(encrypted=UNKNOWN_TEXT), urn=f"{volume().urn}-{n}", name=f"data-{n}") for n in range(5)]
    judge = judging()
    assert [report for one in volumes for report in judge.resource(one)] == []
    (report,) = judge.whole(volumes)
    assert short([report]) == [("ML402-unencrypted-storage", "advisory", "")]
    assert "5 values are not known yet" in report.message
    assert all(f"- `encrypted` of 'data-{n}'" in report.message for n in range(5))
    strict = judging(mlstage={"undecided": "mandatory"})
    assert len([report for one in volumes for report in strict.resource(one)] + strict.whole(volumes)) == 5


def test_what_becomes_known_by_the_end_is_judged_then() -> None:
    judge = judging()
    assert judge.resource(volume(encrypted=UNKNOWN_TEXT)) == []
    assert short(judge.whole([volume(encrypted=False)])) == UNENCRYPTED


def test_what_the_engine_hides_at_the_end_is_judged_as_it_was_shown() -> None:
    """As it does with all that lies in a cluster which the same run makes."""
    named, labels = {"name": "web"}, {"app": "web"}
    spec = {"replicas": 2, "template": {"metadata": {"labels": labels}}}
    deployment = resource("kubernetes:apps/v1:Deployment", "web", metadata=named, spec=spec)
    service = resource("kubernetes:core/v1:Service", "web", metadata=named, spec={"selector": labels})
    judge = judging()
    for one in (deployment, service):
        assert judge.resource(one) == []
    hidden = judge.whole([replace(one, properties={}) for one in (deployment, service)])
    assert [one[0] for one in short(hidden)] == ["ML201-production-without-autoscaling"]


def test_a_resource_that_was_never_shown_is_judged_with_the_stack() -> None:
    assert short(judging().whole([volume()])) == UNENCRYPTED


def test_a_second_run_starts_afresh() -> None:
    judge = judging()
    judge.resource(volume())
    judge.whole([volume()])
    assert short(judge.resource(volume())) == UNENCRYPTED
    assert judge.whole([volume()]) == []


def test_undecided_may_be_mandatory() -> None:
    judge = judging(mlstage={"undecided": "mandatory"})
    unknown = volume(encrypted=UNKNOWN_TEXT)
    judge.resource(unknown)
    assert [report.level for report in judge.whole([unknown])] == [Level.MANDATORY]


def test_levels_come_from_the_settings_by_tier() -> None:
    assert short(judging().resource(volume("test"))) == [("ML402-unencrypted-storage", "advisory", "data")]
    judge = judging(ML402_unencrypted_storage={"enforcementLevel": "mandatory", "tiers": {"test": "disabled"}})
    assert judge.resource(volume("test")) == []
    with pytest.raises(SettingsError, match="there is no rule 'ML402'"):
        judging(ML402="advisory")


def test_the_tier_of_a_stack() -> None:
    judge = judging()
    assert judge.tier("prod").name == "production"
    judge.configure_stack("prod", "shop", {"mlstage:tier": "test"}, {})
    assert judge.tier("prod") == Tier("test", "the stack's configuration has mlstage:tier")
    judge.configure_stack("blue", "shop", {}, {"mlstage:tier": "production"})
    assert judge.tier("blue").name == "production"
    judge = judging(mlstage={"stacks": {"blue": "test"}, "tier": "production"})
    assert (judge.tier("blue").name, judge.tier("green").name) == ("test", "production")


def test_a_tag_says_the_tier_of_a_stack_that_nothing_else_does() -> None:
    tagged = replace(notebook("blue"), properties={**notebook("blue").properties, "tags": {"mlstage:tier": "test"}})
    assert short(judging().resource(tagged)) == [("ML102-gpu-in-test", "mandatory", "explore")]
    assert judging().resource(notebook("blue")) == []


def test_a_type_that_no_rule_knows_is_passed_over() -> None:
    assert judging().resource(resource("aws:s3/bucketV2:BucketV2", "b", x=object())) == []


def test_waivers_come_from_the_project_s_manifest(tmp_path: Path) -> None:
    judge = judging(manifest(tmp_path))
    mine = volume(parent=SCORER)
    assert judge.resource(mine) == []
    (report,) = judge.whole([mine])
    assert short([report]) == [("ML402-unencrypted-storage", "advisory", "data")]
    assert "waived until 2027-01-31" in report.message and "scratch data" in report.message
    other = volume(parent=SCORER.replace("fraud-scorer", "fraud-other"))
    assert short(judging(tmp_path).resource(other)) == UNENCRYPTED
    assert short(judging(manifest(tmp_path, stack="test")).resource(mine)) == UNENCRYPTED


def test_a_waiver_that_ended_is_named(tmp_path: Path) -> None:
    judge = judging(manifest(tmp_path, until="2026-01-01"))
    mine = volume(parent=SCORER)
    (report,) = judge.resource(mine)
    assert "the waiver of ML402 for fraud/scorer ended on 2026-01-01, so it does not count" in report.message
    assert short(judge.whole([mine])) == [("mlstage", "advisory", "")]


def test_a_waiver_of_a_whole_environment_holds_for_its_shared_resources(tmp_path: Path) -> None:
    named = resource("aws:ebs/volume:Volume", "fraud-shared")
    assert judging(manifest(tmp_path, workload="")).resource(named) == []
    assert len(judging(manifest(tmp_path, workload="", environment="other")).resource(named)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"stacks": []}',
        '{"stacks": {"prod": {"waivers": [3]}}}',
        '{"stacks": {"prod": {"waivers": 3}}}',
    ],
)
def test_a_manifest_that_cannot_be_read_waives_nothing_and_is_reported(tmp_path: Path, text: str) -> None:
    (manifest(tmp_path) / "programs" / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match=r"programs/manifest\.json"):
        read_waivers([tmp_path], "prod", "shop")
    judge = judging(tmp_path)
    assert short(judge.resource(volume(parent=SCORER))) == UNENCRYPTED
    assert [report.policy for report in judge.whole([])] == ["mlstage"]


def test_the_first_manifest_found_counts(tmp_path: Path) -> None:
    (tmp_path / "near").mkdir()
    manifest(tmp_path)
    manifest(tmp_path / "near", rule="ML101")
    assert [w.rule for w in read_waivers([tmp_path / "none", tmp_path / "near", tmp_path], "prod", "shop")] == ["ML101"]
    assert read_waivers([tmp_path / "none"], "prod", "shop") == ()


def test_waivers_of_another_project_do_not_count(tmp_path: Path) -> None:
    manifest(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: another\n", encoding="utf-8")
    assert read_waivers([tmp_path], "prod", "shop") == ()
    assert [w.rule for w in read_waivers([tmp_path], "prod", "another")] == ["ML402"]
    (tmp_path / "Pulumi.yaml").write_text("name: [", encoding="utf-8")
    assert [w.rule for w in read_waivers([tmp_path], "prod", "shop")] == ["ML402"]


def test_repairs_are_made_by_rules_that_are_to_repair_only() -> None:
    assert judging().repair(volume(size=8.0)) == []
    judge = judging(ML402_unencrypted_storage="remediate")
    (repair,) = judge.repair(volume(size=8.0))
    assert (repair.rule.id, repair.properties) == ("ML402", {"size": 8.0, "encrypted": True})
    assert judge.repair(volume(encrypted=True)) == []
    assert judge.repair(volume(encrypted=UNKNOWN_TEXT)) == []
    assert short(judge.resource(volume())) == UNENCRYPTED


def test_nested_properties_are_repaired_and_the_rest_stays() -> None:
    judge = judging(ML402_unencrypted_storage={"enforcementLevel": "remediate"})
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "x"}
    before: dict[str, Any] = {
        "instanceType": "c6i.large",
        "userData": secret,
        "rootBlockDevice": {"volumeSize": 8.0},
        "ebsBlockDevices": [{"deviceName": "/dev/sdb", "encrypted": True}, {"deviceName": "/dev/sdc"}],
    }
    (repair,) = judge.repair(resource("aws:ec2/instance:Instance", "box", **before))
    assert repair.properties == {
        "instanceType": "c6i.large",
        "userData": secret,
        "rootBlockDevice": {"volumeSize": 8.0, "encrypted": True},
        "ebsBlockDevices": [
            {"deviceName": "/dev/sdb", "encrypted": True},
            {"deviceName": "/dev/sdc", "encrypted": True},
        ],
    }
    assert before["rootBlockDevice"] == {"volumeSize": 8.0}


def test_what_is_waived_is_not_repaired(tmp_path: Path) -> None:
    judge = judging(manifest(tmp_path), ML402_unencrypted_storage="remediate")
    assert judge.repair(volume(parent=SCORER)) == []
    assert len(judge.repair(volume())) == 1


def test_what_aws_computes_is_not_what_the_author_left_open() -> None:
    token = "aws:ecs/service:Service"
    cluster = replace(resource("aws:ecs/cluster:Cluster", "cluster"), properties={"name": "scoring"})
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1.0}]
    defaults = resource(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "defaults",
        clusterName="scoring",
        defaultCapacityProviderStrategies=spot,
    )
    service = resource(token, "web", cluster="scoring", loadBalancers=[{"containerPort": 80.0}])
    after = replace(service, properties={**service.properties, "launchType": UNKNOWN_TEXT})
    judge = judging()
    for one in (cluster, defaults, service):
        assert judge.resource(one) == []
    found = short(judge.whole([cluster, defaults, after]))
    assert ("ML101-spot-on-real-time", "mandatory", "web") in found
