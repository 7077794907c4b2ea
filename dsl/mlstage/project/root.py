"""Where a project is, and which specs it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mlstage.diagnostics import Diagnostic, Where
from mlstage.spec.site import shown_path

SPECS: Final = "environments"


def find_specs(folder: Path) -> tuple[Path, ...]:
    """List the spec files of a folder; a name that begins with `_` is a helper, not a spec."""
    return tuple(sorted(path for path in folder.glob("*.py") if not path.name.startswith("_")))


class ProjectError(Exception):
    """The project itself cannot be used; `diagnostic` says why and what to do."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.what)
        self.diagnostic = diagnostic


def find_root(start: Path) -> Path:
    """Find the project that a folder lies in: the nearest one upwards with a `Pulumi.yaml`.

    Raises `ProjectError` if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    what = f"no Pulumi.yaml in {start} or above it: this is no mlstage project"
    raise ProjectError(Diagnostic("SPEC301", what, "`mlstage init DIR` for a new project, or go to an existing one"))


def specs_of(root: Path, chosen: Sequence[Path]) -> tuple[Path, ...]:
    """List the spec files to read: those chosen (a folder means all in it), else all of the project.

    Raises `ProjectError` for one that does not exist, or a project without any.
    """
    if not chosen:
        found = find_specs(root / SPECS)
        if not found:
            what = f"`{SPECS}/` has no spec"
            instead = f"`{SPECS}/fraud_detection.py`, for example; `mlstage init` writes one to start from"
            raise ProjectError(Diagnostic("SPEC302", what, instead, where=Where(shown_path(str(root / SPECS)))))
        return found
    listed: list[Path] = []
    for path in chosen:
        if path.is_dir():
            listed += find_specs(path)
        elif path.is_file():
            listed.append(path)
        else:
            raise ProjectError(_missing(path, root))
    return tuple(dict.fromkeys(path.resolve() for path in listed))


def is_whole(root: Path, specs: Sequence[Path]) -> bool:
    """Say whether specs that were chosen, with links followed as `specs_of` does, are all of the project."""
    return set(specs) >= {path.resolve() for path in find_specs(root / SPECS)}


def _missing(path: Path, root: Path) -> Diagnostic:
    from difflib import get_close_matches

    known = [shown_path(str(spec)) for spec in find_specs(root / SPECS)]
    close = get_close_matches(path.as_posix(), known, n=1)
    instead = close[0] if close else f"one of {', '.join(known)}" if known else f"a file below {SPECS}/"
    return Diagnostic("SPEC302", f"there is no spec {path.as_posix()!r}", instead)
