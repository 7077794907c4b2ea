"""Every error has a page, and every page is true: its example is run, and what mlstage says is what the page shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mlstage.diagnostics import pages
from tests.project_support import Project

SOURCE = Path(pages.__file__).parents[2]
_FILE = re.compile(r"^`(?P<path>[^`\n]+)`:\n\n```(?:python|yaml)\n(?P<text>.*?)^```$", re.M | re.S)
_CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```$", re.M | re.S)
_CODE = re.compile(r"\b(?:SPEC|AWS|GEN|KUBE|READ|TF)\d{3}\b")
# A program that no stack has any more makes the manifest stale as well; an Inf1 type is old, whatever is asked of it.
_TOGETHER = {"GEN113": {"GEN112"}, "AWS141": {"AWS112"}}


def test_every_code_of_the_source_has_a_page_and_every_page_a_code() -> None:
    used = {code for path in SOURCE.rglob("*.py") for code in _CODE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(pages.codes())


@pytest.mark.parametrize("code", pages.codes())
def test_a_page_says_what_why_and_how_to_cure_it(code: str) -> None:
    text = pages.page(code) or ""
    assert text.startswith(f"# {code} {pages.title(code)}\n\n")
    assert text.count("**Why:** ") == 1
    assert text.count("**Cure:** ") == 1
    assert ("**No example:** " in text) != bool(_CONSOLE.search(text))
    assert max(len(line) for line in _CONSOLE.sub("", text).splitlines()) <= 120


@pytest.mark.parametrize("code", [code for code in pages.codes() if "**No example:** " not in (pages.page(code) or "")])
def test_the_example_of_a_page_gives_its_code_and_what_the_page_shows(
    project: Project, code: str, request: pytest.FixtureRequest
) -> None:
    text = pages.page(code) or ""
    (project.root / "environments/spec.py").unlink()
    for match in _FILE.finditer(text):
        project.write(match["path"], match["text"])
    console = _CONSOLE.search(text)
    assert console is not None
    shown = "".join(_played(project, console["text"]))
    if request.config.getoption("--accept"):
        page = Path(pages.__file__).parent / f"{code}.md"
        page.write_text(text.replace(console["text"], shown), encoding="utf-8", newline="\n")
    assert shown == console["text"]
    # What policy rules say of the example beside it is theirs.
    told = set(re.findall(r"(?:error|warning|note) ((?!ML)[A-Z]+\d{3}): ", shown))
    assert told - _TOGETHER.get(code, set()) == {code}


def _played(project: Project, console: str) -> list[str]:
    """Run the commands of a console one by one; only the last one speaks."""
    commands = [line.removeprefix("$ ") for line in console.splitlines() if line.startswith("$ ")]
    said = ""
    for command in commands:
        program, *arguments = command.split()
        if program == "mlstage":
            said = project.run(*arguments).said.replace(str(project.root.parent), "/home/me")
        else:
            subprocess.run(command, shell=True, cwd=project.root, check=True)
    return [*(f"$ {command}\n" for command in commands), said]
