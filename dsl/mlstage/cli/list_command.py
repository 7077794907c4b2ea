"""`mlstage list`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mlstage.cli.options import project_root, specs_argument, stacks_option

if TYPE_CHECKING:
    from mlstage.project import CompiledStack
    from mlstage.project.changed import Touched

# https://docs.github.com/en/actions/reference/limits, "Job matrix".
_MOST_JOBS: Final = 256


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
@click.option(
    "--jobs",
    type=click.IntRange(1, _MOST_JOBS),
    metavar="N",
    help=f"Share the specs out between at most N jobs of the matrix (up to {_MOST_JOBS}), instead of one for a stack.",
)
def command(
    specs: Sequence[Path], stacks: Sequence[str], changed: bool, base: str | None, style: str, jobs: int | None
) -> None:
    """List the project's stacks: environment, stack, region, and the spec behind them.

    With --changed only those that a change may have touched: by the spec or a file that it reads, by the stack's file,
    or by what all of them rest on, such as the policies. Specs that are wrong are told of and do not hide the others.
    REF... stands for where REF and HEAD parted, so that what others changed since is not listed.

    \b
    mlstage list
    mlstage list --changed --base origin/main...
    matrix="$(mlstage list --changed --base origin/main... --format github-matrix --jobs 20)"
    """
    from mlstage.cli.output import show_problems
    from mlstage.cli.progress import progress
    from mlstage.diagnostics import exit_code
    from mlstage.project.changed import Touched, change_since
    from mlstage.project.fleet import study_fleet

    if changed and not base:
        raise click.UsageError("--changed needs --base: changed since when?")
    if base and not changed:
        raise click.UsageError("--base goes with --changed: without it, all stacks are listed.")
    if jobs and style != "github-matrix":
        raise click.UsageError("--jobs goes with --format github-matrix.")
    root = project_root()
    with progress("reading specs") as told:
        done = study_fleet(root, specs=specs, stacks=stacks, progress=told)
    show_problems(done.errors)
    listed = [Touched(one, "") for one in done.stacks]
    if base:
        change = change_since(root, base)
        listed = [one for one in change.touched(done.stacks) if one.because]
        for spec in change.deleted_specs:
            click.echo(f"{spec} is deleted; a review of all specs says what goes with it", err=True)
    if style == "github-matrix":
        click.echo(json.dumps({"include": _shares(listed, done.broken, jobs) if jobs else _entries(listed)}))
    else:
        _print(listed, style)
    raise click.exceptions.Exit(exit_code(done.errors))


def _print(listed: Sequence[Touched], style: str) -> None:
    if style == "json":
        click.echo(json.dumps([{**_data(one.stack), "because": one.because} for one in listed], indent=2))
    elif listed:
        from mlstage.cli.tables import print_table

        because = any(one.because for one in listed)
        headings = ["environment", "stack", "region", "spec", *(["changed by"] if because else [])]
        rows = [[*_data(one.stack).values(), *([one.because] if because else [])] for one in listed]
        print_table(headings, rows)
    else:
        click.echo("no stack has changed", err=True)


def _entries(listed: Sequence[Touched]) -> list[dict[str, Any]]:
    if len(listed) > _MOST_JOBS:
        what = f"GitHub runs at most {_MOST_JOBS} jobs of a matrix, and here are {len(listed)} stacks."
        raise click.UsageError(f"{what} --jobs 20 shares their specs out between 20 jobs.")
    return [_data(one.stack) for one in listed]


def _shares(listed: Sequence[Touched], broken: Collection[str], jobs: int) -> list[dict[str, Any]]:
    """Share specs out, as evenly as their number allows; each share is named as arguments of a command.

    A spec that is wrong is among them: its job is to say so.
    """
    specs = sorted({*(one.stack.spec_path for one in listed), *broken})
    return [{"specs": " ".join(share)} for start in range(jobs) if (share := specs[start::jobs])]


def _data(one: CompiledStack) -> dict[str, Any]:
    graph = one.graph
    return {"environment": graph.environment, "stack": graph.stack, "region": graph.region, "spec": one.spec_path}
