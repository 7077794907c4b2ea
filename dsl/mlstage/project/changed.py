"""Which stacks a change may have touched: what they rest on, held against the files that differ from a revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from mlstage.project.cache import is_steady
from mlstage.project.checkout import imported_from
from mlstage.project.git import commit_of, git, top_of
from mlstage.project.part import CompiledStack
from mlstage.project.root import SPECS

# What every stack rests on: the project itself, how it is judged, and which mlstage and Pulumi are installed.
_SHARED_FILES: Final = frozenset({"Pulumi.yaml", "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock"})
_SHARED_FOLDERS: Final = frozenset({"policies", "requirements"})


@dataclass(frozen=True, slots=True)
class Touched:
    """A stack, and the first file that may have changed it; empty if none has."""

    stack: CompiledStack
    because: str


@dataclass(frozen=True, slots=True)
class Change:
    """The files of a repository that differ from a commit, from its top.

    `gone` are those that are no longer where they were, `deleted` those of them that are nowhere else either.
    """

    root: Path
    top: Path
    commit: str
    files: frozenset[PurePosixPath]
    gone: frozenset[PurePosixPath]
    deleted: frozenset[PurePosixPath]

    @property
    def deleted_specs(self) -> tuple[str, ...]:
        """The specs that are deleted: they have no stack that could be touched."""
        return tuple(sorted(str(path) for path in self._in_project(self.deleted) if _is_spec(path)))

    def touched(self, stacks: Sequence[CompiledStack]) -> tuple[Touched, ...]:
        """Say of each stack whether it may differ from what it was."""
        shared = min((str(path) for path in self._in_project(self.files) if _is_shared(path)), default="")
        unnoticed = min(map(str, self._may_have_been_read()), default="")
        return tuple(Touched(one, self._because(one) or shared or self._unsteady(one, unnoticed)) for one in stacks)

    def unchanged(self, one: CompiledStack) -> bool:
        """Say whether a stack is surely what it was: its spec asks for nothing but files, and all of them are."""
        return not self._because(one) and is_steady(self.root, one.sources)

    def _because(self, one: CompiledStack) -> str:
        names = sorted({*one.sources, f"Pulumi.{one.graph.stack}.yaml"})
        return next((name for name in names if self.differs(name)), "")

    def differs(self, name: str) -> bool:
        """Say whether a file of the project differs, or what its symbolic link leads to, or the submodule it is in."""
        places = {self.root / name, (self.root / name).resolve()}
        paths = [PurePosixPath(place.relative_to(self.top)) for place in places if place.is_relative_to(self.top)]
        return any(path in self.files or not self.files.isdisjoint(path.parents) for path in paths)

    def _unsteady(self, one: CompiledStack, because: str) -> str:
        return because if because and not is_steady(self.root, one.sources) else ""

    def _may_have_been_read(self) -> Iterator[PurePosixPath]:
        """Yield what is among no spec's files and may have told one something.

        A spec that looks which files there are does not read one that is gone, and may import from folders of the
        repository that are not in the project.
        """
        yield from (path for path in self._in_project(self.gone) if not _is_spec(path))
        beside = [path for path in map(PurePosixPath, imported_from(self.top)) if not self._in_project([path])]
        outside = (path for path in self.files if not self._in_project([path]))
        yield from (path for path in outside if any(map(path.is_relative_to, beside)))

    def _in_project(self, paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
        """Give those that lie in the project, from its root."""
        prefix = self.root.relative_to(self.top)
        return [path.relative_to(prefix) for path in paths if path.is_relative_to(prefix)]


def change_since(root: Path, base: str) -> Change:
    """List what differs from a revision, committed or not, and what git does not know yet.

    Raises `ProjectError` for a revision that git does not know, `ToolMissing` where there is no git.
    """
    root, top = root.resolve(), top_of(root).resolve()
    commit = commit_of(root, base)
    diff = ("diff", "--name-only", "--ignore-submodules=untracked", "-z", commit)
    unknown = git(top, "ls-files", "--others", "--exclude-standard", "-z")
    differing = _paths(git(top, *diff, "--no-renames") + unknown)
    gone, deleted = (_paths(git(top, *diff, "--diff-filter=D", way)) for way in ("--no-renames", "--find-renames"))
    return Change(root, top, commit, differing, gone, deleted)


def _paths(listed: bytes) -> frozenset[PurePosixPath]:
    return frozenset(PurePosixPath(name) for name in listed.decode(errors="surrogateescape").split("\0") if name)


def _is_spec(path: PurePosixPath) -> bool:
    return path.parent == PurePosixPath(SPECS) and path.suffix == ".py" and not path.name.startswith("_")


def _is_shared(path: PurePosixPath) -> bool:
    return str(path) in _SHARED_FILES or (len(path.parts) > 1 and path.parts[0] in _SHARED_FOLDERS)
