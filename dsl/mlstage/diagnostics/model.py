"""The one type in which every layer reports a problem; text is made from it last, in `render`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """How much a diagnostic weighs: an error fails the run, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """What a diagnostic tells: a problem, a problem that could not be decided, or one that a waiver answers."""

    PROBLEM = "problem"
    UNDECIDED = "undecided"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file of the author's; lines and columns count from 1, and 0 means unknown.

    The path is relative to the project's root with forward slashes, so that output is the same on every machine.
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a diagnostic, such as the line of the spec that a stack file overrides."""

    message: str
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem of the user's: `what` is wrong with this value, `where`, and what to write `instead`.

    `why` is the reason in a sentence or two. `instead` is required: a problem without a cure is not reported.
    `subject` names the thing judged (`fraud-detection/scorer`), `field` the property of it, `stack` the stack if the
    problem exists in one stack only. `title` is what the code stands for, where no page of the code's own says it.
    """

    code: str
    what: str
    instead: str
    severity: Severity = Severity.ERROR
    where: Where | None = None
    why: str = ""
    subject: str = ""
    field: str = ""
    stack: str = ""
    related: tuple[Related, ...] = ()
    kind: Kind = Kind.PROBLEM
    title: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run looked at, told in every format: `lines` for people, `facts` (of JSON's kinds) for programs."""

    lines: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by file, line and code, and drop repetitions (a shared model is seen once per stack)."""
    nowhere = Where("")
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.where or nowhere, d.code, d.subject, d.stack, d.what)))


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """Give 2 if the input itself is wrong (SPEC and AWS errors), 1 if only rules object, 0 if nothing fails."""
    failing = [d for d in diagnostics if d.severity is Severity.ERROR]
    if not failing:
        return 0
    return 1 if all(d.code.startswith("ML") for d in failing) else 2


def counted(diagnostics: Iterable[Diagnostic]) -> str:
    """Count diagnostics in words, by how much they weigh; what is undecided or waived is no note like others."""
    words = Counter(_word(one) for one in diagnostics)
    told = [f"{number} {_plural(word, number)}" for word in _WORDS if (number := words[word])]
    return ", ".join(told) or "no problems"


_WORDS: Final = ("error", "warning", "note", "undecided", "waived")


def _word(one: Diagnostic) -> str:
    return one.severity.value if one.severity is Severity.ERROR or one.kind is Kind.PROBLEM else one.kind.value


def _plural(word: str, number: int) -> str:
    return word if number == 1 or word in ("undecided", "waived") else f"{word}s"
