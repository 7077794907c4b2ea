"""`mlstage advise`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mlstage.cli.options import check_region, project_root, specs_argument, stacks_option, today
from mlstage.cli.plotting import plot_option
from mlstage.cli.reports import report_format_option, show_report
from mlstage.cli.studying import refuse_errors

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.advice.advise import Advice
    from mlstage.insight.advice.wants import Wants
    from mlstage.insight.cost import Table
    from mlstage.insight.facts import Needs, Traffic

_KINDS: Final = {
    "realtime": "RealtimeEndpoint",
    "async": "AsyncEndpoint",
    "batch": "BatchInference",
    "training": "Training",
    "processing": "Processing",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says; it goes before what a spec says."""

    needs: Needs | None
    traffic: Traffic | None
    p95_ms: float | None
    least: int | None

    def over(self, wants: Wants) -> Wants:
        """Put what was given in the place of what a spec says."""
        return replace(
            wants,
            needs=self.needs or wants.needs,
            traffic=self.traffic or wants.traffic,
            p95_ms=self.p95_ms if self.p95_ms is not None else wants.p95_ms,
            minimum=self.least if self.least is not None else wants.minimum,
        )


def _needs_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is needed."""
    options = (
        click.option("--model", metavar="NAME", help="The architecture, such as bert-base or resnet50."),
        click.option(
            "--task",
            type=click.Choice(["encoder", "image-classification", "text-generation", "classical", "preprocessing"]),
            help="What it does, where no figures of the architecture are known.",
        ),
        click.option("--parameters", metavar="110M", help="How many parameters it has."),
        click.option(
            "--precision", type=click.Choice(["fp32", "fp16", "bf16", "int8"]), help="The lowest that will do."
        ),
        click.option("--sequence-length", type=click.IntRange(1), metavar="TOKENS"),
        click.option("--batch", type=click.IntRange(1), default=1, show_default=True, help="Items in one request."),
        click.option("--memory", metavar="2GB", help="What the loaded model takes."),
        click.option("--items", type=click.IntRange(1), help="Examples or rows of one run, all epochs together."),
        click.option("--p95", metavar="100ms", help="The latency to keep to."),
        click.option("--requests-per-second", "rate", type=click.FloatRange(0, min_open=True), help="On average."),
        click.option("--day", type=click.Choice(["flat", "office", "evening"]), default="flat", show_default=True),
        click.option("--duration-ms", "duration", type=click.FloatRange(0, min_open=True), help="Of one request."),
        click.option("--at-least", "least", type=click.IntRange(0), help="Instances that serve at the least."),
        click.option(
            "--kind", type=click.Choice(list(_KINDS)), default="realtime", show_default=True, help="Without a spec."
        ),
        click.option("--region", metavar="NAME", default="us-east-1", show_default=True, help="Without a spec."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("advise")
@specs_argument
@stacks_option
@click.option("-w", "--workload", "workloads", multiple=True, metavar="NAME", help="Only this; may be given again.")
@_needs_options
@click.option("--apply", "as_lines", is_flag=True, help="Print the lines to write into the spec, and nothing else.")
@click.option(
    "--metrics",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Judge what runs by its metrics: what CloudWatch's get_metric_data gave.",
)
@click.option("--live", is_flag=True, help="The same with metrics read from CloudWatch now; needs credentials.")
@click.option("--days", type=click.IntRange(1, 63), default=14, show_default=True, help="How far back --live looks.")
@plot_option("Draw cost against latency into FILE")
@report_format_option
def command(
    specs: Sequence[Path],
    stacks: Sequence[str],
    workloads: Sequence[str],
    as_lines: bool,
    metrics: Path | None,
    live: bool,
    days: int,
    plot: Path | None,
    style: str,
    **needs: Any,
) -> None:
    """Say which machine a workload should run on, how many, which kind of endpoint, what it costs, and why.

    It starts from `needs=`, `expects=` and `p95_latency=` of a spec, or from the command line alone. Every figure is
    one that somebody published, with source and date, or comes from a model between such figures, and then is marked
    so, with its error counted against it. Where there is no figure, that is the answer.

    Without --stack it advises on stacks of tier production. Burstable types are for tests only.

    \b
    mlstage advise environments/bert_sentiment.py
    mlstage advise environments/bert_sentiment.py --apply
    mlstage advise --model bert-base --sequence-length 128 --p95 100ms --requests-per-second 20
    mlstage advise --kind training --model bert-base --sequence-length 128 --items 900000
    mlstage advise environments/bert_sentiment.py --metrics metrics.json
    """
    alone = not specs and (needs["model"] or needs["task"])
    if metrics and live:
        raise click.UsageError("--metrics and --live are two sources of the same thing: give one of them.")
    if alone and (metrics or live or stacks or workloads):
        raise click.UsageError("Without a spec there is no workload whose metrics or stack could be meant.")
    given = _given(needs)
    if alone:
        from mlstage.insight.advice.wants import Wants

        region = needs["region"]
        check_region(region)
        wants = Wants("w", _KINDS[needs["kind"]], "SageMaker", region, "production", None)
        pairs: list[tuple[Wants, Graph | None]] = [(given.over(replace(wants, workload="as asked")), None)]
        table = None
    else:
        root = project_root()
        pairs, table = _from_specs(root, specs, stacks, workloads, given)
    if metrics or live:
        _judge(pairs, metrics, days, table, style)
        return
    advices = _advise(pairs, table)
    if as_lines:
        _print_lines(advices, pairs)
    else:
        _show(advices, style)
    if plot is not None:
        _draw(advices, plot)


def _given(said: dict[str, Any]) -> Given:
    from mlstage.insight.facts import Needs, Traffic
    from mlstage.spec.expectations import DAYS

    needs = None
    if said["model"] or said["task"]:
        needs = Needs(
            said["model"],
            said["task"],
            _read("--parameters", said["parameters"], "110M"),
            said["precision"],
            said["sequence_length"],
            said["batch"],
            _read("--memory", said["memory"], "2GB"),
            said["items"],
        )
    traffic = None
    if said["rate"]:
        traffic = Traffic(said["rate"] * 730 * 3600, DAYS[said["day"]], said["duration"])
    return Given(needs, traffic, _read("--p95", said["p95"], "100ms"), said["least"])


def _read(option: str, text: str | None, example: str) -> float | None:
    """Read a text as a spec reads it."""
    from mlstage.spec.expectations import millions
    from mlstage.spec.text import megabytes, milliseconds

    readers: dict[str, Callable[[str], float]] = {
        "--parameters": millions,
        "--memory": megabytes,
        "--p95": milliseconds,
    }
    if text is None:
        return None
    try:
        return readers[option](text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}; write {option} {example}, for example.") from error


def _from_specs(
    root: Path, specs: Sequence[Path], stacks: Sequence[str], names: Sequence[str], given: Given
) -> tuple[list[tuple[Wants, Graph | None]], Table | None]:
    from mlstage.cli.cost_command import refreshed
    from mlstage.insight.advice.wants import PRODUCTION, wants_of
    from mlstage.project import study

    done = study(root, specs=specs, stacks=stacks)
    refuse_errors(done)
    graphs = [one.graph for one in done.stacks if stacks or one.graph.tier == PRODUCTION]
    pairs: list[tuple[Wants, Graph | None]] = [
        (given.over(wants_of(graph, group)), graph)
        for graph in graphs
        for group in graph.groups
        if group.kind in _KINDS.values() and (not names or group.name in names)
    ]
    known = {group.name for graph in graphs for group in graph.groups}
    for name in names:
        if name not in known:
            _unknown(name, known)
    return pairs, refreshed(root)


def _unknown(name: str, known: set[str]) -> None:
    from mlstage import catalog

    near = catalog.closest(name, sorted(known))
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(sorted(known))}."
    raise click.UsageError(f"No workload of these stacks is named {name!r}.{hint}")


def _advise(pairs: Sequence[tuple[Wants, Graph | None]], table: Table | None) -> list[Advice]:
    from mlstage.insight.advice.advise import advise
    from mlstage.insight.cost import PriceBook

    return [advise(wants, PriceBook(wants.region, table)) for wants, _ in pairs]


def _show(advices: Sequence[Advice], style: str) -> None:
    from mlstage.insight.advice import report

    if not advices:
        raise click.UsageError(
            "There is nothing to advise on: no workload of a stack of tier production. Give --stack."
        )
    show_report(style, lambda: report.blocks(advices, today()), lambda: report.as_data(advices, today()))


def _print_lines(advices: Sequence[Advice], pairs: Sequence[tuple[Wants, Graph | None]]) -> None:
    from mlstage.insight.advice.apply import lines

    for one, (_, graph) in zip(advices, pairs, strict=True):
        said = lines(one, graph)
        if not said:
            click.echo(f"{one.wants.workload}: no advice that a line could say", err=True)
        for line in said:
            click.echo(line)
        if said and one.best is not None and one.best.conditions:
            asked = "; ".join(one.best.conditions)
            click.echo(f"{one.wants.workload}: {one.best.name} asks for: {asked}", err=True)


def _draw(advices: Sequence[Advice], plot: Path) -> None:
    from mlstage.cli.plotting import save
    from mlstage.insight.advice.picture import drawable, picture

    shown = [one for one in advices if drawable(one)]
    if len(shown) != 1:
        names = ", ".join(one.wants.workload for one in shown) or "none"
        raise click.UsageError(
            f"--plot draws one workload that answers within a latency; here: {names}. Give --workload."
        )
    save(plot, lambda: picture(shown[0]))


def _judge(
    pairs: Sequence[tuple[Wants, Graph | None]], metrics: Path | None, days: int, table: Table | None, style: str
) -> None:
    from mlstage.cli.metrics import judge

    judge([(wants, graph) for wants, graph in pairs if graph is not None], metrics, days, table, style)
