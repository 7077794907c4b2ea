"""Compare a folder of generated files with what it should be; tell what mlstage wrote from what people did to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.plans import MANIFEST_VERSION, EmitError, Plan, digest, manifest_of


class State(StrEnum):
    """How a file differs from what it should be."""

    MISSING = "missing"
    STALE = "stale"
    EDITED = "edited"
    UNKNOWN = "unknown"
    ORPHANED = "orphaned"
    ORPHANED_EDITED = "orphaned and edited"


REFUSED: Final = frozenset({State.EDITED, State.UNKNOWN, State.ORPHANED_EDITED})
REMOVED: Final = frozenset({State.ORPHANED, State.ORPHANED_EDITED})


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not what the specs give."""

    path: str
    state: State


def check(plan: Plan, root: Path) -> tuple[Difference, ...]:
    """Compare a plan's folder with it, for `compile --check`. Raises `EmitError` if what is there cannot be read."""
    with speaking(root, plan.folder):
        return differences(plan, root, known(root, plan.folder))


def journal_of(folder: str) -> str:
    """Give the path of what names the files that an interrupted write had in hand: the next one knows them by it."""
    return f"{folder}/.mlstage-writing.json"


def explain(found: Iterable[Difference]) -> tuple[Diagnostic, ...]:
    """Say of each difference what to do about it."""
    return tuple(_diagnostic(difference) for difference in found)


def differences(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> tuple[Difference, ...]:
    """Give the orphans, then the plan's files in its order; `known` has the digests of what we wrote, by path."""
    return (*_orphans(plan, root, known), *_changes(plan, root, known))


def _orphans(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> Iterator[Difference]:
    for path in sorted(known.keys() - plan.files.keys() - plan.kept):
        if (found := read(root / path)) is not None:
            yield Difference(path, State.ORPHANED if digest(found) in known[path] else State.ORPHANED_EDITED)


def _changes(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> Iterator[Difference]:
    for path, wanted in plan.files.items():
        found = read(root / path)
        if found is None:
            yield Difference(path, State.MISSING)
        elif digest(found) != digest(wanted):
            stale = path == plan.manifest
            yield Difference(path, State.STALE if stale else _state(path, digest(found), known))


def _state(path: str, found: str, known: Mapping[str, set[str]]) -> State:
    if path not in known:
        return State.UNKNOWN
    return State.STALE if found in known[path] else State.EDITED


def known(root: Path, folder: str, *, force: bool = False) -> dict[str, set[str]]:
    """Collect, by path, the digests of what mlstage wrote: the manifest's, and those of an interrupted write.

    Raises `EmitError` for a manifest that cannot be read, unless `force` is given.
    """
    found: dict[str, set[str]] = {}
    for path, content in _noted(root, folder, force=force):
        found.setdefault(path, set()).add(content)
    return found


def manifest_there(root: Path, folder: str) -> dict[str, Any]:
    """Read a folder's manifest; it is empty if there is none. Raises `EmitError` for one that cannot be read."""
    manifest = manifest_of(folder)
    try:
        document = _document(root, manifest)
        dict(_in_manifest(document, folder))  # as whoever compares reads it
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        what = f"{manifest} cannot be read, so edited files cannot be told from generated ones"
        instead = "`mlstage compile --force`, which writes everything anew (after a merge, for example)"
        raise EmitError([Diagnostic("GEN104", what, instead, where=Where(manifest), why=why)]) from None
    return document


def _noted(root: Path, folder: str, *, force: bool) -> Iterator[tuple[str, str]]:
    try:
        yield from _in_manifest(manifest_there(root, folder), folder)
    except EmitError:
        if not force:
            raise
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        for path, contents in _document(root, journal_of(folder)).get("digests", {}).items():
            yield from ((path, content) for content in contents)


def _in_manifest(manifest: Mapping[str, Any], folder: str) -> Iterator[tuple[str, str]]:
    """Read either kind: that of programs, which their `__main__.py` reads as well, and the plain list of all others."""
    if not manifest:
        return
    if "files" in manifest:
        for file, content in manifest["files"].items():
            yield _below(folder, file), str(content)
        return
    yield f"{folder}/__main__.py", str(manifest["main"])
    for stack in manifest["stacks"].values():
        for program in stack["programs"].values():
            yield _below(folder, program["file"]), str(program["sha256"])


def _below(folder: str, file: str) -> str:
    # A manifest is only a file: it must not make us remove what lies elsewhere.
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in file.split("/")):
        raise ValueError(f"{file!r} is no path below {folder}/")
    return f"{folder}/{file}"


def _document(root: Path, path: str) -> dict[str, Any]:
    content = read(root / path)
    if content is None:
        return {}
    document = json.loads(content)
    if document["version"] != MANIFEST_VERSION:
        raise ValueError(f"it has version {document['version']!r}, and this mlstage reads {MANIFEST_VERSION}")
    return dict(document)


def read(path: Path) -> bytes | None:
    """Read a file; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def speaking(root: Path, folder: str) -> Iterator[None]:
    """Turn a file system's refusal into a diagnostic."""
    try:
        yield
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else root / folder
        shown = place.relative_to(root).as_posix() if place.is_relative_to(root) else folder
        what = f"{folder}/ cannot be used: {error.strerror or error}"
        instead = f"a folder {folder}/ that you may read and write; nothing was changed"
        raise EmitError([Diagnostic("GEN103", what, instead, where=Where(shown))]) from error


_WORDS: Final = {
    State.MISSING: ("GEN111", "has not been written yet", "`mlstage compile`"),
    State.STALE: ("GEN112", "is not what the specs give by now", "`mlstage compile`, and commit what it changes"),
    State.ORPHANED: ("GEN113", "belongs to no stack of any environment", "`mlstage compile`, which removes it"),
    State.EDITED: (
        "GEN101",
        "was edited by hand since it was generated",
        "the change in the spec, then `mlstage compile --force`, which drops the edit",
    ),
    State.ORPHANED_EDITED: (
        "GEN101",
        "belongs to no stack of any environment, and was edited by hand",
        "a copy elsewhere if it is still needed, then `mlstage compile --force`, which removes it",
    ),
    State.UNKNOWN: (
        "GEN102",
        "is not known to the manifest, so it may be somebody's own",
        "another place for it, or `mlstage compile --force`, which overwrites it",
    ),
}


def _diagnostic(difference: Difference) -> Diagnostic:
    code, what, instead = _WORDS[difference.state]
    return Diagnostic(code, f"{difference.path} {what}", instead, where=Where(difference.path))
