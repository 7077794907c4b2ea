"""`mlstage review` of every change of a history, as the comment that a reviewer reads."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from mlstage.cli import main
from tests.review.history import HISTORY, START, Files, states


class Repository:
    """A project in a git repository of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        named = ("-c", "user.name=demo", "-c", "user.email=demo@acme.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *named, *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout

    def write(self, files: Files) -> None:
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)


def mlstage(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
        patched.setattr("sys.argv", ["mlstage", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main()
    return int(leaving.value.code or 0), out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, dict[str, Any]]]]:
    """Make the history, and review each change before it is committed, as a comment and as data."""
    repository = Repository(tmp_path_factory.mktemp("history") / "acme")
    repository.write(START)
    repository.commit("the beginning")
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(repository.root)
        for name, _, after in states():
            repository.write(after)
            code, comment, err = mlstage("review", "--base", "HEAD", "--format", "markdown")
            assert code == 0, err
            status = repository.git("status", "--porcelain")
            _, data, _ = mlstage("review", "--base", "HEAD", "--format", "json")
            assert repository.git("status", "--porcelain") == status
            found[name] = comment, json.loads(data)
            repository.commit(name)
    yield found


@pytest.mark.parametrize("name", [change.name for change in HISTORY])
def test_the_review_of_each_change_is_one_that_its_reader_can_agree_with(
    reviews: dict[str, tuple[str, dict[str, Any]]], name: str, golden: Callable[[str, str], None]
) -> None:
    golden(f"golden/{name}.md", reviews[name][0])
