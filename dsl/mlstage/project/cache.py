"""What earlier runs found out of specs, kept beside the engine in the user's cache until what it rests on changes.

What a part rests on: the spec with every local file that it read, the files of its stacks, mlstage itself and the
Python that runs it, the settings of the policies, and the day, by which waivers are judged. A spec is ordinary Python
and could ask a clock or the network; so only one whose imports are known to tell the same every time is kept at all.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from mlstage._version import __version__
from mlstage.offline.cache import cache_dir, write_atomic
from mlstage.project.part import Asked, Part
from mlstage.project.stored import part_as_data, part_from_data

# Of one spec, as many answers are kept: check, compile and cost ask for different ones.
_ANSWERS: Final = 8
_KEPT_S: Final = 30 * 24 * 3600
# `MLSTAGE_SPEC_CACHE=off` has every spec run anew.
_SWITCH: Final = "MLSTAGE_SPEC_CACHE"
# Modules whose answers depend on their arguments only.
_STEADY: Final = frozenset(
    {"__future__", "abc", "collections", "copy", "dataclasses", "decimal", "enum", "fractions", "functools"}
    | {"itertools", "json", "math", "mlstage", "operator", "pathlib", "re", "statistics", "string", "textwrap"}
    | {"types", "typing"}
)
# Built-ins by which Python text could come from anywhere.
_OPEN_ENDED: Final = frozenset({"__import__", "compile", "eval", "exec", "globals", "id", "input"})
# What a path can tell without the file being read, which alone is noticed.
_LOOKS_AROUND: Final = frozenset(
    {"absolute", "cwd", "exists", "expanduser", "glob", "home", "is_dir", "is_file", "is_symlink", "iterdir"}
    | {"lstat", "owner", "readlink", "resolve", "rglob", "samefile", "stat", "walk"}
)


class Cache:
    """Keeps parts for one project and one question; a folder that cannot be written keeps nothing."""

    def __init__(self, root: Path, asked: Asked) -> None:
        self._root = root
        self._question = _digest(_question(asked).encode())
        # Rules of the project's own may read anything.
        self._keeps = not asked.settings.own and os.environ.get(_SWITCH) != "off"

    def get(self, path: Path) -> Part | None:
        """Give what a spec came to, if nothing that it rests on has changed."""
        if not self._keeps:
            return None
        try:
            kept = json.loads(self._place(path).read_text(encoding="utf-8"))
            rests_on: Mapping[str, str] = kept["rests_on"]
            current = all(_file_digest(self._root / name) == digest for name, digest in rests_on.items())
            return part_from_data(kept["part"]) if current else None
        except (OSError, ValueError, KeyError, TypeError):  # not there, or not whole: work it out anew
            return None

    def put(self, path: Path, part: Part) -> None:
        """Keep what a spec came to, if it will come to the same again."""
        if not self._keeps or not is_steady(self._root, part.sources):
            return
        stacks = {stack for environment in part.environments for stack in environment.stages}
        rests_on = {name: _file_digest(self._root / name) for name in (*part.sources, *map(_stack_file, stacks))}
        place = self._place(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place, json.dumps({"rests_on": rests_on, "part": part_as_data(part)}))
            _forget(place)
        except OSError:
            return

    def _place(self, path: Path) -> Path:
        spec, asked = _digest(path.as_posix().encode()), _digest(f"{self._question}\n{_mlstage()}".encode())
        return cache_dir() / "specs" / spec[:2] / f"{spec[2:26]}-{asked[:24]}.json"


def _forget(place: Path) -> None:
    """Drop the oldest answers about a spec, and those about any that nobody asked for in a month."""
    kept = sorted((entry.stat().st_mtime, entry) for entry in place.parent.glob("*.json"))
    about = [entry for _, entry in kept if entry.name.startswith(place.name.partition("-")[0])]
    stale = [entry for written, entry in kept if time.time() - written > _KEPT_S]
    for entry in {*about[:-_ANSWERS], *stale}:
        entry.unlink(missing_ok=True)


def _question(asked: Asked) -> str:
    """Write down what was asked; places are told from the working directory, so it belongs to the question."""
    return repr((asked.stacks, asked.today, asked.settings, str(Path.cwd())))


@cache
def _mlstage() -> str:
    """Tell this mlstage from any other, also from itself before somebody changed it, and its Python."""
    package = Path(__file__).parents[1]
    stamps = sorted(
        f"{entry.relative_to(package)} {entry.stat().st_size} {entry.stat().st_mtime_ns}"
        for entry in package.rglob("*")
        if entry.suffix != ".pyc" and entry.is_file()
    )
    return _digest("\n".join([__version__, sys.version, *stamps]).encode())


def _stack_file(stack: str) -> str:
    return f"Pulumi.{stack}.yaml"


def _file_digest(path: Path) -> str:
    return _digest(path.read_bytes()) if path.is_file() else ""


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def is_steady(root: Path, sources: Iterable[str]) -> bool:
    """Say whether Python files among these ask nothing but each other and what always answers the same."""
    python = [root / name for name in sources if name.endswith(".py")]
    local = {path.stem for path in python} | {path.parent.name for path in python}
    return all(_names_used(path) <= _STEADY | local for path in python)


def _names_used(path: Path) -> set[str]:
    """Give the modules that a file imports, and the words by which it could ask more than the files it reads."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import(names=names):
                used |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=module, level=0):
                used.add((module or "").partition(".")[0])
            case ast.Name(id=name) if name in _OPEN_ENDED:
                used.add(name)
            case ast.Attribute(attr=name) if name in _LOOKS_AROUND:
                used.add(f".{name}")
            case ast.Try():  # a file or module that is not there today may be there tomorrow
                used.add("try")
    return used
