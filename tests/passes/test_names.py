import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstage.passes import content_hash, physical_name
from mlstage.passes.names import SAGEMAKER

WORD = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True)


def test_a_name_that_fits_is_left_alone() -> None:
    assert physical_name("fraud-detection", "prod", "scorer") == "fraud-detection-prod-scorer"
    assert physical_name("a" * 31, "b" * 31) == f"{'a' * 31}-{'b' * 31}"  # 63 characters: the limit itself


def test_a_long_name_loses_letters_of_its_longest_part_and_gets_a_hash() -> None:
    long = physical_name("fraud-detection", "prod", "a-very-long-workload-name-that-goes-on-and-on", "p95-latency")
    assert long == "fraud-detection-prod-a-very-long-workload-p95-latency-72704b3b"
    assert physical_name("fraud-detection", "prod", "scorer", "targets", limit=32) == "fraud-prod-score-target-7f8b1549"


def test_characters_that_the_form_refuses_are_replaced_and_hashed() -> None:
    assert physical_name("fraud", "prod.eu", "scorer") == "fraud-prod-eu-scorer-07f9ef69"
    lower = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
    assert physical_name("Fraud", "prod", pattern=lower) == "fraud-prod-5afb80c7"


def test_empty_parts_do_not_show() -> None:
    assert physical_name("fraud", "", "scorer") == "fraud-scorer"


def test_no_name_is_better_than_a_wrong_one() -> None:
    with pytest.raises(ValueError, match="at most 63 characters"):
        physical_name("7days", pattern=re.compile(r"[a-z][a-z0-9-]*"))
    with pytest.raises(ValueError, match="at most 8 characters"):
        physical_name("fraud-detection", limit=8)


@given(st.lists(WORD, min_size=1, max_size=5), st.integers(16, 80))
def test_names_are_bounded_and_of_the_form(parts: list[str], limit: int) -> None:
    name = physical_name(*parts, limit=limit)
    assert len(name) <= limit
    assert SAGEMAKER.fullmatch(name)
    assert name == physical_name(*parts, limit=limit)


@given(st.text(), st.text())
def test_different_names_stay_different(first: str, second: str) -> None:
    if first != second:
        assert physical_name("scorer", first, limit=20) != physical_name("scorer", second, limit=20)


def test_a_content_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": (2, None)}) == content_hash({"b": (2, None), "a": 1}) == "c8caf5ad"
    assert content_hash({"a": "1"}) != content_hash({"a": 1})
