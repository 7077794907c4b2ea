"""`mlstage rules`."""

from __future__ import annotations

import json
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from mlstage.cli.options import policies_option
from mlstage.cli.settings import settings_here
from mlstage.cli.tables import print_table
from mlstage.rules.levels import TIERS
from mlstage.rules.loader import all_rules
from mlstage.rules.pages import DOORS, Row, rows
from mlstage.rules.rule import FAMILIES

_HEADINGS: Final = ("id", "name", "objects to", *TIERS, "decided on")


@click.command("rules")
@click.option("--family", metavar="NAME", help="Only one family: ML4, or security.")
@click.option("--tier", type=click.Choice(TIERS), help="Only what is asked in stacks of this tier.")
@click.option(
    "--door",
    type=click.Choice(DOORS),
    help="Only what is asked there: of a spec, of each resource before Pulumi makes it, of a Pulumi stack, of a plan.",
)
@policies_option
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(family: str | None, tier: str | None, door: str | None, policies: Path | None, style: str) -> None:
    """List the policy rules, and how much each weighs in which stacks under the project's settings.

    A mandatory rule stops the run, an advisory one is shown, a disabled one is not asked. `mlstage explain ML101` tells
    what a rule is about.

    \b
    mlstage rules --tier production
    mlstage rules --family security --format json
    mlstage rules --door resource
    """
    chosen = _family(family) if family else ""
    settings = settings_here(policies)
    shown = [row for row in rows((*all_rules(), *settings.own), settings) if _wanted(row, chosen, tier, door)]
    if style == "json":
        click.echo(json.dumps([asdict(row) for row in shown], indent=2))
        return
    tiers = [tier] if tier else list(TIERS)
    headings = [heading for heading in _HEADINGS if heading not in TIERS or heading in tiers]
    print_table(headings, [_cells(row, tiers) for row in shown])


def _wanted(row: Row, family: str, tier: str | None, door: str | None) -> bool:
    in_tier = tier is None or getattr(row, tier) != "disabled"
    return family in ("", row.family) and in_tier and (door is None or door in row.doors)


def _family(name: str) -> str:
    """Find a family by its id or a part of its name. Raises `click.UsageError` if there is none."""
    wanted = name.lower().removesuffix("xx")
    for key, words in FAMILIES.items():
        if wanted == key.lower() or wanted in words:
            return words
    close = get_close_matches(wanted, [*FAMILIES, *FAMILIES.values()], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(f"{key} ({words})" for key, words in FAMILIES.items())
    raise click.UsageError(f"There is no family {name!r}.{hint} The families are {listed}.")


def _cells(row: Row, tiers: list[str]) -> tuple[str, ...]:
    return (row.id, row.name, row.title, *(str(getattr(row, tier)) for tier in tiers), row.scope)
