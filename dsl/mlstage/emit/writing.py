"""Write a folder of generated files as a whole or not at all, and spare what people edited."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.comparing import REFUSED, REMOVED, differences, explain, speaking
from mlstage.emit.manifests import journal_of, known, read
from mlstage.emit.partial import beside_others
from mlstage.emit.plans import MANIFEST_VERSION, EmitError, Plan, digest

_NEW: Final = ".mlstage-new"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed, by path; both are empty if everything was as it should be."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


def write(plan: Plan, root: Path, *, force: bool = False) -> Written:
    """Bring a folder to what the plan says: all of it, or nothing.

    Files that are right already are not touched; files of environments and stacks that are gone are removed. What a
    person edited stops the write, unless `force` is given. Raises `EmitError`.
    """
    with speaking(root, plan.folder), _alone(root):
        plan = beside_others(plan, root)
        found = differences(plan, root, known(root, plan.folder, force=force))
        refused = [one for one in found if one.state in REFUSED]
        if refused and not force:
            raise EmitError(explain(refused))
        removed = tuple(one.path for one in found if one.state in REMOVED)
        changed = tuple(one.path for one in found if one.state not in REMOVED)
        if found or _traces(root, plan.folder):
            _Swap(root, plan, changed, removed).run()
        return Written(changed, removed)


def _traces(root: Path, folder: str) -> list[Path]:
    """Find what a write that was killed left behind."""
    below, journal = root / folder, root / journal_of(folder)
    prepared = [path for depth in ("", "*/", "*/*/") for path in below.glob(f"{depth}.*{_NEW}")]
    return [*prepared, *([journal] if journal.exists() else [])]


class _Swap:
    """One write: everything is prepared beside its place, then put there by renames, the manifest last."""

    def __init__(self, root: Path, plan: Plan, changed: Iterable[str], removed: Iterable[str]) -> None:
        self.root, self.folder, self.manifest = root, plan.folder, plan.manifest
        self.journal = journal_of(plan.folder)
        self.files = {path: plan.files[path] for path in changed}
        self.removed = tuple(removed)
        self.before = {path: read(root / path) for path in (*self.files, *self.removed, self.journal)}
        self.made_folders: set[Path] = set()

    def run(self) -> None:
        """Write all; on any failure put back what was there."""
        try:
            self._prepare()
            self._exchange()
        except BaseException as error:
            if not self._put_back() and isinstance(error, Exception):
                what = f"{self.folder}/ was left half written: {error}"
                instead = "`mlstage compile` once more: it knows what it was about"
                raise EmitError([Diagnostic("GEN108", what, instead, where=Where(self.folder))]) from error
            raise
        for trace in _traces(self.root, self.folder):
            trace.unlink(missing_ok=True)
        _remove_empty(folder for path in self.removed for folder in self._folders(path))

    def _prepare(self) -> None:
        for path, content in self.files.items():
            self._make_folders(path)
            _write_through(self._new(path), content)
        self._make_folders(self.manifest)
        ours = known(self.root, self.folder, force=True)
        for path, content in self.files.items():
            ours.setdefault(path, set()).add(digest(content))
        noted = {path: sorted(ours.get(path, ())) for path in (*self.files, *self.removed) if path != self.manifest}
        journal = json.dumps({"version": MANIFEST_VERSION, "digests": noted})
        _write_through(self._new(self.journal), journal.encode())
        self._new(self.journal).replace(self.root / self.journal)

    def _exchange(self) -> None:
        for path in self.files:
            if path != self.manifest:
                self._new(path).replace(self.root / path)
        for path in self.removed:
            (self.root / path).unlink(missing_ok=True)
        # The manifest must not reach the disk before what it tells of.
        for folder in sorted({(self.root / path).parent for path in (*self.files, *self.removed)}):
            _sync_folder(folder)
        if self.manifest in self.files:
            self._new(self.manifest).replace(self.root / self.manifest)

    def _make_folders(self, path: str) -> None:
        for folder in reversed(self._folders(path)):
            if not folder.is_dir():
                folder.mkdir()
                self.made_folders.add(folder)

    def _folders(self, path: str) -> list[Path]:
        """Give the folders above a file, the innermost first, up to the one that is generated."""
        return [self.root / folder for folder in PurePosixPath(path).parents if folder != PurePosixPath(".")]

    def _new(self, path: str) -> Path:
        place = self.root / path
        return place.with_name(f".{place.name}{_NEW}")

    def _put_back(self) -> bool:
        """Restore every file, the journal last; say whether that worked. If not, the next write finds the journal."""
        try:
            for path, content in self.before.items():
                self._new(path).unlink(missing_ok=True)
                if content is None:
                    (self.root / path).unlink(missing_ok=True)
                elif read(self.root / path) != content:
                    _write_through(self._new(path), content)
                    self._new(path).replace(self.root / path)
        except OSError:
            return False
        _remove_empty(self.made_folders)
        return True


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in sorted(set(folders), reverse=True):
        with suppress(OSError):
            folder.rmdir()  # which fails, rightly, where something is left


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open a folder, nor does it need to
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep two writes of one project apart, where the system can lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
