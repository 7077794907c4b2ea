"""Settings: one JSON for mlstage and for the engine; levels per tier, typed options, and clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstage.rules import PRESETS, TIERS, Level, SettingsError, all_rules, load_settings, parse_settings, preset
from mlstage.rules.ml102_gpu_in_test import GpuInTest, gpu_in_test
from mlstage.rules.ml201_production_without_autoscaling import production_without_autoscaling
from mlstage.rules.ml202_single_instance_in_production import SingleInstance, single_instance_in_production
from mlstage.rules.settings import DEFAULT, Settings, schema_of


def settings(document: object) -> Settings:
    return parse_settings(json.dumps(document), all_rules())


def levels(found: Settings) -> dict[str, str]:
    return {tier: str(found.level(production_without_autoscaling, tier)) for tier in TIERS}


def test_without_settings_a_rule_has_its_own_levels() -> None:
    own = {"test": "disabled", "production": "mandatory", "other": "advisory"}
    assert levels(DEFAULT) == levels(parse_settings("", all_rules())) == own


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("advisory", {"test": "disabled", "production": "advisory", "other": "advisory"}),
        ("disabled", {"test": "disabled", "production": "disabled", "other": "disabled"}),
        # The engine reports every rule's own level, too.
        ("mandatory", {"test": "disabled", "production": "mandatory", "other": "advisory"}),
        ({"tiers": {"test": "advisory"}}, {"test": "advisory", "production": "mandatory", "other": "advisory"}),
        (
            {"enforcementLevel": "advisory", "tiers": {"production": "mandatory"}},
            {"test": "disabled", "production": "mandatory", "other": "advisory"},
        ),
        (
            {"enforcementLevel": "disabled", "tiers": {"production": "mandatory"}},
            {"test": "disabled", "production": "disabled", "other": "disabled"},
        ),
    ],
)
def test_levels_by_entry(entry: object, expected: dict[str, str]) -> None:
    assert levels(settings({"ML201-production-without-autoscaling": entry})) == expected


def test_all_is_for_every_rule_that_has_no_entry_of_its_own() -> None:
    found = settings({"all": "advisory", "ML201-production-without-autoscaling": "mandatory"})
    assert found.level(production_without_autoscaling, "production") is Level.MANDATORY
    assert found.level(single_instance_in_production, "production") is Level.ADVISORY
    assert found.level(gpu_in_test, "production") is Level.DISABLED


def test_options_are_typed_and_default() -> None:
    found = settings({"ML102-gpu-in-test": {"families": ["g4dn"]}})
    assert found.options(gpu_in_test) == GpuInTest(families=("g4dn",))
    assert DEFAULT.options(gpu_in_test) == GpuInTest()
    # Numbers reach a policy pack as floats.
    assert settings({"ML202-single-instance-in-production": {"minimum": 3.0}}).options(
        single_instance_in_production
    ) == SingleInstance(3)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"ML101-spot-on-realtime": "advisory"}, "did you mean 'ML101-spot-on-real-time'"),
        ({"ml108": "disabled"}, "there is no rule 'ml108'; write 'ML108-single-accelerator-type'"),
        ({"ML101-spot-on-real-time": "warn"}, "ML101-spot-on-real-time.enforcementLevel is 'warn'; write one of"),
        ({"ML101-spot-on-real-time": 3}, "ML101-spot-on-real-time is 3; write a level or an object"),
        ({"ML102-gpu-in-test": {"family": ["g4dn"]}}, "ML102-gpu-in-test has no 'family'; did you mean 'families'"),
        ({"ML102-gpu-in-test": {"families": "g4dn"}}, "ML102-gpu-in-test.families is 'g4dn'; write a list"),
        ({"ML102-gpu-in-test": {"families": [4]}}, "ML102-gpu-in-test.families is 4; write a text"),
        ({"ML202-single-instance-in-production": {"minimum": True}}, "minimum is True; write a whole number"),
        ({"ML102-gpu-in-test": {"tiers": {"prod": "advisory"}}}, "did you mean 'production'"),
        ({"ML102-gpu-in-test": {"tiers": []}}, "tiers must be an object"),
        ({"mlstage": {"tier": "prod"}}, "mlstage.tier is 'prod'; write one of test, production, other"),
        ({"mlstage": {"stacks": {"blue": "green"}}}, "mlstage.stacks.blue is 'green'"),
        ({"mlstage": {"strict": True}}, "mlstage has no 'strict'"),
        ({"all": {"tiers": {}}}, "all has no 'tiers'"),
        ({"mlstage": {"waivers": {}}}, "mlstage.waivers is {}; write a list of objects"),
        ({"mlstage": {"waivers": ["ML402"]}}, "mlstage.waivers: a waiver must be an object, not 'ML402'"),
        ({"mlstage": {"waivers": [{"rule": "ML402"}]}}, 'a waiver of \'ML402\' needs "reason": "holds no data"'),
        (
            {"mlstage": {"waivers": [{"rule": "ML402", "reason": "r", "until": "2027-13-01"}]}},
            "\"until\" of a waiver of 'ML402' is '2027-13-01'; write a day, such as \"2027-01-31\"",
        ),
        (
            {"mlstage": {"waivers": [{"rule": "ML402", "reason": 4, "until": "2027-01-31"}]}},
            "\"reason\" of a waiver of 'ML402' is 4; write a text",
        ),
        ({"mlstage": {"waivers": [{"resources": "x"}]}}, "waivers[0] has no 'resources'; did you mean 'resource'"),
        ([], "must be an object"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(document: object, message: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings(document)
    assert message in str(refusal.value)


def test_everything_that_is_wrong_is_told_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    text = """{
  "mlstage": {"tier": "prod"},
  "ML108": "disabled",
  "ML101-spot-on-real-time": "warn",
  "ML402-unencrypted-storage": "advisory"
}
"""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_settings(path, all_rules())
    assert [line.removeprefix(path.as_posix()) for line in str(refusal.value).splitlines()] == [
        ":3: there is no rule 'ML108'; write 'ML108-single-accelerator-type'",
        ":4: ML101-spot-on-real-time.enforcementLevel is 'warn'; write one of mandatory, advisory, disabled, remediate",
        ":2: mlstage.tier is 'prod'; write one of test, production, other",
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.json: cannot be read"):
        load_settings(tmp_path / "missing.json", all_rules())
    (tmp_path / "broken.json").write_text('{\n"all":', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"broken\.json: line 2: is not JSON"):
        load_settings(tmp_path / "broken.json", all_rules())
    for text in ("[" * 100_000, '{"all": ' + "9" * 5000 + "}"):
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"odd\.json: is no JSON that can be read"):
            load_settings(tmp_path / "odd.json", all_rules())
    (tmp_path / "latin.json").write_bytes(b'{"all": "\xe9"}')
    with pytest.raises(SettingsError, match=r"latin\.json: is not UTF-8"):
        load_settings(tmp_path / "latin.json", all_rules())


def test_the_recommended_preset_is_what_rules_come_with() -> None:
    found = parse_settings(preset("recommended", all_rules()), all_rules())
    for rule in all_rules():
        for tier in TIERS:
            assert found.level(rule, tier) is DEFAULT.level(rule, tier), (rule.id, tier)
        assert found.options(rule) == DEFAULT.options(rule), rule.id


def test_strict_and_learning_differ_in_level_only() -> None:
    for name, level in (("strict", Level.MANDATORY), ("learning", Level.ADVISORY)):
        found = parse_settings(preset(name, all_rules()), all_rules())
        for rule in all_rules():
            for tier in TIERS:
                off = DEFAULT.level(rule, tier) is Level.DISABLED
                assert found.level(rule, tier) is (Level.DISABLED if off else level), (name, rule.id, tier)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_committed_as_generated(name: str) -> None:
    committed = Path(__file__).parents[2] / "policies" / f"{name}.json"
    assert committed.read_text(encoding="utf-8") == preset(name, all_rules())


def test_the_engine_gets_the_schema_of_options() -> None:
    assert schema_of(gpu_in_test)["families"] == {"type": "array", "items": {"type": "string"}}
    assert schema_of(single_instance_in_production)["minimum"] == {"type": "integer"}
