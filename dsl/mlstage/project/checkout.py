"""The files of a project as they were at a commit, in a folder of their own; git's state and the work tree stay.

Only the project's own folder is written, however large the repository round it is, with the folders that its specs
import from, what symbolic links lead to, and the submodules that are there. Unlike with
`git archive`, what an archive is to leave out (`export-ignore`) is there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import mlstage
from mlstage.project.git import git, line, top_of
from mlstage.project.root import ProjectError

# What a user's configuration could add to writing a folder.
_PLAIN: Final = (
    "core.sparseCheckout=false",
    "core.splitIndex=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
)
_SUBMODULE: Final = "160000"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A project's folder as it was, and the folders beside it from which its specs import, in this order."""

    folder: Path
    imports: tuple[Path, ...]


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Checkout]:
    """Write what a project needs into a temporary folder, laid out as the repository is."""
    top_now = top_of(root).resolve()
    prefix = root.resolve().relative_to(top_now).as_posix()
    imports = imported_from(top_now)
    with TemporaryDirectory(prefix="mlstage-base-") as name:
        top = Path(name).resolve() / "files"
        _write(Path(line(root, "rev-parse", "--absolute-git-dir")), commit, top, (prefix, *imports))
        folder = top / prefix
        folder.mkdir(parents=True, exist_ok=True)  # a project that was not there yet has no specs
        yield Checkout(folder, tuple(top / path for path in imports))


def imported_from(top: Path) -> tuple[str, ...]:
    """Name the folders of a repository from which this process imports, relative to its top.

    They come from `PYTHONPATH` or from packages that are installed to be edited where they are. What is installed for
    good is not among them, and neither is mlstage: a base is read by the mlstage of now.
    """
    paths = [Path(entry).resolve() for entry in sys.path if entry]
    ours = Path(mlstage.__file__).resolve().parents[1]
    installed = (Path(sys.prefix), ours)
    kept = [path for path in paths if path.is_relative_to(top) and not any(map(path.is_relative_to, installed))]
    return tuple(dict.fromkeys(path.relative_to(top).as_posix() for path in kept))


def _write(repository: Path, commit: str, top: Path, below: Sequence[str]) -> None:
    """Write what lies below some paths at a commit, and what that leads to."""
    index = {"GIT_DIR": str(repository), "GIT_WORK_TREE": str(top), "GIT_INDEX_FILE": f"{top}.index"}
    top.mkdir(parents=True, exist_ok=True)
    git(top, "read-tree", commit, env=index, config=_PLAIN)
    asked: set[str] = set()
    left = [*below]
    while left:
        asked.update(left)
        listed = git(top, "ls-files", "--stage", "-z", "--", *(f":(literal){path}" for path in left), env=index)
        entries = [_entry(entry) for entry in listed.decode(errors="surrogateescape").split("\0") if entry]
        files = "".join(f"{path}\0" for mode, _, path in entries if mode != _SUBMODULE)
        send = files.encode(errors="surrogateescape")
        git(top, "checkout-index", "--force", "--quiet", "-z", "--stdin", send=send, env=index, config=_PLAIN)
        _write_submodules(repository, commit, top, [(held, path) for mode, held, path in entries if mode == _SUBMODULE])
        left = sorted(set(_led_to(top, [path for _, _, path in entries])) - asked)
    Path(f"{top}.index").unlink(missing_ok=True)


def _entry(text: str) -> tuple[str, str, str]:
    """Take apart a line of `git ls-files --stage`: mode, object, and the path."""
    about, _, path = text.partition("\t")
    mode, held, _stage = about.split(" ")
    return mode, held, path


def _led_to(top: Path, paths: Sequence[str]) -> Iterator[str]:
    """Yield what symbolic links among these files lead to inside the repository, where that is not written yet."""
    for path in paths:
        entry = top / path
        if entry.is_symlink() and not entry.exists():
            leads_to = Path(os.path.normpath(entry.parent / entry.readlink()))
            if leads_to.is_relative_to(top):
                yield leads_to.relative_to(top).as_posix()


def _write_submodules(repository: Path, commit: str, top: Path, found: Sequence[tuple[str, str]]) -> None:
    """Write submodules at the commits that they had; of one that is not cloned, or not so far, the folder is empty."""
    names = _names_of_submodules(repository, commit) if found else {}
    for held, path in found:
        theirs = repository / "modules" / names.get(path, path)
        try:
            git(theirs, "cat-file", "-e", f"{held}^{{commit}}", env={"GIT_DIR": str(theirs)})
        except ProjectError:
            continue
        _write(theirs, held, top / path, ["."])


def _names_of_submodules(repository: Path, commit: str) -> dict[str, str]:
    """Read which name git keeps the submodule of a path under."""
    wanted = ("config", "--null", "--blob", f"{commit}:.gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    try:
        told = git(repository, *wanted, env={"GIT_DIR": str(repository)}).decode(errors="surrogateescape")
    except ProjectError:  # no such file, or none of git's
        return {}
    pairs = [entry.partition("\n") for entry in told.split("\0") if entry]
    return {path: key.removeprefix("submodule.").removesuffix(".path") for key, _, path in pairs}
