"""The repository's own environments, as the engine sees their programs: nothing that `strict` refuses in production."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from mlstage.offline import Engine
from tests.engine_support import OfflineProject
from tests.policies.test_engine import PACK, verdict

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]


def test_the_programs_of_all_environments_pass_strict_in_production(tmp_path: Path, engine: Engine) -> None:
    project = OfflineProject(tmp_path / "mlstage", engine, name="mlstage")
    for name in ("environments", "programs"):
        shutil.copytree(ROOT / name, project.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, project.root)
    strict = str(PACK / "strict.json")
    said = project.pulumi("preview", "--policy-pack", str(PACK), "--policy-pack-config", strict, stack="prod")
    assert "mlstage judges stack 'prod' as production" in said
    assert [one for one in verdict(said) if one[0] == "mandatory"] == []
    # What only AWS will tell is said, and nothing else advises: `strict` makes the rest mandatory.
    open_or_waived = len(re.findall(r"cannot be decided|waived until", said))
    advised = Counter(level for level, rule, _ in verdict(said) if rule.startswith("ML"))["advisory"]
    assert open_or_waived >= advised
