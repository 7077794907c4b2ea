"""`mlstage compile`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mlstage.cli.options import policies_option, project_root, today
from mlstage.cli.output import format_option, show_problems, summary
from mlstage.cli.settings import settings_for
from mlstage.diagnostics import Diagnostic, exit_code
from mlstage.emit import EmitError, Written, check, explain, write
from mlstage.project import study
from mlstage.project.programs import programs_of


@click.command("compile")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; fail if a program is not what its spec gives."
)
@click.option("--force", is_flag=True, help="Overwrite generated files that were edited by hand.")
@policies_option
@format_option
def command(only_check: bool, force: bool, policies: Path | None, style: str) -> None:
    """Compile all specs, for every stack, into Pulumi programs below programs/.

    The programs import Pulumi only and can be kept without mlstage. All are written or, if anything is wrong with a
    spec, none. What policy rules object to is shown and does not stop the writing: `mlstage check` fails on it, and the
    policy pack does when Pulumi runs.

    \b
    mlstage compile
    mlstage compile --check     in a pull request: are the committed programs current?
    """
    found, written = compile_project(project_root(), policies, only_check=only_check, force=force)
    show_problems(found, style, out=sys.stdout if style != "text" else None)
    if style == "text":
        click.echo(_checked(found) if only_check else _closing(found, written), err=True)
    raise click.exceptions.Exit(_code(found, only_check))


def compile_project(
    root: Path, policies: Path | None = None, *, only_check: bool = False, force: bool = False
) -> tuple[tuple[Diagnostic, ...], Written | None]:
    """Compile a project and write its programs; gives what was found, and what was written if anything may be."""
    done = study(root, settings=settings_for(root, policies), today=today())
    if done.failed:
        return done.diagnostics, None
    try:
        plan = programs_of(done)
        if only_check:
            return (*done.diagnostics, *explain(check(plan, root))), None
        return done.diagnostics, write(plan, root, force=force)
    except EmitError as error:
        return (*done.diagnostics, *error.diagnostics), None


def _code(found: tuple[Diagnostic, ...], only_check: bool) -> int:
    """Fail on what is wrong with the input or, when checking, stale; not on what rules object to."""
    return exit_code([one for one in found if not one.code.startswith("ML")]) if not only_check else _stale(found)


def _stale(found: tuple[Diagnostic, ...]) -> int:
    wrong = exit_code([one for one in found if not one.code.startswith(("ML", "GEN"))])
    return wrong or int(any(one.code.startswith("GEN") for one in found))


def _checked(found: tuple[Diagnostic, ...]) -> str:
    stale = any(one.code.startswith("GEN") for one in found)
    return summary(found) if stale or exit_code(found) else f"{summary(found)}: every program is current"


def _closing(found: tuple[Diagnostic, ...], written: Written | None) -> str:
    if written is None:
        return f"{summary(found)}: nothing was written"
    if not written.changed and not written.removed:
        return f"{summary(found)}: every program is current"
    told = [f"wrote {path}" for path in written.changed] + [f"removed {path}" for path in written.removed]
    return "\n".join([*told, summary(found)])
