"""What each of our environments costs in each of its stacks, as `mlstage cost --format markdown` prints it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mlstage.insight.blocks import markdown
from mlstage.insight.cost import estimate, report
from mlstage.project import study

ROOT = Path(__file__).parents[2]
# Long enough after the table was made that it warns of age, as it does for whoever reads this.
DAY = date(2026, 11, 25)


@pytest.mark.parametrize("spec", sorted((ROOT / "environments").glob("*.py")), ids=lambda path: path.stem)
def test_an_environment_costs_what_its_reader_can_agree_with(spec: Path, golden: Callable[[str, str], None]) -> None:
    done = study(ROOT, specs=[spec])
    assert not done.failed, done.diagnostics
    for one in done.stacks:
        told = markdown(report.blocks([estimate(one.graph)], DAY))
        golden(f"golden/cost/{spec.stem}.{one.graph.stack}.md", told)
