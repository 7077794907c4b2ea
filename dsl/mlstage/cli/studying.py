"""Compiling a project's stacks for a command that tells of all that are in order, whatever is wrong with others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlstage.project.study import Study


def studied(root: Path, specs: Sequence[Path], stacks: Sequence[str]) -> Study:
    """Compile stacks on all cores; what is wrong is printed, and ends the command where nothing is left to tell of.

    So does a stack that no environment has: what was asked for is wrong then, and not a spec.
    """
    from mlstage.cli.output import show_problems
    from mlstage.cli.progress import progress
    from mlstage.diagnostics import exit_code
    from mlstage.project.fleet import study_fleet

    with progress("reading specs") as told:
        done = study_fleet(root, specs=specs, stacks=stacks, progress=told)
    if done.errors:
        show_problems(done.errors)
    if not done.stacks or any(error.where is None for error in done.errors):
        raise click.exceptions.Exit(exit_code(done.errors))
    return done


def refuse_errors(done: Study) -> None:
    """End a command that needs all of its specs in order, with what is wrong with any."""
    from mlstage.cli.output import show_problems
    from mlstage.diagnostics import exit_code

    if done.errors:
        show_problems(done.errors)
        raise click.exceptions.Exit(exit_code(done.errors))


def code_of(done: Study, otherwise: bool) -> int:
    """Give the exit code: what is wrong with the input goes before what the command found."""
    from mlstage.diagnostics import exit_code

    return exit_code(done.errors) if done.errors else int(otherwise)
