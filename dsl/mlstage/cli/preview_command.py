"""`mlstage preview`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlstage.cli.engine import engine_options, run_engine


@click.command("preview")
@engine_options
@click.option("--diff", is_flag=True, help="Show every property that would change.")
def command(stack: str, offline: bool, policies: Path | None, pulumi_args: Sequence[str], diff: bool) -> None:
    """Compile, then show what `pulumi up` would change in a stack, judged by the policy pack.

    What follows `--` goes to Pulumi.

    \b
    mlstage preview --stack prod
    mlstage preview --stack prod --offline     no AWS account, the same engine and policies
    """
    arguments = [*(["--diff"] if diff else []), *pulumi_args]
    run_engine("preview", stack, offline=offline, policies=policies, arguments=arguments)
