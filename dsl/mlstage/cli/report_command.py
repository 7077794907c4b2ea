"""`mlstage report`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage._version import __version__
from mlstage.cli.files import write_file
from mlstage.cli.options import policies_option, project_root, specs_argument, stacks_option, today
from mlstage.cli.settings import settings_for

if TYPE_CHECKING:
    from mlstage.insight.parity import Parity
    from mlstage.insight.report import Material, Stack, WaiverNote
    from mlstage.project import CompiledStack, Study
    from mlstage.rules.settings import Settings


@click.command("report")
@specs_argument
@stacks_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    metavar="FILE",
    help="Where to write the page.",
)
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day by which waivers and prices are judged; today by default. The same day gives the same bytes.",
)
@click.option("--title", default="Machine-learning environments", show_default=True, help="What the page is called.")
@policies_option
def command(
    specs: Sequence[Path],
    stacks: Sequence[str],
    output: Path,
    day: datetime | None,
    title: str,
    policies: Path | None,
) -> None:
    """Put stacks on one page: side by side, drawn, compared, priced and judged, with the source of every figure.

    The page is one file of HTML that asks nobody for anything: open it, mail it, print it, keep it with a release. It
    holds what specs say, and so names of buckets and images, but no secret.

    \b
    mlstage report -o report.html
    mlstage report environments/fraud_detection.py --date 2026-11-25
    """
    from mlstage.cli.output import show_problems
    from mlstage.diagnostics import Severity, exit_code
    from mlstage.insight.report import page
    from mlstage.project import study

    root = project_root()
    settings = settings_for(root, policies)
    when = day.date() if day else today()
    done = study(root, specs=specs, stacks=stacks, settings=settings, today=when)
    wrong = [one for one in done.diagnostics if one.severity is Severity.ERROR and not one.code.startswith("ML")]
    if wrong:
        show_problems(wrong)
    if done.stacks:
        write_file(output, page(_material(done, settings, when, title, root)), "written")
    raise click.exceptions.Exit(exit_code(wrong) if wrong else 0)


def _material(done: Study, settings: Settings, day: date, title: str, root: Path) -> Material:
    from mlstage.insight.report import Material

    return Material(
        tuple(_stacks(done, root)),
        tuple(_parities(done)),
        done.diagnostics,
        tuple(_waivers(done, settings, day)),
        day,
        __version__,
        title,
    )


def _stacks(done: Study, root: Path) -> Iterator[Stack]:
    from mlstage.cli.cost_command import refreshed
    from mlstage.cli.graph_command import svg_of
    from mlstage.insight.cost import estimate
    from mlstage.insight.diagram import diagram_of
    from mlstage.insight.report import Stack

    table = refreshed(root)
    for number, one in enumerate(done.stacks):
        diagram = diagram_of(one.graph)
        yield Stack(one.graph, estimate(one.graph, table), diagram, svg_of(diagram, f"d{number + 1}"), one.spec_path)


def _parities(done: Study) -> Iterator[Parity]:
    from mlstage.insight.parity import pairs
    from mlstage.project.parity import parity_of

    for _, group in groupby(done.stacks, key=lambda one: one.graph.environment):
        yield from (parity_of(first, second) for first, second in pairs(group, lambda one: one.outline.tier))


def _waivers(done: Study, settings: Settings, day: date) -> Iterator[WaiverNote]:
    from mlstage.insight.report import WaiverNote

    stated = [waiver for one in _each_environment(done) for waiver in one.waivers] + list(settings.waivers)
    for waiver in dict.fromkeys(stated):
        yield WaiverNote(
            waiver.rule,
            "/".join(part for part in (waiver.environment, waiver.workload, waiver.resource) if part) or "everything",
            waiver.reason,
            waiver.until.isoformat(),
            str(waiver.where or "policy settings"),
            waiver.fault(day),
            waiver.environment,
        )


def _each_environment(done: Study) -> Sequence[CompiledStack]:
    return sorted(done.stacks, key=lambda one: one.graph.environment)
