"""Diagnostics in every format: text for people, JSON for programs, and what pull requests and CI servers show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final

from mlstage.diagnostics.folded import folded
from mlstage.diagnostics.junit import junit
from mlstage.diagnostics.markdown import markdown
from mlstage.diagnostics.model import Diagnostic, Severity, Summary, Where, in_order
from mlstage.diagnostics.sarif import sarif

_COLOURS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_PLACE: Final = tuple(one.name for one in fields(Where))
_GITHUB_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(
    diagnostics: Sequence[Diagnostic],
    style: str = "text",
    *,
    colour: bool = False,
    summary: Summary = Summary(),  # noqa: B008 - frozen
) -> str:
    """Render in one of `FORMATS`; the result ends with a newline unless it is empty."""
    ordered = in_order(diagnostics)
    return _text(ordered, colour) if style == "text" else FORMATS[style](ordered, summary)


def _text(diagnostics: Sequence[Diagnostic], colour: bool) -> str:
    return "".join(_text_one(d, colour) for d in folded(diagnostics))


def _text_one(d: Diagnostic, colour: bool) -> str:
    label = f"{d.severity} {d.code}"
    if colour:
        label = f"\x1b[1;{_COLOURS[d.severity]}m{label}\x1b[0m"
    place = f"{d.where}: " if d.where else ""
    lines = [f"{place}{label}: {d.what}{_in_stack(d)}"]
    lines += [f"  {line}" for line in (*d.why.splitlines(), *_notes(d), f"fix: {d.instead}")]
    return "\n".join(lines) + "\n"


def _notes(d: Diagnostic) -> Iterator[str]:
    for related in d.related:
        yield f"note: {related.message}" + (f" ({related.where})" if related.where else "")


def as_dict(d: Diagnostic) -> dict[str, object]:
    """Give the stable JSON shape of one diagnostic."""
    return {
        "code": d.code,
        "what": d.what,
        "instead": d.instead,
        "severity": d.severity.value,
        "where": _place(d.where),
        "why": d.why,
        "subject": d.subject,
        "field": d.field,
        "stack": d.stack,
        "related": [{"message": note.message, "where": _place(note.where)} for note in d.related],
        "kind": d.kind.value,
        "title": d.title,
    }


def _place(where: Where | None) -> dict[str, object] | None:
    return {name: getattr(where, name) for name in _PLACE} if where else None


def _in_stack(d: Diagnostic) -> str:
    """Name the stack of a problem that not every stack has, where neither its text nor its file does."""
    told = not d.stack or f"stack {d.stack!r}" in d.what or (d.where is not None and f".{d.stack}." in d.where.file)
    return "" if told else f" (stack {d.stack!r})"


def _json(diagnostics: Sequence[Diagnostic], summary: Summary) -> str:
    """Write one diagnostic a line, which people can search and programs can cut."""
    head = json.dumps({"version": 1, **summary.facts}, indent=2, ensure_ascii=False).removesuffix("\n}")
    lines = (json.dumps(as_dict(d), ensure_ascii=False) for d in diagnostics)
    listed = "".join(f"\n    {line}," for line in lines).removesuffix(",")
    return f'{head},\n  "diagnostics": [{listed}{chr(10) + "  " if listed else ""}]\n}}\n'


def _github(diagnostics: Sequence[Diagnostic], summary: Summary) -> str:
    told = f"::notice title=mlstage::{_github_escape(chr(10).join(summary.lines))}\n" if summary.facts else ""
    return "".join(_github_one(d) for d in folded(diagnostics)) + told


def _github_one(d: Diagnostic) -> str:
    properties: dict[str, str] = {}
    if d.where:
        properties["file"] = d.where.file
        spots = {"line": d.where.line, "endLine": d.where.end_line, "col": d.where.column}
        properties.update({key: str(value) for key, value in spots.items() if value})
    properties["title"] = f"{d.code}: {d.title}" if d.title else d.code
    message = "\n".join(part for part in (d.what + _in_stack(d), d.why, *_notes(d), f"fix: {d.instead}") if part)
    listed = ",".join(f"{key}={_github_escape(value, in_property=True)}" for key, value in properties.items())
    return f"::{_GITHUB_LEVEL[d.severity]} {listed}::{_github_escape(message)}\n"


def _github_escape(text: str, *, in_property: bool = False) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if in_property else escaped


FORMATS: Final[Mapping[str, Callable[[Sequence[Diagnostic], Summary], str]]] = {
    "text": lambda diagnostics, _: _text(diagnostics, colour=False),
    "json": _json,
    "sarif": sarif,
    "junit": junit,
    "github": _github,
    "markdown": markdown,
}
