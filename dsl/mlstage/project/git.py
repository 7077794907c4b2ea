"""Asking git about a project: what a revision is, where two histories part, which files differ.

Nothing here writes to the repository, its index or its work tree.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.offline.errors import ToolMissing
from mlstage.project.root import ProjectError

# What git hands its hooks: it names another repository or index than the one that a project lies in.
_OF_A_HOOK: Final = frozenset({"GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})


def git(
    folder: Path,
    *arguments: str,
    send: bytes = b"",
    env: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
) -> bytes:
    """Run git in a folder, and give what it prints. Raises `ProjectError` if it refuses, `ToolMissing` without it."""
    passed = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}
    command = ["git", "-C", str(folder), *(word for one in config for word in ("-c", one)), *arguments]
    try:
        done = subprocess.run(command, input=send, capture_output=True, check=False, env={**passed, **(env or {})})
    except FileNotFoundError as error:
        raise ToolMissing("git is not on this machine's PATH", "install git, or leave --base away") from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip()
    if "not a git repository" in said:
        what = f"{folder.as_posix()} is in no git repository, so it has no earlier revision"
        raise ProjectError(Diagnostic("SPEC305", what, "leave --base away, or go to a clone of the repository"))
    raise refused(f"git {arguments[0]} failed: {said or 'it said nothing'}", "the same command by hand, to see why")


def line(folder: Path, *arguments: str) -> str:
    """Run git for one line of answer."""
    return git(folder, *arguments).decode(errors="surrogateescape").rstrip("\n")


def top_of(root: Path) -> Path:
    """Give the folder of the repository that a project lies in. Raises `ProjectError` if it lies in none."""
    return Path(line(root, "rev-parse", "--show-toplevel"))


def commit_of(root: Path, ref: str) -> str:
    """Give the whole hash of the commit that a revision names, `REF...` being where it and HEAD parted.

    Raises `ProjectError`.
    """
    top_of(root)  # what is wrong with the repository itself is no matter of the revision
    name = ref.removesuffix("...")
    instead = "a branch, tag or commit of this repository, such as main or HEAD~1"
    if name.startswith("-") or not name:
        raise refused(f"{ref!r} is no git revision", instead)
    try:
        commit = line(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except ProjectError as error:
        shallow = line(root, "rev-parse", "--is-shallow-repository") == "true"
        instead += "; this clone is shallow: `git fetch --unshallow`, or fetch that revision" if shallow else ""
        raise refused(f"git knows no revision {name!r}", instead) from error
    return commit if name == ref else _parted(root, name, commit)


def _parted(root: Path, name: str, commit: str) -> str:
    try:
        return line(root, "merge-base", commit, "HEAD")
    except ProjectError as error:
        instead = f"{name}, to compare with it as it is; in a shallow clone, `git fetch --unshallow` first"
        raise refused(f"{name} and HEAD have no commit in common", instead) from error


def missing_here(root: Path, commit: str) -> int:
    """Count the commits that lead to another one and that HEAD does not have."""
    return int(line(root, "rev-list", "--count", f"HEAD..{commit}", "--"))


def refused(what: str, instead: str) -> ProjectError:
    """Say what git could not do, and what to write instead."""
    return ProjectError(Diagnostic("SPEC304", what, instead))
