"""Diagnostics as Markdown, for a comment on a pull request or the summary of a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mlstage.diagnostics.folded import folded
from mlstage.diagnostics.model import Diagnostic, Kind, Severity, Summary, counted

_SPECIAL: Final = re.compile(r"([\\*<>|]|(?<!\w)_|_(?!\w)|\](?=[(\[:])|~(?=~))")
_CODE: Final = re.compile(r"(`[^`\n]*`)")


def markdown(diagnostics: Sequence[Diagnostic], summary: Summary) -> str:
    """Write the count, what was looked at, and a table with a row for each diagnostic; what is alike shares one."""
    lines = [f"**{counted(diagnostics)}**", ""]
    if summary.lines:
        lines += [*(f"- {_text(line)}" for line in summary.lines), ""]
    if diagnostics:
        lines += ["| | | What | Where |", "|---|---|---|---|", *(_row(one) for one in folded(diagnostics))]
    return "\n".join(lines).rstrip() + "\n"


def _row(one: Diagnostic) -> str:
    weight = one.severity.value if one.severity is Severity.ERROR or one.kind is Kind.PROBLEM else one.kind.value
    notes = (f"note: {note.message}" + (f" ({note.where})" if note.where else "") for note in one.related)
    parts = [one.what, *one.why.splitlines(), *notes, f"fix: {one.instead}"]
    what = "<br>".join(_text(part) for part in parts)
    place = _text(str(one.where)) if one.where else ""
    return f"| {weight} | {_text(one.code)} | {what} | {place} |"


def _text(text: str) -> str:
    """Escape what Markdown or a table would take for its own; text between backticks stays as it is."""
    flat = " ".join(text.split())
    parts = _CODE.split(flat)
    # Every second part is code, in which only the bar of a table needs care.
    return "".join(
        part.replace("|", "\\|") if index % 2 else _SPECIAL.sub(r"\\\1", part) for index, part in enumerate(parts)
    )
