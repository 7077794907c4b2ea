"""Compare a folder of generated files with what it should be; tell what mlstage wrote from what people did to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.emit.manifests import known, read
from mlstage.emit.partial import beside_others
from mlstage.emit.plans import EmitError, Plan, digest


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
        return differences(beside_others(plan, root), root, known(root, plan.folder))


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
