"""`mlstage plan-check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.options import policies_option, project_root, stacks_option, today
from mlstage.cli.output import format_option, show_problems, summary
from mlstage.cli.settings import settings_for, settings_here
from mlstage.diagnostics import Diagnostic, Summary, exit_code
from mlstage.rules.levels import TIERS
from mlstage.rules.settings import Settings

if TYPE_CHECKING:
    from mlstage.project.plan_check import Checked, RootModule


@click.command("plan-check")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
@stacks_option
@click.option("--validate-only", is_flag=True, help="Stop before the plan, which asks AWS and the state.")
@click.option("--tier", type=click.Choice(TIERS[:2]), help="Judge the plans as ones of this tier.")
@click.option("--strict", is_flag=True, help="Fail on what a mandatory rule cannot decide.")
@click.option("--var-file", "variables", multiple=True, type=click.Path(path_type=Path), help="Handed to the plan.")
@policies_option
@format_option
def command(
    folders: Sequence[Path],
    stacks: Sequence[str],
    validate_only: bool,
    tier: str | None,
    strict: bool,
    variables: Sequence[Path],
    policies: Path | None,
    style: str,
) -> None:
    """Take root modules through `terraform init`, `validate` and `plan`, and judge each plan by the policy rules.

    Without FOLDER, the project is compiled to terraform/ first, and each of its modules is checked; what the rules
    object to is shown at the author's own lines. A FOLDER is any root module, whoever wrote it.

    Terraform or OpenTofu is taken from PATH, or from MLSTAGE_TERRAFORM. An AWS provider in a local mirror (one of the
    usual folders, or MLSTAGE_TERRAFORM_MIRROR) is used from there; else `init` downloads it. The plan needs the
    credentials that Terraform needs anyway, and the state: --validate-only does without both.

    Exit codes: 0 fine, 1 the rules object, 2 Terraform refuses, 3 Terraform is not there.

    \b
    mlstage plan-check --stack prod
    mlstage plan-check --validate-only          in a pull request from a fork, without credentials
    mlstage plan-check infra/live/prod --tier production --strict
    """
    if folders and stacks:
        raise click.UsageError("--stack chooses among the project's own modules, and a FOLDER is one module.")
    problems: tuple[Diagnostic, ...] = ()
    if folders:
        settings, modules = settings_here(policies), _given(folders)
    else:
        root = project_root()
        settings = settings_for(root, policies)
        modules, problems = _compiled(root, policies, stacks)
    settings = settings.strictly() if strict else settings
    checked = [*_checked(modules, settings, tier or "", variables, planned=not validate_only)] if modules else []
    done = [*problems, *(found for one in checked for found in one.diagnostics)]
    told = tuple(line for one in checked for line in one.summary.lines)
    show_problems(done, style, out=sys.stdout, summary=Summary(told))
    if style == "text":
        click.echo("\n".join([*told, summary(done)]), err=True)
    raise click.exceptions.Exit(exit_code(done))


def _checked(
    modules: Sequence[RootModule], settings: Settings, tier: str, variables: Sequence[Path], *, planned: bool
) -> Iterator[Checked]:
    from mlstage.offline.progress import Progress
    from mlstage.offline.terraform import find_terraform
    from mlstage.project.plan_check import check_module
    from mlstage.readers.saved import Terms

    terraform, progress, terms = find_terraform(), Progress(), Terms(today(), settings, tier=tier)
    options = [f"-var-file={path.resolve()}" for path in variables]
    for module in modules:
        yield check_module(module, terraform, terms, progress.step, options=options, planned=planned)


def _given(folders: Sequence[Path]) -> list[RootModule]:
    from mlstage.project.plan_check import RootModule

    for folder in folders:
        if not folder.is_dir():
            raise click.UsageError(f"{folder.as_posix()} is no folder: name the folder of a root module.")
        if not any((*folder.glob("*.tf"), *folder.glob("*.tf.json"), *folder.glob("*.tofu"))):
            raise click.UsageError(f"{folder.as_posix()} has no *.tf or *.tf.json file, so it is no root module.")
    return [RootModule(folder.resolve(), folder.as_posix()) for folder in folders]


def _compiled(
    root: Path, policies: Path | None, stacks: Sequence[str]
) -> tuple[list[RootModule], tuple[Diagnostic, ...]]:
    """Compile the project to Terraform, and give the modules of the stacks chosen, or what is wrong."""
    from mlstage.cli.compile_command import compile_project
    from mlstage.emit import FORMATS
    from mlstage.emit.terraform import folder_of
    from mlstage.project import study
    from mlstage.project.plan_check import RootModule

    done = compile_project(root, policies, outputs=(FORMATS["terraform"],))
    if done.written is None:
        return [], tuple(one for one in done.found if not one.code.startswith("ML"))
    chosen = study(root, stacks=stacks)
    folders = [(one, folder_of(one.graph)) for one in chosen.stacks]
    return [RootModule(root / folder, folder, one) for one, folder in folders], chosen.diagnostics
