"""`mlstage cost`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.foreign import Foreign, foreign_options
from mlstage.cli.options import check_region, project_root, specs_argument, stacks_option, today
from mlstage.cli.plotting import plot_option
from mlstage.cli.reports import report_format_option, show_report
from mlstage.cli.studying import code_of, studied

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.cost import Estimate, Table
    from mlstage.project.study import Study


@click.command("cost")
@specs_argument
@stacks_option
@click.option("--compare", nargs=2, metavar="STACK STACK", help="Say what one stack costs more than another.")
@click.option("--base", metavar="REF", help="Say what changes against a git revision, such as main.")
@foreign_options
@click.option("--region", metavar="NAME", help="The region of a plan or preview that does not say it.")
@plot_option("Draw the sums into FILE")
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
    if plot is not None and (compare is not None or base is not None):
        raise click.UsageError("--plot draws sums, no differences: give it without --compare and --base.")
    if region is not None and not foreign.given:
        raise click.UsageError(
            "--region is for a plan or preview; a stack's own is `aws:region` in its Pulumi.<stack>.yaml."
        )
    if region is not None:
        check_region(region)
    day = today()
    if foreign.given:
        fresh = _refreshed_here()
        over = _show([_estimate(graph, fresh) for graph in foreign.read_with_region()], day, style, plot)
        raise click.exceptions.Exit(1 if over else 0)
    root = project_root()
    done = studied(root, specs, compare or stacks)
    table = refreshed(root)
    over = False
    if compare or base:
        # What cannot be compiled has not gone: it is left out on both sides.
        sound = [_estimate(one.graph, table) for one in done.stacks if one.spec_path not in done.broken]
        if compare:
            _compare_stacks(sound, compare, day, style)
        elif base:
            _compare_revision(root, base, done, sound, bool(specs or stacks), day, style)
    else:
        over = _show([_estimate(one.graph, table) for one in done.stacks], day, style, plot)
    raise click.exceptions.Exit(code_of(done, over))


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


def _refreshed_here() -> Table | None:
    """Give the prices of the project that a plan or preview is priced in, if it is priced in one."""
    from mlstage.project import ProjectError

    try:
        return refreshed(project_root())
    except ProjectError:
        return None


def _estimate(graph: Graph, table: Table | None) -> Estimate:
    from mlstage.insight.cost import estimate

    return estimate(graph, table)


def _show(estimates: Sequence[Estimate], day: date, style: str, plot: Path | None) -> bool:
    """Print estimates, and say whether one of them is expected to exceed its budget."""
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
    return bool(over)


def _compare_stacks(estimates: Sequence[Estimate], stacks: tuple[str, str], day: date, style: str) -> None:
    from mlstage.insight.cost.compare import compare

    one, other = ([done for done in estimates if done.stack == stack] for stack in stacks)
    _show_comparison(compare(one, other, stacks, stacks=True), estimates, day, style)


def _compare_revision(
    root: Path, ref: str, now: Study, estimates: Sequence[Estimate], chosen: bool, day: date, style: str
) -> None:
    """Compare with a revision; `chosen` says that `now` is not the whole project."""
    from mlstage.insight.cost.compare import compare
    from mlstage.project.revision import stacks_at

    revision = stacks_at(root, ref, now)
    for problem in revision.problems:
        click.echo(f"at {ref}: {problem}", err=True)
    table = refreshed(root)
    wanted = {(one.environment, one.stack) for one in estimates}
    before = [
        _estimate(one.graph, table)
        for one in revision.stacks
        if one.spec_path not in now.broken and (not chosen or (one.graph.environment, one.graph.stack) in wanted)
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
