"""The documentation names what is there: variables, files, commands and codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlstage.cli.main import COMMANDS
from mlstage.diagnostics import pages
from mlstage.rules.loader import all_rules

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_COMMAND = re.compile(r"\bmlstage ([a-z][a-z-]*)")


def test_every_variable_that_a_container_is_told_is_listed() -> None:
    told = set()
    for path in (ROOT / "dsl/mlstage/targets").rglob("*.py"):
        told |= set(re.findall(r'"(MLSTAGE_[A-Z_]+)"', path.read_text(encoding="utf-8")))
    listed = set(re.findall(r"`(MLSTAGE_[A-Z_]+)`", (ROOT / "docs/targets/containers.md").read_text(encoding="utf-8")))
    assert told - listed == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_codes_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"`mlstage [^`]+`|^\$? ?mlstage .+$", text, flags=re.M))
    assert set(_COMMAND.findall(shown)) - set(COMMANDS) == set()
    known = {*pages.codes(), *(rule.id for rule in all_rules())}
    named = set(re.findall(r"\b(?:AWS|SPEC|GEN|ML)\d{3}\b", text))
    assert {code for code in named - known if not code.startswith("ML9")} == set()  # ML9xx are a user's own
