"""`mlstage list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlstage.cli.options import project_root, specs_argument, stacks_option

if TYPE_CHECKING:
    from mlstage.project import CompiledStack
    from mlstage.project.changed import Touched


@click.command("list")
@specs_argument
@stacks_option
@click.option("--changed", is_flag=True, help="Only stacks that may differ from what they were at --base.")
@click.option("--base", metavar="REF", help="The git revision to compare with, such as origin/main.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github-matrix"]),
    default="text",
    show_default=True,
    help="How to print the list; github-matrix is for `strategy.matrix` of a workflow.",
)
def command(specs: Sequence[Path], stacks: Sequence[str], changed: bool, base: str | None, style: str) -> None:
    """List the project's stacks: environment, stack, region, and the spec behind them.

    With --changed only those that a change may have touched: by the spec or a file that it reads, by the stack's file,
    or by what all of them rest on, such as the policies. Specs that are wrong are told of and do not hide the others.

    \b
    mlstage list
    mlstage list --changed --base origin/main
    echo "matrix=$(mlstage list --changed --base origin/main --format github-matrix)" >> "$GITHUB_OUTPUT"
    """
    from mlstage.cli.output import show_problems
    from mlstage.cli.progress import progress
    from mlstage.diagnostics import Severity, exit_code
    from mlstage.project.changed import Touched, touched
    from mlstage.project.fleet import study_fleet

    if changed and not base:
        raise click.UsageError("--changed needs --base: changed since when?")
    if base and not changed:
        raise click.UsageError("--base goes with --changed: without it, all stacks are listed.")
    root = project_root()
    with progress("reading specs") as told:
        done = study_fleet(root, specs=specs, stacks=stacks, progress=told)
    errors = [one for one in done.diagnostics if one.severity is Severity.ERROR]
    show_problems(errors)
    listed = touched(root, base, done.stacks) if base else tuple(Touched(one, "") for one in done.stacks)
    _print([one for one in listed if one.because or not base], style)
    raise click.exceptions.Exit(exit_code(errors))


def _print(listed: Sequence[Touched], style: str) -> None:
    if style == "json":
        click.echo(json.dumps([{**_data(one.stack), "because": one.because} for one in listed], indent=2))
    elif style == "github-matrix":
        click.echo(json.dumps({"include": [_data(one.stack) for one in listed]}))
    elif listed:
        from mlstage.cli.tables import print_table

        because = any(one.because for one in listed)
        headings = ["environment", "stack", "region", "spec", *(["changed by"] if because else [])]
        rows = [[*_data(one.stack).values(), *([one.because] if because else [])] for one in listed]
        print_table(headings, rows)
    else:
        click.echo("no stack has changed", err=True)


def _data(one: CompiledStack) -> dict[str, Any]:
    graph = one.graph
    return {"environment": graph.environment, "stack": graph.stack, "region": graph.region, "spec": one.spec_path}
