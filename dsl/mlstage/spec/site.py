"""Where in the author's own file a value was written, found lazily: only a diagnostic pays for it."""

from __future__ import annotations

import ast
import sys
from functools import lru_cache
from itertools import islice
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
        return isinstance(other, Site)

    def __hash__(self) -> int:
        return 0

    def where(self) -> Where:
        """Give the place of the whole call."""
        line, end_line, column, end_column = self._span()
        return Where(shown_path(self._code.co_filename), line, column + 1, end_line, end_column + 1)

    def where_of(self, keyword: str | int) -> Where:
        """Give the place of one argument's value: a keyword's, or by number a positional one's; else the call's."""
        call = self._call()
        value = _argument(call, keyword) if call else None
        if value is None:
            return self.where()
        return Where(
            shown_path(self._code.co_filename),
            value.lineno,
            value.col_offset + 1,
            value.end_lineno or value.lineno,
            (value.end_col_offset or value.col_offset) + 1,
        )

    def _span(self) -> tuple[int, int, int, int]:
        positions = next(islice(self._code.co_positions(), self._lasti // 2, None), (None,) * 4)
        line, end_line, column, end_column = positions
        return line or self._line, end_line or self._line, column or 0, end_column or 0

    def _call(self) -> ast.Call | None:
        return _calls(self._code.co_filename).get(self._span())


def _argument(call: ast.Call, keyword: str | int) -> ast.expr | None:
    if isinstance(keyword, int):
        return call.args[keyword] if keyword < len(call.args) else None
    return next((k.value for k in call.keywords if k.arg == keyword), None)


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
    while frame is not None and not _is_authors(frame.f_code.co_filename):
        frame = frame.f_back
    return Site(frame.f_code, frame.f_lasti, frame.f_lineno) if frame else None


def _is_authors(filename: str) -> bool:
    return not filename.startswith((_PACKAGE, "<")) and "/pydantic/" not in filename


def shown_path(filename: str) -> str:
    """Write a path as diagnostics show it: relative to the working directory when it lies below it."""
    path = Path(filename)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
