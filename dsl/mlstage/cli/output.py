"""Printing: data on stdout, talk on stderr, colour only on a terminal that wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import IO

import click

from mlstage.diagnostics import FORMATS, Diagnostic, Severity, in_order, render


def wants_colour(stream: IO[str]) -> bool:
    """Say whether to colour: on a terminal, unless `NO_COLOR` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show_problems(diagnostics: Sequence[Diagnostic], style: str = "text", *, out: IO[str] | None = None) -> None:
    """Print diagnostics; as text they are talk and go to stderr, unless `out` says otherwise."""
    stream = out or sys.stderr
    stream.write(render(diagnostics, style, colour=style == "text" and wants_colour(stream)))


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Count what was found, in words."""
    diagnostics = in_order(diagnostics)  # as they are shown: each once
    counts = {
        "error": sum(d.severity is Severity.ERROR for d in diagnostics),
        "warning": sum(d.severity is Severity.WARNING for d in diagnostics),
        "note": sum(d.severity is Severity.NOTE for d in diagnostics),
    }
    told = [f"{number} {word}{'s' if number != 1 else ''}" for word, number in counts.items() if number]
    return ", ".join(told) or "no problems"


format_option = click.option(
    "--format",
    "style",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
