"""A project as it was at a revision: its stacks, compiled in a process and a folder of their own.

The work tree is not touched: `git archive` gives the files of the revision, which go into a temporary folder. Compiling
runs the specs of that revision, as `mlstage check` runs those of the work tree, with the mlstage that is installed now.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mlstage.diagnostics import Diagnostic
from mlstage.offline.errors import ToolMissing
from mlstage.project.part import CompiledStack
from mlstage.project.root import ProjectError
from mlstage.project.stored import as_data, from_data


@dataclass(frozen=True, slots=True)
class Revision:
    """What a revision's specs come to: the stacks of what is sound, and in words what is wrong with the rest."""

    ref: str
    commit: str
    stacks: tuple[CompiledStack, ...]
    problems: tuple[str, ...]


def stacks_at(root: Path, ref: str) -> Revision:
    """Compile the project at a git revision. Raises `ProjectError`, or `ToolMissing` where there is no git."""
    commit = commit_of(root, ref)
    with checked_out(root, commit) as folder:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "mlstage.project.revision", str(folder)],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise _refused(f"the specs at {ref!r} cannot be compiled: {last}", "a newer revision, or `mlstage check` there")
    told = json.loads(done.stdout)
    return Revision(ref, commit, tuple(from_data(one) for one in told["stacks"]), tuple(told["problems"]))


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Path]:
    """Give a temporary folder with the project's files at a commit; git's own state stays as it is."""
    prefix = git(root, "rev-parse", "--show-prefix").decode().strip()
    archive = git(root, "archive", "--format=tar", f"{commit}:{prefix}" if prefix else commit)
    with TemporaryDirectory(prefix="mlstage-base-") as name:
        folder = Path(name).resolve()
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        yield folder


def commit_of(root: Path, ref: str) -> str:
    """Give the whole hash of the commit that a revision names. Raises `ProjectError`."""
    if ref.startswith("-"):
        raise _refused(f"{ref!r} is no git revision", "main, HEAD~1 or a commit's hash, for example")
    try:
        return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    except ProjectError as error:
        if error.diagnostic.code == "SPEC305":
            raise
        instead = "a branch, tag or commit of this repository; in a shallow clone, `git fetch` it first"
        raise _refused(f"git knows no revision {ref!r}", instead) from error


def git(root: Path, *arguments: str) -> bytes:
    """Run git in a project, and give what it prints. Raises `ProjectError` if it refuses, `ToolMissing` without it."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise ToolMissing("git is not on this machine's PATH", "install git, or leave --base away") from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip()
    if "not a git repository" in said:
        what = f"{root.as_posix()} is in no git repository, so it has no earlier revision"
        raise ProjectError(Diagnostic("SPEC305", what, "leave --base away, or go to a clone of the repository"))
    raise _refused(f"git {arguments[0]} failed: {said or 'it said nothing'}", "the same command by hand, to see why")


def _refused(what: str, instead: str) -> ProjectError:
    return ProjectError(Diagnostic("SPEC304", what, instead))


def _environment() -> dict[str, str]:
    """Give the process the same interpreter and packages, and nothing of git's or of a test's.

    Nothing is kept of its specs either: they lie in a folder that nobody will see again.
    """
    passed = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_", "COVERAGE"))}
    return {**passed, "MLSTAGE_SPEC_CACHE": "off"}


def main(folder: str) -> None:
    """Compile the project in a folder, and print its stacks and problems as JSON."""
    from mlstage.diagnostics import render
    from mlstage.project.fleet import study_fleet

    done = study_fleet(Path(folder))
    told = {
        "stacks": [as_data(one) for one in done.stacks],
        "problems": [render([error]).rstrip() for error in done.errors],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except ProjectError as error:
        sys.exit(error.diagnostic.what)
