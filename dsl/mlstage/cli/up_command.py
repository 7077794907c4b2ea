"""`mlstage up`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlstage.cli.engine import engine_options, run_engine


@click.command("up")
@engine_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask before changing anything.")
def command(stack: str, offline: bool, policies: Path | None, pulumi_args: Sequence[str], yes: bool) -> None:
    """Compile, then deploy a stack with Pulumi, judged by the policy pack.

    Offline nothing is created in AWS and nobody is asked. What follows `--` goes to Pulumi.

    \b
    mlstage up --stack test --offline
    mlstage up --stack test
    """
    arguments = [*(["--yes"] if yes or offline else []), *pulumi_args]
    run_engine("up", stack, offline=offline, policies=policies, arguments=arguments)
