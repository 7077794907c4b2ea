"""Diagnostics as SARIF 2.1.0, which code scanning on GitHub, and other viewers, take.

What is undecided has the kind `open`, and what a waiver answers a suppression, as the format means it:
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from mlstage._version import __version__
from mlstage.diagnostics.model import Diagnostic, Kind, Related, Severity, Summary, Where

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
# Paths are relative to the project's root, which viewers know as the root of the sources.
_ROOT: Final = "%SRCROOT%"


def sarif(diagnostics: Sequence[Diagnostic], summary: Summary) -> str:
    """Write one run with a result for each diagnostic."""
    codes = sorted({one.code for one in diagnostics})
    first = {one.code: one for one in reversed(diagnostics)}
    notifications = [{"level": "note", "message": {"text": line}} for line in summary.lines]
    run = {
        "tool": {"driver": _driver([first[code] for code in codes])},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the project"}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": [_result(one, codes.index(one.code)) for one in diagnostics],
        **({"properties": dict(summary.facts)} if summary.facts else {}),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _driver(examples: Iterable[Diagnostic]) -> dict[str, Any]:
    return {"name": "mlstage", "semanticVersion": __version__, "rules": [_rule(one) for one in examples]}


def _rule(example: Diagnostic) -> dict[str, Any]:
    """Describe a code by one of its diagnostics: the reason is the rule's, whatever it objects to."""
    from mlstage.diagnostics import pages

    known = example.code in pages.codes()
    about = pages.title(example.code) if known else example.title or example.why or example.what
    how = f"`mlstage explain {example.code}` tells more."
    return {
        "id": example.code,
        "shortDescription": {"text": about},
        "fullDescription": {"text": example.why or about},
        "help": {"text": how, "markdown": pages.page(example.code) or f"{example.why}\n\n{how}"},
    }


def _result(one: Diagnostic, index: int) -> dict[str, Any]:
    is_open = one.kind is Kind.UNDECIDED and one.severity is not Severity.ERROR
    message = "\n".join(part for part in (one.what, one.why, f"fix: {one.instead}") if part)
    places = _locations(one)
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "kind": "open" if is_open else "fail",
        "level": "none" if is_open else _LEVELS[one.severity],
        "message": {"text": message},
        "partialFingerprints": {"mlstage/v1": _fingerprint(one)},
    }
    if places:
        result["locations"] = places
    if related := [_related(note) for note in dict.fromkeys(one.related)]:
        result["relatedLocations"] = related
    if one.kind is Kind.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one.what}]
    return result


def _locations(one: Diagnostic) -> list[dict[str, Any]]:
    location: dict[str, Any] = {}
    if one.where:
        location["physicalLocation"] = _physical(one.where)
    if one.subject:
        name = f"{one.subject}.{one.field}" if one.field else one.subject
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return [location] if location else []


def _related(note: Related) -> dict[str, Any]:
    return {"message": {"text": note.message}, **({"physicalLocation": _physical(note.where)} if note.where else {})}


def _physical(where: Where) -> dict[str, Any]:
    path = PurePath(where.file)
    artifact: Mapping[str, str] = (
        {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(where.file), "uriBaseId": _ROOT}
    )
    spots = {
        "startLine": where.line,
        "startColumn": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
    }
    region = {key: value for key, value in spots.items() if value} if where.line else {}
    return {"artifactLocation": artifact, **({"region": region} if region else {})}


def _fingerprint(one: Diagnostic) -> str:
    """Tell the same problem again although its line has moved."""
    said = "\0".join((one.code, one.subject, one.field, one.stack, "" if one.subject else one.what))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
