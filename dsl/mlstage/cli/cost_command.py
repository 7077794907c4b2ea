"""`mlstage cost`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.foreign import Foreign, foreign_options
from mlstage.cli.options import project_root, specs_argument, stacks_option, today
from mlstage.cli.reports import report_format_option, show_report

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.cost import Estimate, Table


@click.command("cost")
@specs_argument
@stacks_option
@click.option("--compare", nargs=2, metavar="STACK STACK", help="Say what one stack costs more than another.")
@click.option("--base", metavar="REF", help="Say what changes against a git revision, such as main.")
@foreign_options
@click.option("--region", metavar="NAME", help="The region of a plan or preview that does not say it.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the sums into FILE (.svg or .png).")
@report_format_option
def command(
    specs: Sequence[Path],
    stacks: Sequence[str],
    compare: tuple[str, str] | None,
    base: str | None,
    plan: Path | None,
    preview: Path | None,
    region: str | None,
    plot: Path | None,
    style: str,
) -> None:
    """Say what environments cost a month, before they run: at the least, as expected, and at the most.

    Prices come from a dated table and need no account; those in `prices.tsv`, which `mlstage prices refresh` writes,
    go first. What has no price is named, and is in no sum. Ends with 1 if a stack is expected to exceed its budget.

    \b
    mlstage cost
    mlstage cost environments/fraud_detection.py --stack prod
    mlstage cost --compare test prod
    mlstage cost --base main --format markdown
    mlstage cost --plan plan.json --region eu-west-1
    """
    foreign = Foreign(plan, preview, region)
    if sum((compare is not None, base is not None, foreign.given)) > 1:
        raise click.UsageError(
            "--compare, --base and --plan or --preview answer different questions: give one of them."
        )
    day = today()
    if foreign.given:
        _show([_estimate(graph, None) for graph in foreign.read_with_region()], day, style, plot)
        return
    root = project_root()
    chosen = compare or stacks
    estimates = estimates_of(root, specs, chosen)
    if compare:
        _compare_stacks(estimates, compare, day, style)
    elif base:
        _compare_revision(root, base, estimates, (specs, stacks), day, style)
    else:
        _show(estimates, day, style, plot)


def estimates_of(root: Path, specs: Sequence[Path], stacks: Sequence[str]) -> list[Estimate]:
    """Estimate a project's stacks; what is wrong with the specs is printed, and ends the command."""
    from mlstage.cli.output import show_problems
    from mlstage.cli.progress import progress
    from mlstage.diagnostics import Severity, exit_code
    from mlstage.project.fleet import study_fleet

    with progress("reading specs") as told:
        done = study_fleet(root, specs=specs, stacks=stacks, progress=told)
    errors = [found for found in done.diagnostics if found.severity is Severity.ERROR]
    if errors:
        show_problems(errors)
        raise click.exceptions.Exit(exit_code(errors))
    table = refreshed(root)
    return [_estimate(one.graph, table) for one in done.stacks]


def refreshed(root: Path) -> Table | None:
    """Give the project's own prices, if `mlstage prices refresh` has written any."""
    from mlstage.catalog.refreshed import FILE, RefreshedError, load

    path = root / FILE
    if not path.is_file():
        return None
    try:
        return load(path)
    except RefreshedError as error:
        raise click.ClickException(str(error)) from error


def _estimate(graph: Graph, table: Table | None) -> Estimate:
    from mlstage.insight.cost import estimate

    return estimate(graph, table)


def _show(estimates: Sequence[Estimate], day: date, style: str, plot: Path | None) -> None:
    from mlstage.insight.cost import report
    from mlstage.insight.cost.budget import overrun

    show_report(style, lambda: report.blocks(estimates, day), lambda: report.as_data(estimates, day))
    if plot is not None:
        from mlstage.cli.plotting import save
        from mlstage.insight.plots.costs import cost_by_workload

        save(plot, lambda: cost_by_workload(estimates))
    over = [found for one in estimates if (found := overrun(one)) is not None and found.expected]
    for found in over:
        click.echo(f"over budget: {found.words}", err=True)
    raise click.exceptions.Exit(1 if over else 0)


def _compare_stacks(estimates: Sequence[Estimate], stacks: tuple[str, str], day: date, style: str) -> None:
    from mlstage.insight.cost.compare import compare

    one, other = ([done for done in estimates if done.stack == stack] for stack in stacks)
    _show_comparison(compare(one, other, stacks, stacks=True), estimates, day, style)


def _compare_revision(
    root: Path,
    ref: str,
    estimates: Sequence[Estimate],
    chosen: tuple[Sequence[Path], Sequence[str]],
    day: date,
    style: str,
) -> None:
    from mlstage.insight.cost.compare import compare
    from mlstage.project.revision import stacks_at

    revision = stacks_at(root, ref)
    for problem in revision.problems:
        click.echo(f"at {ref}: {problem}", err=True)
    table = refreshed(root)
    specs, stacks = chosen
    wanted = {one.environment for one in estimates}
    before = [
        _estimate(graph, table)
        for graph in revision.graphs
        if (not stacks or graph.stack in stacks) and (not specs or graph.environment in wanted)
    ]
    _show_comparison(compare(before, estimates, (ref, "the work tree")), [*before, *estimates], day, style)


def _show_comparison(comparisons: Sequence[object], estimates: Sequence[Estimate], day: date, style: str) -> None:
    from typing import cast

    from mlstage.catalog.prices import NOTICE
    from mlstage.insight.blocks import Words
    from mlstage.insight.cost import compare, report

    pairs = cast("Sequence[compare.Comparison]", comparisons)
    show_report(
        style,
        lambda: [*compare.blocks(pairs), *report.mind(estimates, day), Words(report.MEANING), Words(NOTICE)],
        lambda: {**report.as_data(estimates, day), "comparisons": compare.as_data(pairs)},
    )
