"""`mlstage review`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlstage.cli.cost_command import refreshed
from mlstage.cli.options import policies_option, project_root, specs_argument, stacks_option, today
from mlstage.cli.reports import report_format_option, show_report
from mlstage.cli.settings import settings_for
from mlstage.cli.studying import code_of, studied


@click.command("review")
@specs_argument
@stacks_option
@click.option("--base", required=True, metavar="REF", help="The git revision to compare with, such as origin/main.")
@click.option(
    "--fail-on",
    type=click.Choice(["danger", "finding"]),
    multiple=True,
    help="End with 1 if a change loses data or breaks callers, or if rules newly object; may be given again.",
)
@policies_option
@report_format_option
def command(
    specs: Sequence[Path],
    stacks: Sequence[str],
    base: str,
    fail_on: Sequence[str],
    policies: Path | None,
    style: str,
) -> None:
    """Say what a change means before it is merged: each workload, each stack, what happens while it is deployed.

    The base revision is compiled beside the work tree, which stays as it is. Both are judged by today's rules and
    prices. As markdown it is the comment of a pull request, and a comment alone: docs/review.md has a workflow that
    posts it and keeps it current.

    \b
    renewed    a new version comes up beside the old one, which goes when all else went well
    replaced   deleted and made again, in that order where two could not be there at once
    changed    in place

    \b
    mlstage review --base main
    mlstage review --base origin/main --format markdown > comment.md
    mlstage review environments/fraud_detection.py --stack prod --base HEAD~1 --fail-on danger
    """
    from mlstage.insight.review import report
    from mlstage.project.review import review_against

    root = project_root()
    done = studied(root, specs, stacks)
    settings = settings_for(root, policies)
    found = review_against(root, base, done, settings, today(), refreshed(root), chosen=bool(specs or stacks))
    if style == "markdown":
        click.echo(report.comment(found), nl=False)
    else:
        show_report(style, lambda: report.blocks(found), lambda: report.as_data(found))
    failing = {
        "danger": any(trap.weight == "danger" for _, trap in found.traps()),
        "finding": any(one.severity == "error" for stack in found.stacks for one in stack.new),
    }
    raise click.exceptions.Exit(code_of(done, any(failing[name] for name in fail_on)))
