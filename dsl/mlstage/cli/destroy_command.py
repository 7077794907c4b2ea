"""`mlstage destroy`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlstage.cli.engine import engine_options, run_engine


@click.command("destroy")
@engine_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask before deleting anything.")
def command(stack: str, offline: bool, policies: Path | None, pulumi_args: Sequence[str], yes: bool) -> None:
    """Delete everything that a stack has deployed.

    Offline there is nothing to lose and nobody is asked. What follows `--` goes to Pulumi.

    \b
    mlstage destroy --stack test --offline
    """
    arguments = [*(["--yes"] if yes or offline else []), *pulumi_args]
    run_engine("destroy", stack, offline=offline, policies=policies, arguments=arguments, judged=False)
