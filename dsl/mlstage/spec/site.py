"""Where in the author's own file a value was written, found lazily: only a diagnostic pays for it."""

from __future__ import annotations

import ast
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

from mlstage.diagnostics import Where

_PACKAGE = str(Path(__file__).resolve().parent.parent)


class Site:
    """The call that made a node. Two sites are always equal, so that equal specs on different lines are equal."""

    __slots__ = ("_code", "_lasti", "_line")

    def __init__(self, code: CodeType, lasti: int, line: int) -> None:
        self._code = code
        self._lasti = lasti
        self._line = line

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Site)  # a node from a stack's file has none

    def __hash__(self) -> int:
        return 0

    def where(self) -> Where:
        """Give the place of the whole call."""
        line, end_line, column, end_column = self._span()
        return Where(shown_path(self._code.co_filename), line, column + 1, end_line, end_column + 1)

    def where_of(self, argument: str | int, *inside: str | int) -> Where:
        """Give the place of one argument, by keyword or by number, or of an item in the list or dict that it is.

        What cannot be found in the author's text is given the place of the nearest thing around it.
        """
        call = self._call()
        found: ast.expr | ast.keyword | None = _argument(call, argument) if call else None
        if found is None:
            return self.where()
        for part in inside:
            value = _item(found.value if isinstance(found, ast.keyword) else found, part)
            if value is None:
                break
            found = value
        return Where(
            shown_path(self._code.co_filename),
            found.lineno,
            found.col_offset + 1,
            found.end_lineno or found.lineno,
            (found.end_col_offset or found.col_offset) + 1,
        )

    def has(self, keyword: str) -> bool:
        """Say whether the call has an argument of this name, as far as its text tells."""
        call = self._call()
        return call is not None and _argument(call, keyword) is not None

    def _span(self) -> tuple[int, int, int, int]:
        line, end_line, column, end_column = _positions(self._code)[self._lasti // 2]
        return line or self._line, end_line or self._line, column or 0, end_column or 0

    def _call(self) -> ast.Call | None:
        return _calls(self._code.co_filename).get(self._span())


def _argument(call: ast.Call, name: str | int) -> ast.expr | ast.keyword | None:
    if isinstance(name, int):
        return call.args[name] if name < len(call.args) else None
    return next((keyword for keyword in call.keywords if keyword.arg == name), None)


def _item(value: ast.expr, part: str | int) -> ast.expr | None:
    match value:
        case ast.List(elts=items) | ast.Tuple(elts=items) if isinstance(part, int):
            plain = part < len(items) and not any(isinstance(item, ast.Starred) for item in items[: part + 1])
            return items[part] if plain else None
        case ast.Dict(keys=keys):
            return next((key for key in keys if isinstance(key, ast.Constant) and key.value == part), None)
        case _:
            return None


@lru_cache(maxsize=64)
def _positions(code: CodeType) -> tuple[tuple[int | None, int | None, int | None, int | None], ...]:
    return tuple(code.co_positions())


@lru_cache(maxsize=64)
def _calls(filename: str) -> dict[tuple[int, int, int, int], ast.Call]:
    try:
        tree = ast.parse(Path(filename).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return {
        (node.lineno, node.end_lineno or node.lineno, node.col_offset, node.end_col_offset or 0): node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


def author_site() -> Site | None:
    """Find the innermost frame outside mlstage and pydantic: the line that the author wrote."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_authors(frame.f_code.co_filename):
        frame = frame.f_back
    return Site(frame.f_code, frame.f_lasti, frame.f_lineno) if frame else None


def is_authors(filename: str) -> bool:
    """Tell an author's file from mlstage's own and pydantic's."""
    return not filename.startswith((_PACKAGE, "<")) and "/pydantic/" not in filename


def shown_path(filename: str) -> str:
    """Write a path as diagnostics show it: relative to the working directory when it lies below it."""
    # Asked for every value of a spec, so as text: a path object for each would cost more than all the rest.
    here = os.getcwd()  # noqa: PTH109
    return filename.removeprefix(here + os.sep).replace(os.sep, "/")
