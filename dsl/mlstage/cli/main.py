"""The `mlstage` command. Commands are imported when they are called, so that start-up stays quick."""

from __future__ import annotations

import gc
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

from mlstage._version import __version__

# Command, then the line that `mlstage --help` shows; the module of the same name in this package defines it.
COMMANDS: Final = {
    "init": "Write a small working project into a folder.",
    "check": "Check specs: what AWS would refuse, and what a good engineer would.",
    "compile": "Compile specs into Pulumi programs.",
    "plan-check": "Run Terraform's init, validate and plan, and judge the plan.",
    "preview": "Compile, then show what `pulumi up` would change.",
    "up": "Compile, then deploy with Pulumi.",
    "destroy": "Delete everything that a stack has deployed.",
    "offers": "List the instance types that SageMaker offers, and for what.",
    "rules": "List the policy rules and how much each weighs.",
    "explain": "Explain a rule or an error by its id, or a word of the language.",
    "targets": "Show what each target can run.",
    "list": "List stacks, or those that a change may have touched.",
    "diff": "Set two stacks side by side: what differs, and whether it is meant.",
    "review": "Say what a change means, stack by stack, against a git revision.",
    "cost": "Say what environments cost a month, before they run.",
    "schema": "Print the JSON Schema of stack files, for editors.",
    "graph": "Draw the architecture of stacks, as Mermaid or SVG.",
    "report": "Put stacks on one page of HTML: compared, drawn, priced, judged.",
    "advise": "Say which machine a workload should run on, and why.",
    "simulate": "Play a day of an endpoint through, minute by minute.",
    "prices": "Show the prices that costs rest on, and read today's from AWS.",
}

EXIT_OK: Final = 0
EXIT_FINDINGS: Final = 1
EXIT_INPUT: Final = 2
EXIT_TOOL: Final = 3
EXIT_BUG: Final = 4


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mlstage.cli.{cmd_name.replace('-', '_')}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = get_close_matches(args[0], COMMANDS, n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from error


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlstage")
def group() -> None:
    """Machine-learning environments on AWS, written in Python, checked before anything runs.

    Specs live in environments/*.py. `mlstage check` judges them, `mlstage compile` writes plain Pulumi programs, and
    `mlstage up --stack test --offline` runs them on the real Pulumi engine without an AWS account.

    Exit codes: 0 fine, 1 findings, 2 the input is wrong, 3 a tool is missing, 4 a bug in mlstage.
    """


def main() -> None:
    """Run the command line; whatever happens, the user is told in words what to do next."""
    # Start-up makes many objects and hardly any garbage: looking for it as often as by default costs a twentieth.
    gc.set_threshold(50_000, 20, 20)
    try:
        # Outside of its standalone mode click hands the code of an `Exit` back instead of raising it.
        said = group(standalone_mode=False)
        code = said if isinstance(said, int) else EXIT_OK
    except click.Abort:
        click.echo("stopped", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = EXIT_INPUT
    except BrokenPipeError:
        # The reader of a pipe has seen enough; a second write at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_OK
    except Exception as error:
        code = _failed(error)
    sys.exit(code)


def _failed(error: Exception) -> int:
    from mlstage.cli.failures import tell

    return tell(error)
