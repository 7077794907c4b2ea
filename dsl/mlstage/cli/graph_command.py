"""`mlstage graph`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import click

from mlstage.cli.files import write_file
from mlstage.cli.foreign import Foreign, foreign_options
from mlstage.cli.options import project_root
from mlstage.cli.studying import code_of, studied

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.diagram import Diagram

Style = Literal["mermaid", "svg", "json"]
_ENDINGS: Final[dict[Style, str]] = {"mermaid": ".mmd", "svg": ".svg", "json": ".json"}


@click.command("graph")
@click.argument("chosen", nargs=-1, metavar="[ENVIRONMENT[/STACK]]...")
@click.option(
    "--format",
    "style",
    type=click.Choice(get_args(Style)),
    help="How to draw: by the name of the file (.mmd, .svg, .json), else mermaid.",
)
@click.option("-o", "--output", metavar="FILE|DIR/", help="Where to write it; a folder takes a file for each stack.")
@click.option("--detail", is_flag=True, help="A box for every resource, also for roles, policies, logs and alarms.")
@foreign_options
def command(
    chosen: Sequence[str],
    style: Style | None,
    output: str | None,
    detail: bool,
    plan: Path | None,
    preview: Path | None,
) -> None:
    """Draw the architecture of stacks: what serves, what feeds it, what starts it, workload by workload.

    Mermaid is drawn by GitHub, GitLab and most wikis; SVG is for documents. What is plumbing is counted, unless
    --detail is given. Plans and previews of infrastructure that mlstage did not write are drawn as well. Specs that are
    wrong are told of, and do not hide the others.

    \b
    mlstage graph fraud-detection/prod
    mlstage graph fraud-detection/prod -o fraud.svg
    mlstage graph -o diagrams/ --format svg
    mlstage graph --plan plan.json -o plan.svg
    """
    from mlstage.insight.diagram import diagram_of

    foreign = Foreign(plan, preview)
    if foreign.given and chosen:
        raise click.UsageError("--plan and --preview are drawn instead of stacks: give one or the other.")
    graphs, code = (foreign.read(), 0) if foreign.given else _stacks(chosen)
    drawn = style or _by_name(output)
    several = output is not None and _is_folder(output)
    if len(graphs) > 1 and not several:
        names = ", ".join(map(_name, graphs))
        raise click.UsageError(f"One picture for each of {names}: name a single one, or a folder with -o DIR/")
    for graph in graphs:
        text = render(diagram_of(graph, detail=detail), drawn)
        if output is None:
            click.echo(text, nl=False)
        else:
            name = f"{graph.environment or 'infrastructure'}-{graph.stack or 'stack'}{_ENDINGS[drawn]}"
            write_file(Path(output) / name if several else Path(output), text, "drawn")
    raise click.exceptions.Exit(code)


def render(diagram: Diagram, style: Style) -> str:
    """Write a diagram in a style."""
    match style:
        case "mermaid":
            from mlstage.insight.diagram.mermaid import mermaid

            return mermaid(diagram)
        case "json":
            from mlstage.insight.diagram.data import as_data

            return json.dumps(as_data(diagram), indent=2, ensure_ascii=False) + "\n"
        case "svg":
            return svg_of(diagram)


def svg_of(diagram: Diagram, prefix: str = "diagram") -> str:
    """Draw a diagram as SVG; the library that lays it out is asked for when it is missing."""
    from mlstage.insight.diagram.svg import svg
    from mlstage.offline.errors import ToolMissing

    try:
        return svg(diagram, prefix)
    except ModuleNotFoundError as error:
        what = f"diagrams as SVG need Graphviz, which comes with pygraphviz ({error.name} is not installed)"
        raise ToolMissing(what, "pip install 'mlstage[diagrams]'; --format mermaid needs nothing") from error


def _by_name(output: str | None) -> Style:
    if output is None or _is_folder(output):
        return "mermaid"
    ending = Path(output).suffix
    for style, wanted in _ENDINGS.items():
        if ending == wanted:
            return style
    raise click.UsageError(f"-o {output} is to be a picture: name it .mmd, .svg or .json, or give a --format.")


def _is_folder(output: str) -> bool:
    return output.endswith(("/", "\\")) or Path(output).is_dir()


def _stacks(chosen: Sequence[str]) -> tuple[list[Graph], int]:
    """Compile the project's stacks and give those chosen, and the exit code: what is wrong with other specs is told."""
    done = studied(project_root(), (), ())
    graphs = [one.graph for one in done.stacks]
    for name in chosen:
        if not any(_is_meant(graph, name) for graph in graphs):
            if name.partition("/")[0] in done.broken_environments:  # and what is wrong with it has been told
                raise click.exceptions.Exit(code_of(done, False))
            raise click.UsageError(_unknown(name, graphs))
    wanted = [graph for graph in graphs if not chosen or any(_is_meant(graph, name) for name in chosen)]
    return wanted, code_of(done, False)


def _is_meant(graph: Graph, name: str) -> bool:
    return name in (graph.environment, _name(graph))


def _name(graph: Graph) -> str:
    return f"{graph.environment}/{graph.stack}" if graph.environment else graph.stack or "the infrastructure"


def _unknown(name: str, graphs: Sequence[Graph]) -> str:
    known = sorted({graph.environment for graph in graphs} if "/" not in name else {_name(graph) for graph in graphs})
    close = get_close_matches(name, known, n=1)
    return f"There is no {name!r}. " + (f"Write {close[0]}." if close else f"There are {', '.join(known)}.")
