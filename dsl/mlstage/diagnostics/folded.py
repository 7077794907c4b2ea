"""What one cause makes one rule say in many places, told once to people; programs read every place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mlstage.diagnostics.model import Diagnostic, Kind, Related, Severity

# So many more of a kind are told with the first: a stack's first plan leaves much open, and nobody reads a forgotten
# tag resource by resource. GitHub shows ten warnings of a step.
_UNDECIDED: Final = 3
_WARNINGS: Final = 10
_NAMED: Final = 5


def folded(diagnostics: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield in order, with what is alike as a note of the first. What fails is never folded."""
    alike: dict[object, list[Diagnostic]] = {}
    for one in diagnostics:
        alike.setdefault(_kind(one), []).append(one)
    for one in diagnostics:
        first, *others = alike[_kind(one)]
        if len(others) < _enough(one):
            yield one
        elif one is first:
            yield replace(one, related=(*one.related, _likewise(others)))


def _enough(one: Diagnostic) -> int:
    """Say how many others it takes to tell them with the first: of what reads the same, one."""
    if one.kind is Kind.UNDECIDED:
        return _UNDECIDED
    return 1 if one.severity is Severity.NOTE else _WARNINGS


def _kind(one: Diagnostic) -> object:
    if one.kind is Kind.UNDECIDED and one.severity is Severity.NOTE:
        return one.kind, one.code, one.stack
    if one.kind is Kind.PROBLEM and one.severity is Severity.NOTE:
        # A value that several workloads share, such as a model, is remarked on once.
        return one.kind, one.code, one.stack, one.where, one.what, one.instead
    if one.kind is Kind.PROBLEM and one.severity is Severity.WARNING:
        return one.kind, one.code, one.stack, one.why, one.instead
    return one


def _likewise(others: Sequence[Diagnostic]) -> Related:
    named = [f"{one.subject} `{one.field}`" if one.field else one.subject or one.what for one in others[:_NAMED]]
    rest = [f"and {len(others) - _NAMED} more"] if len(others) > _NAMED else []
    return Related(f"likewise {', '.join([*named, *rest])}")
