"""Where Terraform's own files write a resource: a plan does not say, but its configuration lies in a folder.

Modules that lie in folders of their own are followed. What stands in one from a registry has its place where that is
called, which is what an author can change; what is not found at all keeps the plan's file as its place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from mlstage.diagnostics import Where

_BLOCK: Final = re.compile(
    r'^[ \t]*(?:(resource|data)[ \t]+"([^"\n]+)"|(module))[ \t]+"([^"\n]+)"[ \t]*\{', re.MULTILINE
)
_MODULE: Final = re.compile(r'module\.([^.\[]+)(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.')
_ADDRESS: Final = re.compile(r"(?P<data>data\.)?(?P<type>[^.\[]+)\.(?P<name>[^.\[]+)(?:\[.*\])?", re.DOTALL)
# Files that no hand has written are not read.
_LARGEST: Final = 2_000_000

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _File:
    """A file's text, its name as an author gives it, and where each of its lines ends."""

    shown: str
    text: str
    ends: tuple[int, ...]


Place = tuple[_File, int]


class Sources:
    """The `*.tf` files of a root module in `folder`, and of the modules that its `configuration` calls.

    `shown` is the folder as the author names it.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any], shown: Path | None = None) -> None:
        self._folder = folder
        self._shown = folder if shown is None else shown
        self._root = configuration
        self._found: dict[Path, Mapping[Key, Place]] = {}

    def where(self, address: str, path: str = "") -> Where | None:
        """Find the line of a resource's property or, where that is not written, of the resource or a module's call."""
        folder, called = self._way_to(address)
        match = _ADDRESS.fullmatch(_MODULE.sub("", address))
        if match is None:
            return None
        key = ("data" if match["data"] else "resource", match["type"], match["name"])
        found = self._blocks(folder).get(("module", "", called) if called else key)
        if found is None:
            return None
        file, start = found
        return Where(file.shown, bisect_left(file.ends, start if called else _property(file.text, start, path)) + 1)

    @cached_property
    def _calls(self) -> Mapping[str, Any]:
        calls: Mapping[str, Any] = self._root.get("root_module", {}).get("module_calls", {})
        return calls

    def _way_to(self, address: str) -> tuple[Path, str]:
        """Give the folder, from the root module on, that an address stands in.

        Where a module on the way is not local, give the folder that calls it, and its name there.
        """
        folder, calls = Path(), self._calls
        for name in _MODULE.findall(address):
            call = calls.get(name, {})
            source = call.get("source", "")
            if not source.startswith(("./", "../")):
                return folder, name
            folder /= source
            calls = call.get("module", {}).get("module_calls", {})
        return folder, ""

    def _blocks(self, inside: Path) -> Mapping[Key, Place]:
        if inside not in self._found:
            shown = self._shown / inside
            files = _files(self._folder / inside)
            self._found[inside] = {key: place for file in files for key, place in _blocks_in(file, shown / file.name)}
        return self._found[inside]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.tf")) if folder.is_dir() else []


def _blocks_in(file: Path, named: Path) -> Iterator[tuple[Key, Place]]:
    try:
        text = file.read_text(encoding="utf-8") if file.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return
    # As an author would name it from here: `modules/../main.tf` and the like are made plain.
    shown = Path(*_plain(named)).as_posix()
    read = _File(shown, text, tuple(match.start() for match in re.finditer("\n", text)))
    for match in _BLOCK.finditer(text):
        key = (match[1] or match[3], match[2] or "", match[4])
        yield key, (read, match.start() + len(match[0]) - len(match[0].lstrip()))


def _plain(file: Path) -> list[str]:
    parts: list[str] = []
    for part in file.parts:
        if part == ".." and parts and parts[-1] not in ("..", file.anchor):
            parts.pop()
        else:
            parts.append(part)
    return parts


def _property(text: str, start: int, path: str) -> int:
    """Find where a block writes a property: each part of its path as an argument or a block, from the outside in."""
    position, end = start, _end(text, start)
    for part in path.split(".") if path else ():
        name, index = re.sub(r"\[.*", "", part), re.search(r"\[(\d+)\]", part)
        written = re.compile(
            rf"^[ \t]*(?:dynamic[ \t]+\"{re.escape(name)}\"|{re.escape(name)})[ \t]*[={{]", re.MULTILINE
        )
        found = list(written.finditer(text, text.index("{", position) if position == start else position, end))
        if not found:
            break
        number = int(index[1]) if index else 0
        chosen = found[number] if number < len(found) else found[0]
        position = chosen.start() + len(chosen[0]) - len(chosen[0].lstrip())
    return position


def _end(text: str, start: int) -> int:
    """Find where a block ends, by the margin that `terraform fmt` gives its closing brace."""
    margin = text[text.rfind("\n", 0, start) + 1 : start]
    end = text.find(f"\n{margin}}}", start)
    return end if end >= 0 else len(text)
