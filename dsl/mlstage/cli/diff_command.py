"""`mlstage diff`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.options import project_root, specs_argument
from mlstage.cli.reports import report_format_option, show_report
from mlstage.cli.studying import refuse_errors

if TYPE_CHECKING:
    from mlstage.insight.parity import Parity
    from mlstage.project import CompiledStack, Study


@click.command("diff")
@click.argument("first", metavar="STACK")
@click.argument("second", metavar="STACK")
@specs_argument
@click.option(
    "--fail-on",
    type=click.Choice(["unmeant", "any"]),
    help="End with 1 where something differs that nobody meant, or where anything does.",
)
@report_format_option
def command(first: str, second: str, specs: Sequence[Path], fail_on: str | None, style: str) -> None:
    """Set two stacks side by side: what differs, whether it is meant, and what comes of it.

    STACK is the name of a stack, for all environments that have both, or ENVIRONMENT/STACK for one of them; so two
    environments are compared as well, and the stacks of two regions.

    \b
    meant      a value per stage, an override in a stack's file, a setting of the stage, or what the tier brings
    allowed    listed in the environment: may_differ=[MayDiffer("scorer.on.instance", reason="less traffic there")]
    unmeant    the rest

    \b
    mlstage diff test prod
    mlstage diff prod-us prod-eu environments/fraud_detection.py --fail-on unmeant
    mlstage diff fraud-detection/prod churn-scores/prod --format markdown
    """
    from mlstage.insight import parity_report

    found = parities(compiled(project_root(), specs), first, second)
    show_report(style, lambda: parity_report.blocks(found), lambda: parity_report.as_data(found))
    failing = [one for parity in found for one in (parity.differences if fail_on == "any" else parity.of("unmeant"))]
    raise click.exceptions.Exit(1 if fail_on and failing else 0)


def compiled(root: Path, specs: Sequence[Path]) -> Study:
    """Compile specs for all stacks; what is wrong with them is printed, and ends the command."""
    from mlstage.project import study

    done = study(root, specs=specs)
    refuse_errors(done)
    return done


def parities(done: Study, first: str, second: str) -> tuple[Parity, ...]:
    """Pair the stacks that two names stand for, and compare each pair."""
    from mlstage.project.parity import parity_of

    if ("/" in first) != ("/" in second):
        raise click.UsageError(f"{first} and {second}: name both as ENVIRONMENT/STACK, or both as STACK.")
    ones, others = _named(done, first), _named(done, second)
    if "/" in first:
        pairs = [(ones[0], others[0])]
    else:
        by_environment = {one.graph.environment: one for one in others}
        pairs = [
            (one, by_environment[one.graph.environment]) for one in ones if one.graph.environment in by_environment
        ]
        if not pairs:
            raise click.UsageError(f"No environment has both {first!r} and {second!r}.")
    return tuple(parity_of(one, other) for one, other in pairs)


def _named(done: Study, name: str) -> list[CompiledStack]:
    from difflib import get_close_matches

    environment, _, stack = name.rpartition("/")
    found = [one for one in done.stacks if one.graph.stack == stack and environment in ("", one.graph.environment)]
    if not found:
        whole = dict.fromkeys(str(one.outline) for one in done.stacks)
        known = [*whole] if environment else [*dict.fromkeys(one.graph.stack for one in done.stacks)]
        close = get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}"
        raise click.UsageError(f"There is no stack {name!r}. {hint}")
    return found
