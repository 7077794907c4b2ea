"""`mlstage simulate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.options import project_root, specs_argument, stack_option
from mlstage.cli.plotting import plot_option
from mlstage.cli.reports import report_format_option, show_report
from mlstage.cli.studying import refuse_errors

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.cost import Table
    from mlstage.insight.days import Played
    from mlstage.insight.facts import Traffic


@click.command("simulate")
@specs_argument
@stack_option
@click.option("-w", "--workload", "workloads", multiple=True, metavar="NAME", help="Only this; may be given again.")
@click.option(
    "--start-minutes",
    type=click.IntRange(0, 120),
    default=5,
    show_default=True,
    help="How long a new instance takes until it serves.",
)
@click.option("--requests-per-second", "rate", type=click.FloatRange(0, min_open=True), help="Instead of the spec's.")
@click.option("--day", type=click.Choice(["flat", "office", "evening"]), help="Instead of the spec's.")
@plot_option("Draw the day into FILE")
@report_format_option
def command(
    specs: Sequence[Path],
    stack: str,
    workloads: Sequence[str],
    start_minutes: int,
    rate: float | None,
    day: str | None,
    plot: Path | None,
    style: str,
) -> None:
    """Play a day of endpoints and services through, minute by minute: traffic, scaling, queues, cost.

    Traffic is what the spec expects (`expects=Traffic(…)`). Target tracking and scheduled actions scale as AWS's alarms
    would have them; an instance that starts is paid, and serves some minutes later. What is made as it is needed
    (serverless endpoints, functions) shows its cold starts.

    \b
    mlstage simulate environments/bert_sentiment.py --stack prod
    mlstage simulate environments/bert_sentiment.py --stack prod --requests-per-second 2000 --day office
    mlstage simulate environments/bert_sentiment.py --stack prod --workload classifier --plot day.svg
    """
    from mlstage.insight.day_report import as_data, blocks

    graphs, table = _graphs(project_root(), specs, stack)
    played: list[Played] = []
    skipped: list[str] = []
    for graph in graphs:
        for one in _play(graph, table, workloads, rate, day, start_minutes):
            if isinstance(one, str):
                skipped.append(one)
            else:
                played.append(one)
    if workloads and not played and not skipped:
        raise click.UsageError(f"No endpoint or service of stack {stack!r} is named {' or '.join(workloads)}.")
    where = f"{', '.join(graph.environment for graph in graphs)} in {stack}"
    show_report(
        style,
        lambda: blocks(played, skipped, start_minutes, where),
        lambda: as_data(played, skipped, start_minutes, stack),
    )
    if plot is not None:
        _draw(played, plot, stack)


def _graphs(root: Path, specs: Sequence[Path], stack: str) -> tuple[list[Graph], Table | None]:
    from mlstage.cli.cost_command import refreshed
    from mlstage.project import study

    done = study(root, specs=specs, stacks=[stack])
    refuse_errors(done)
    return [one.graph for one in done.stacks], refreshed(root)


def _play(
    graph: Graph, table: Table | None, names: Sequence[str], rate: float | None, day: str | None, start_minutes: int
) -> list[Played | str]:
    from mlstage.insight.cost import PriceBook
    from mlstage.insight.days import play, players

    found: list[Played | str] = []
    workloads = [group.name for group in graph.groups if not names or group.name in names]
    for one in players(graph, PriceBook(graph.region, table), lambda name: _traffic(graph, name, rate, day)):
        if isinstance(one, str):
            if one.partition(":")[0] in workloads:
                found.append(one)
        elif one.workload in workloads:
            found.append(play(one, start_minutes))
    return found


def _traffic(graph: Graph, workload: str, rate: float | None, day: str | None) -> Traffic | None:
    """Give what a workload is asked, with what the command line says in the place of what the spec says."""
    from dataclasses import replace

    from mlstage.insight.facts import Traffic, traffic_of
    from mlstage.spec.expectations import DAYS

    said = traffic_of(graph, workload)
    if rate is not None:
        month = rate * 730 * 3600
        said = Traffic(month) if said is None else replace(said, requests_per_month=month)
    return replace(said, day=DAYS[day]) if said is not None and day is not None else said


def _draw(played: Sequence[Played], plot: Path, stack: str) -> None:
    from mlstage.cli.plotting import save
    from mlstage.insight.plots.days import simulated_day

    shown = [one for one in played if one.day is not None]
    if len(shown) != 1:
        names = ", ".join(f"{one.player.workload} ({one.player.what})" for one in shown) or "none"
        raise click.UsageError(f"--plot draws one day; here: {names}. Give --workload.")
    (one,) = shown
    day, player = one.day, one.player
    assert day is not None
    title = f"{player.workload} in {stack}: {player.what}"
    save(plot, lambda: simulated_day(day, title, player.price, player.target_ms))
