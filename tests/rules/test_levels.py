"""Tiers: settings before the stack's configuration, before its name, before tags."""

from __future__ import annotations

import pytest

from mlstage.rules import Level, Levels, tier_of


@pytest.mark.parametrize(
    ("stack", "tier"),
    [
        ("prod", "production"),
        ("production", "production"),
        ("live", "production"),
        ("eu-prod", "production"),
        ("prod2", "production"),
        ("Prod", "production"),
        ("test", "test"),
        ("dev", "test"),
        ("alice-dev", "test"),
        ("sandbox", "test"),
        ("staging", ""),
        ("latest", ""),
        ("product", ""),
        ("delivery", ""),
        ("prod-test", ""),
        ("pre-prod", ""),
        ("non-prod", ""),
        ("preprod", ""),
        ("", ""),
    ],
)
def test_a_name_says_the_tier_or_nothing_does(stack: str, tier: str) -> None:
    assert tier_of(stack).name == tier


def test_what_says_the_tier_has_an_order_and_is_named() -> None:
    by_stack = {"prod": "test"}
    assert tier_of("prod", by_stack=by_stack, configured="production").name == "test"
    assert tier_of("prod", configured="test", config="production").name == "test"
    assert tier_of("prod", config="test", tags={"mlstage:tier": "production"}).name == "test"
    assert tier_of("prod", tags={"mlstage:tier": "test"}).name == "production"
    assert tier_of("blue", tags={"mlstage:tier": "test"}).name == "test"
    assert "mlstage:tier" in tier_of("blue", config="test").because
    assert "'prod'" in tier_of("prod").because
    assert "tagged" in tier_of("blue", tags={"mlstage:tier": "production"}).because
    assert "'blue'" in tier_of("blue").because


def test_a_foreign_tag_says_the_tier_and_mlstage_s_own_says_it_better() -> None:
    assert tier_of("", tags={"Environment": "prod"}).because == "resources are tagged Environment=prod"
    assert tier_of("", tags={"env": "dev", "mlstage:tier": "production"}).name == "production"
    assert tier_of("", tags={"Team": "prod"}).name == ""


def test_a_configured_tier_that_is_none_is_passed_over() -> None:
    assert tier_of("blue", config="staging", tags={"mlstage:tier": "gold"}).name == ""


def test_a_tier_that_is_neither_is_other() -> None:
    levels = Levels(test=Level.DISABLED, production=Level.MANDATORY, other=Level.ADVISORY)
    assert [levels.at(tier) for tier in ("test", "production", "", "staging")] == [
        Level.DISABLED,
        Level.MANDATORY,
        Level.ADVISORY,
        Level.ADVISORY,
    ]
