"""Three-valued conditions: what is decided stays decided, and nothing unknown is taken for no."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstage.graph import UNKNOWN, ConfigSecret, Join, JsonDocument, Ref, Resource, Value
from mlstage.rules.truth import NO, YES, Field, Finding, Gap, Truth, Undecided, all_of, any_of, field, when

VOLUME = Resource("data", "aws.ebs.Volume", {})
OPEN = Truth(None, (Gap("data", "encrypted", "it is not known"),))
TRUTHS = st.sampled_from([YES, NO, OPEN])


def at(value: Value, path: str = "encrypted") -> Field:
    return Field(VOLUME, path, value)


@given(TRUTHS, TRUTHS)
def test_and_or_and_not_agree_with_every_way_the_unknown_may_turn_out(left: Truth, right: Truth) -> None:
    def outcomes(truth: Truth) -> set[bool]:
        return {True, False} if truth.value is None else {truth.value}

    both = {a and b for a in outcomes(left) for b in outcomes(right)}
    either = {a or b for a in outcomes(left) for b in outcomes(right)}
    assert outcomes(left & right) == both
    assert outcomes(left | right) == either
    assert outcomes(~left) == {not a for a in outcomes(left)}


def test_an_open_condition_keeps_what_was_missing() -> None:
    assert (YES & OPEN).gaps == OPEN.gaps
    assert (NO | OPEN).gaps == OPEN.gaps
    assert (~OPEN).gaps == OPEN.gaps


@pytest.mark.parametrize("truth", [YES, NO, OPEN])
def test_a_condition_is_no_bool(truth: Truth) -> None:
    with pytest.raises(TypeError, match="may be unknown"):
        bool(truth)


def test_all_and_any_of_nothing() -> None:
    assert all_of([]).value is True
    assert any_of([]).value is False


@pytest.mark.parametrize(
    ("value", "true", "absent"),
    [
        (True, True, False),
        ("true", True, False),
        (False, False, False),
        ("false", False, False),
        (None, False, True),
        ("", False, True),
        ((), False, True),
        ({}, False, True),
        (UNKNOWN, None, None),
        (Ref("key", "arn"), None, False),
        (Join(("arn:", Ref("key", "arn"))), None, False),
        (ConfigSecret("x"), None, False),
    ],
)
def test_a_field_is_true_or_absent_or_nobody_knows(value: Value, true: bool | None, absent: bool | None) -> None:
    assert at(value).is_true().value is true
    assert at(value).is_absent().value is absent


@pytest.mark.parametrize("opaque", [UNKNOWN, Ref("key", "arn"), Join((Ref("key", "arn"), "x")), ConfigSecret("x")])
def test_no_question_about_a_value_that_is_not_known_is_answered(opaque: Value) -> None:
    found = at(opaque)
    for truth in (found.is_one_of("x"), found.is_below(3), found.satisfies(str.isalpha), found.is_true()):
        assert truth.value is None
        assert truth.gaps[0].field == "encrypted"


def test_what_lies_in_an_unknown_value_is_unknown_at_that_value() -> None:
    variants = at(UNKNOWN, "production_variants")
    assert variants.items() == (variants,)
    assert variants["instance_type"].path == variants.path

    for opaque in (UNKNOWN, Ref("role", "arn"), Join(("a", Ref("role", "arn")))):
        inside = at(opaque, "definition")["Steps"]["Arguments"]
        # A reference is something; what the text that it gives will hold, nobody knows.
        assert (inside.is_given().value, inside.is_absent().value) == (None, None)


def test_nested_fields_know_their_path() -> None:
    config = at(({"type": "a"}, {"type": "b"}), "variants")
    assert [item["type"].path for item in config.items()] == ["variants[0].type", "variants[1].type"]
    assert at(JsonDocument({"Steps": ({"Name": "x"},)}), "definition")["Steps"].items()[0]["Name"] == Field(
        VOLUME, "definition.Steps[0].Name", "x"
    )
    # Pulumi gives an object that may occur once as such, Terraform as a list of one.
    assert at(({"encrypted": True},), "root_block_device")["encrypted"].path == "root_block_device[0].encrypted"
    assert at(None, "root_block_device")["encrypted"] == at(None, "root_block_device.encrypted")


def test_when_says_yes_no_or_what_is_missing() -> None:
    size = field(VOLUME.with_props(size=8), "size")
    assert list(when(YES, size, "too small", "size=9")) == [Finding("data", "size", "too small", "size=9")]
    assert list(when(NO, size, "too small")) == []
    assert list(when(OPEN, size, "too small")) == [Undecided("data", "encrypted", "it is not known")]
