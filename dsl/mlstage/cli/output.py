"""Printing: data on stdout, talk on stderr, colour only on a terminal that wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import IO

import click

from mlstage.diagnostics import FORMATS, Diagnostic, Summary, counted, in_order, render


def wants_colour(stream: IO[str]) -> bool:
    """Say whether to colour: on a terminal, unless `NO_COLOR` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show_problems(
    diagnostics: Sequence[Diagnostic],
    style: str = "text",
    *,
    out: IO[str] | None = None,
    summary: Summary | None = None,
) -> None:
    """Print diagnostics; as text they are talk and go to stderr, unless `out` says otherwise.

    `summary` is what was looked at: every format but text has it in itself.
    """
    stream = out or sys.stderr
    colour = style == "text" and wants_colour(stream)
    stream.write(render(diagnostics, style, colour=colour, summary=summary or Summary()))


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Count what was found, in words."""
    return counted(in_order(diagnostics))  # as they are shown: each once


format_option = click.option(
    "--format",
    "style",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
