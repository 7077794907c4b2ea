"""`mlstage check`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlstage.cli.options import policies_option, project_root, specs_argument, stacks_option, today
from mlstage.cli.output import format_option, show_problems, summary
from mlstage.cli.settings import settings_for
from mlstage.diagnostics import exit_code
from mlstage.project import Study, study


@click.command("check")
@specs_argument
@stacks_option
@policies_option
@format_option
def command(specs: Sequence[Path], stacks: Sequence[str], policies: Path | None, style: str) -> None:
    """Check specs for every stack: what AWS would refuse, and what the policy rules object to.

    Without SPEC, all of environments/ is checked. Nothing is written and no AWS account is needed.

    \b
    mlstage check
    mlstage check environments/fraud_detection.py --stack prod
    mlstage check --format github
    """
    root = project_root()
    done = study(root, specs=specs, stacks=stacks, settings=settings_for(root, policies), today=today())
    show_problems(done.diagnostics, style, out=sys.stdout)
    if style == "text":
        click.echo(_closing(done), err=bool(done.diagnostics))
    raise click.exceptions.Exit(exit_code(done.diagnostics))


def _closing(done: Study) -> str:
    names = sorted({one.graph.environment for one in done.stacks})
    stacks = list(dict.fromkeys(one.resolved.stack for one in done.stacks))
    checked = f"{', '.join(names)} in {', '.join(stacks)}"
    if not done.failed:
        return f"{summary(done.diagnostics)}: {checked}"
    return f"{summary(done.diagnostics)}; free of errors: {checked}" if names else summary(done.diagnostics)
