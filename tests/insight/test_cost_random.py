"""Whatever an author writes can be priced: each line in order from the least to the most, no type without an answer."""

from __future__ import annotations

from math import isfinite

from hypothesis import given, settings

from mlstage.insight.cost import estimate
from mlstage.insight.quotas import needs
from mlstage.spec.environment import Environment
from tests.specs import compiled, environments


@settings(max_examples=40)
@given(environments())
def test_any_environment_can_be_priced(environment: Environment) -> None:
    for graph in (compiled(environment) or {}).values():
        for line in estimate(graph).lines:
            low, expected, high = line.monthly.low, line.monthly.expected, line.monthly.high
            assert 0 <= low <= expected + 1e-9 and expected <= high + 1e-9 and isfinite(high), line
            assert "no price for this type" not in line.note, line
        assert all(0 < need.steady <= need.updating for need in needs(graph))
