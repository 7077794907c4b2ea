"""A spec that does not run to its end: what it says, on which line, and what to do about it."""

from __future__ import annotations

import ast
import re
import sys
import traceback
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from mlstage.diagnostics import Diagnostic, Related, Where
from mlstage.spec.site import is_authors, shown_path


def syntax_error(error: SyntaxError, path: Path) -> Diagnostic:
    """Say where a spec, or a file that it imports, is no Python."""
    where = Where(shown_path(error.filename or str(path)), error.lineno or 0, error.offset or 0)
    shown = (error.text or "").strip()
    instead = f"correct Python in place of `{shown}`" if shown else "correct Python"
    return Diagnostic("SPEC107", f"the spec is no Python: {error.msg}", instead, where=where)


def raised(error: BaseException, path: Path, root: Path) -> Diagnostic:
    """Say why a spec stopped, at the innermost line that is the author's own."""
    frames = _author_frames(error.__traceback__, root)
    where = frames[-1] if frames else Where(shown_path(str(path)))
    related = (Related("called from here", frames[0]),) if len(frames) > 1 else ()
    if isinstance(error, ImportError):
        said = re.sub(r" \(/[^)]*\)$", "", str(error))  # the place of the module on this machine
        return Diagnostic(
            "SPEC108", f"the spec cannot import: {said}", _import_cure(error), where=where, related=related
        )
    what, instead = _told(error)
    return Diagnostic("SPEC107", what, instead, where=where, related=related)


def no_environment(path: Path) -> Diagnostic:
    """Say that a spec defines nothing, or that what it makes is bound to no name."""
    shown = shown_path(str(path))
    if line := _unbound(path):
        what = "the spec defines no Environment: the one that is made here has no name at the top level"
        return Diagnostic("SPEC109", what, "environment = Environment(…), not indented", where=Where(shown, line))
    instead = (
        "environment = Environment(…) at the top level; if the file is a helper of other specs, begin its name with _"
    )
    return Diagnostic("SPEC109", "the spec defines no Environment", instead, where=Where(shown))


def _unbound(path: Path) -> int:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return 0
    made = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "Environment")
    return min((call.lineno for call in made), default=0)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _told(error: BaseException) -> tuple[str, str]:
    """Give what happened in a line, and the cure."""
    first, _, more = str(error).partition("\n")
    said = f"{type(error).__name__}: {first}{' …' if more else ''}" if first else type(error).__name__
    match error:
        case SystemExit():
            what = f"the spec calls sys.exit({'' if error.code is None else repr(error.code)})"
            return what, "leave it out: a spec describes, and what must not be deployed is left to a rule"
        case NameError() if cure := _name_cure(error.name or ""):
            return f"the spec stops with {said}", cure
        case TypeError() if cure := _call_cure(first):
            return f"the spec stops with {said}", cure
        case ValidationError() if error.errors()[0]["type"] == "frozen_instance":
            field = error.errors()[0]["loc"][0]
            what = f"the spec changes `{field}` of {error.title}, which stays as it was made"
            return what, f"{field}=… where the {error.title} is made"
        case _:
            return f"the spec stops with {said}", "a line that works: a spec is ordinary Python, run to its end"


def _name_cure(name: str) -> str:
    import mlstage

    if name in mlstage.__all__:
        return f"from mlstage import {name}"
    close = get_close_matches(name, mlstage.__all__, n=1)
    return f"`{close[0]}`" if close else ""


def _call_cure(said: str) -> str:
    """Show how a function of the language is called that was called otherwise."""
    import inspect

    import mlstage

    name = said.partition("(")[0].partition(".")[0]
    if name not in mlstage.__all__ or not re.match(r"[\w.]+\(\) ", said):
        return ""
    function = getattr(mlstage, name)
    if isinstance(function, type):
        return ""
    shown: list[str] = []
    for one in inspect.signature(function).parameters.values():
        if one.kind is one.VAR_KEYWORD:
            shown.append("test=…, prod=…")
        else:
            shown.append(f"{one.name}=…" if one.kind is one.KEYWORD_ONLY else "…")
    return f"{name}({', '.join(shown)})"


def _import_cure(error: ImportError) -> str:
    import mlstage

    missing = error.name or ""
    if not missing:
        return "the name of the file without a dot: a spec finds its neighbours by name (`from helpers import …`)"
    if missing.partition(".")[0] != "mlstage":
        if isinstance(error, ModuleNotFoundError):
            if folder := _empty_folder(missing):
                return f"`git submodule update --init {folder}`: the folder is there, and nothing is in it"
            return f"install {missing.partition('.')[0]!r} where mlstage runs, or correct the name"
        return f"a name that {missing!r} has"
    if missing != "mlstage":
        return "from mlstage import …: all that a spec needs is there"
    wanted = str(error).split("'")[1]
    close = get_close_matches(wanted, mlstage.__all__, n=1)
    return f"`{close[0]}`" if close else f"one of {', '.join(name for name in mlstage.__all__ if name[0] != '_')}"


def _empty_folder(module: str) -> str:
    """Name the folder of a package if it has nothing in it, as that of a submodule has that was not cloned."""
    places = [Path(entry) / module.partition(".")[0] for entry in sys.path if entry]
    found = [place for place in places if place.is_dir() and not any(place.iterdir())]
    return shown_path(str(found[0])) if found else ""


def _author_frames(trace: TracebackType | None, root: Path) -> list[Where]:
    return [
        Where(shown_path(frame.filename), frame.lineno or 0)
        for frame in traceback.extract_tb(trace)
        if is_authors(frame.filename)
        and Path(frame.filename).is_relative_to(root)
        and "site-packages" not in frame.filename
    ]
