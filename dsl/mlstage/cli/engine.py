"""What `preview`, `up` and `destroy` share: compile, then hand over to the real Pulumi."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from mlstage.cli.compile_command import compile_project
from mlstage.cli.options import offline_option, policies_option, project_root, stack_option
from mlstage.cli.output import show_problems, summary
from mlstage.diagnostics import exit_code

_PACK: Final = Path("policies")
_SETTINGS: Final = Path("policies/recommended.json")

F = TypeVar("F", bound=Callable[..., Any])


def engine_options(function: F) -> F:
    """Add the options that the three commands share."""
    pass_on = click.argument("pulumi_args", nargs=-1, type=click.UNPROCESSED, metavar="[-- PULUMI_OPTIONS]")
    for decorate in (pass_on, policies_option, offline_option, stack_option):
        function = decorate(function)
    return function


def run_engine(
    operation: str, stack: str, *, offline: bool, policies: Path | None, arguments: Sequence[str], judged: bool = True
) -> None:
    """Compile the project, run `pulumi OPERATION` on a stack with the policy pack on, and leave with its verdict."""
    from mlstage.offline.project import find_project
    from mlstage.offline.stacks import require_stack_file

    root = project_root()
    require_stack_file(find_project(root), stack)
    _compile(root, policies)
    pack = _policy_arguments(root, policies) if judged else []
    code = _pulumi([operation, "--stack", stack, *pack, *arguments], root, offline)
    # Pulumi's codes tell kinds of failure apart that all mean: read what it said.
    raise click.exceptions.Exit(0 if code == 0 else 1)


def _compile(root: Path, policies: Path | None) -> None:
    """Stop where the specs are wrong; what the rules object to is for the policy pack to refuse."""
    done = compile_project(root, policies)
    if done.written is None:
        show_problems(done.found)
        click.echo(f"{summary(done.found)}: Pulumi was not started", err=True)
        raise click.exceptions.Exit(exit_code(done.found) or 2)
    for path in (*done.written.changed, *done.written.removed):
        click.echo(f"compiled {path}", err=True)


def _policy_arguments(root: Path, policies: Path | None) -> list[str]:
    if not (root / _PACK / "PulumiPolicy.yaml").is_file():
        return []
    settings = (policies or root / _SETTINGS).resolve()
    return [f"--policy-pack={root / _PACK}", *([f"--policy-pack-config={settings}"] if settings.is_file() else [])]


def _pulumi(arguments: Sequence[str], root: Path, offline: bool) -> int:
    from mlstage.offline.__main__ import require_python_side
    from mlstage.offline.run import run_pulumi

    require_python_side()
    sys.stdout.flush()
    return run_pulumi(arguments, offline=offline, project_root=root)
