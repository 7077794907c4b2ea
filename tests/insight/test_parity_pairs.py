"""Which stacks of an environment are compared with which."""

from __future__ import annotations

import pytest

from mlstage.insight.parity import pairs


@pytest.mark.parametrize(
    ("stacks", "compared"),
    [
        (["test"], []),
        (["test", "prod"], [("test", "prod")]),
        (["prod", "test"], [("test", "prod")]),
        (["test", "prod-eu", "prod-us"], [("test", "prod-eu"), ("prod-eu", "prod-us")]),
        (["prod-us", "prod-eu"], [("prod-us", "prod-eu")]),
        (["test", "test-2", "prod", "prod-2"], [("test", "test-2"), ("test", "prod"), ("prod", "prod-2")]),
    ],
)
def test_production_is_compared_with_test_and_each_region_of_it_with_the_first(
    stacks: list[str], compared: list[tuple[str, str]]
) -> None:
    assert list(pairs(stacks, lambda name: "production" if name.startswith("prod") else "test")) == compared
