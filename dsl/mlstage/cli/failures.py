"""What a run says when it cannot go on: the user's mistake, a missing tool, or our own bug."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from typing import Final

import click

from mlstage._version import __version__
from mlstage.cli.main import EXIT_BUG, EXIT_INPUT, EXIT_TOOL

_LONGEST: Final = 200


def tell(error: Exception) -> int:
    """Print an error that no command has handled, and give the exit code."""
    from mlstage.offline.errors import OfflineError, ToolMissing
    from mlstage.project import ProjectError
    from mlstage.rules.loader import RuleFileError

    if os.environ.get("MLSTAGE_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, ProjectError):
        from mlstage.cli.output import show_problems

        show_problems([error.diagnostic])
        return EXIT_INPUT
    if isinstance(error, ToolMissing):
        click.echo(str(error), err=True)
        return EXIT_TOOL
    if isinstance(error, OfflineError | RuleFileError):
        click.echo(str(error), err=True)
        return EXIT_INPUT
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        click.echo(f"cannot go on: {error.strerror}: {_shortened(os.fsdecode(error.filename))}", err=True)
        return EXIT_INPUT
    return _bug(error)


def _shortened(path: str) -> str:
    return path if len(path) <= _LONGEST else f"{path[: _LONGEST - 1]}…"


def _bug(error: Exception) -> int:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = last.filename.rpartition("mlstage/")[2]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    lines = [
        f"mlstage {__version__} has a bug: {said} (at {place}:{last.lineno})",
        "Nothing was written. Please report it with the spec that shows it and these lines:",
        f"  mlstage {__version__}, Python {platform.python_version()}, {sys.platform}",
        "MLSTAGE_DEBUG=1 before the command shows the whole traceback.",
    ]
    click.echo("\n".join(lines), err=True)
    return EXIT_BUG
