"""Which stacks a change may have touched: what they rest on, held against the files that differ from a revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstage.project.part import CompiledStack
from mlstage.project.revision import commit_of, git

# What every stack rests on: the project itself, how it is judged, and which mlstage and Pulumi are installed.
_SHARED_FILES: Final = frozenset({"Pulumi.yaml", "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock"})
_SHARED_FOLDERS: Final = ("policies/", "requirements/")


@dataclass(frozen=True, slots=True)
class Touched:
    """A stack, and the first file that may have changed it; empty if none has."""

    stack: CompiledStack
    because: str


def touched(root: Path, base: str, stacks: Sequence[CompiledStack]) -> tuple[Touched, ...]:
    """Say of each stack whether it may differ from what it was at a revision, committed or not.

    Raises `ProjectError` for a revision that git does not know, `ToolMissing` where there is no git.
    """
    changed = _changed(root, base)
    shared = next((name for name in changed if _is_shared(name)), "")
    return tuple(Touched(one, _first(changed, _rests_on(one)) or shared) for one in stacks)


def _rests_on(one: CompiledStack) -> frozenset[str]:
    return frozenset({*one.sources, f"Pulumi.{one.graph.stack}.yaml"})


def _first(changed: Iterable[str], names: frozenset[str]) -> str:
    return next((name for name in changed if name in names), "")


def _is_shared(name: str) -> bool:
    return name in _SHARED_FILES or name.startswith(_SHARED_FOLDERS)


def _changed(root: Path, base: str) -> tuple[str, ...]:
    """List the files below the root that differ from a revision, and those that git does not know yet."""
    commit = commit_of(root, base)
    differing = git(root, "diff", "--name-only", "--relative", "-z", commit, "--", ".")
    unknown = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    names = (differing + unknown).decode(errors="surrogateescape").split("\0")
    return tuple(sorted({name for name in names if name}))
