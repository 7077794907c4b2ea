"""Compare `programs/` with what it should be, and tell what mlstage wrote from what people did to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.programs import FOLDER, MAIN, MANIFEST, MANIFEST_VERSION, EmitError, Plan, digest

# Names what an interrupted write had in hand, so that the next one knows those files for its own.
JOURNAL: Final = f"{FOLDER}/.mlstage-writing.json"


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
    """One file of `programs/` that is not what the specs give."""

    path: str
    state: State


def check(plan: Plan, root: Path) -> tuple[Difference, ...]:
    """Compare `programs/` with a plan, for `compile --check`. Raises `EmitError` if what is there cannot be read."""
    with speaking(root):
        return differences(plan, root, known(root))


def explain(found: Iterable[Difference]) -> tuple[Diagnostic, ...]:
    """Say of each difference what to do about it."""
    return tuple(_diagnostic(difference) for difference in found)


def differences(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> tuple[Difference, ...]:
    """Give the orphans, then the plan's files in its order; `known` has the digests of what we wrote, by path."""
    return (*_orphans(plan, root, known), *_changes(plan, root, known))


def _orphans(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> Iterator[Difference]:
    for path in sorted(known.keys() - plan.files.keys()):
        if (found := read(root / path)) is not None:
            yield Difference(path, State.ORPHANED if digest(found) in known[path] else State.ORPHANED_EDITED)


def _changes(plan: Plan, root: Path, known: Mapping[str, set[str]]) -> Iterator[Difference]:
    for path, wanted in plan.files.items():
        found = read(root / path)
        if found is None:
            yield Difference(path, State.MISSING)
        elif digest(found) != digest(wanted):
            yield Difference(path, _state(path, digest(found), known))


def _state(path: str, found: str, known: Mapping[str, set[str]]) -> State:
    if path == MANIFEST:
        return State.STALE
    if path not in known:
        return State.UNKNOWN
    return State.STALE if found in known[path] else State.EDITED


def known(root: Path, *, force: bool = False) -> dict[str, set[str]]:
    """Collect, by path, the digests of what mlstage wrote: the manifest's, and those of an interrupted write.

    Raises `EmitError` for a manifest that cannot be read, unless `force` is given.
    """
    found: dict[str, set[str]] = {}
    for path, content in _noted(root, force=force):
        found.setdefault(path, set()).add(content)
    return found


def _noted(root: Path, *, force: bool) -> Iterator[tuple[str, str]]:
    try:
        yield from _in_manifest(_document(root, MANIFEST))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if not force:
            why = f"{type(error).__name__}: {error}"
            what = f"{MANIFEST} cannot be read, so edited programs cannot be told from generated ones"
            instead = "`mlstage compile --force`, which writes everything anew (after a merge, for example)"
            raise EmitError([Diagnostic("GEN104", what, instead, where=Where(MANIFEST), why=why)]) from None
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        for path, contents in _document(root, JOURNAL).get("digests", {}).items():
            yield from ((path, content) for content in contents)


def _in_manifest(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not manifest:
        return
    yield MAIN, str(manifest["main"])
    for stack in manifest["stacks"].values():
        for program in stack["programs"].values():
            yield _below_folder(program["file"]), str(program["sha256"])


def _below_folder(file: str) -> str:
    # A manifest is only a file: it must not make us remove what lies elsewhere.
    parts = file.split("/")
    if len(parts) != 2 or any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise ValueError(f"{file!r} is no program's path")
    return f"{FOLDER}/{file}"


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
def speaking(root: Path) -> Iterator[None]:
    """Turn a file system's refusal into a diagnostic."""
    try:
        yield
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else root / FOLDER
        shown = place.relative_to(root).as_posix() if place.is_relative_to(root) else FOLDER
        what = f"{FOLDER}/ cannot be used: {error.strerror or error}"
        instead = f"a folder {FOLDER}/ that you may read and write; nothing was changed"
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
