"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

specs_argument = click.argument("specs", nargs=-1, type=click.Path(path_type=Path), metavar="[SPEC]...")
stacks_option = click.option(
    "-s", "--stack", "stacks", multiple=True, metavar="NAME", help="Only this stack; may be given again."
)
stack_option = click.option("-s", "--stack", required=True, metavar="NAME", help="The stack, such as test or prod.")
offline_option = click.option(
    "--offline", is_flag=True, help="Run without AWS: a stand-in provider checks everything and creates nothing."
)
policies_option = click.option(
    "--policies",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Policy settings to judge by; policies/recommended.json if the project has it.",
)


def project_root() -> Path:
    """Find the project that the command was called in. Raises `ProjectError`."""
    from mlstage.project import find_root

    return find_root(Path.cwd())


def today() -> date:
    """Give the day by which waivers are judged: the only clock that mlstage reads."""
    return date.today()


def check_region(region: str) -> None:
    """Refuse the name of a region that AWS does not have, with the nearest ones."""
    from mlstage.catalog.regions import nearest_region
    from mlstage.catalog.regions import region as region_named

    if region_named(region) is None:
        close = nearest_region(region)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"{region!r} is no AWS region.{hint}")
