"""`mlstage compile`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from mlstage.cli.options import policies_option, project_root, specs_argument, today
from mlstage.cli.output import format_option, show_problems, summary
from mlstage.cli.progress import progress
from mlstage.cli.settings import settings_for
from mlstage.diagnostics import Diagnostic, exit_code
from mlstage.emit import FORMATS, EmitError, OutputFormat, Written, check, explain, write
from mlstage.project import Study
from mlstage.project.fleet import study_fleet
from mlstage.project.outputs import formats_in_use, plan_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What compiling found, and what it wrote; `written` is None if nothing may be. `needs` tells of quotas."""

    found: tuple[Diagnostic, ...]
    written: Written | None
    needs: tuple[str, ...] = ()


@click.command("compile")
@specs_argument
@click.option(
    "-t",
    "--target",
    "names",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="What to write; may be given again. By default what the project has already, or Pulumi programs.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a file is not what its spec gives.")
@click.option("--force", is_flag=True, help="Overwrite generated files that were edited by hand.")
@policies_option
@format_option
def command(
    specs: Sequence[Path], names: Sequence[str], only_check: bool, force: bool, policies: Path | None, style: str
) -> None:
    """Compile specs, for every stack, into Pulumi programs below programs/ or other formats in their own folders.

    \b
    pulumi      programs/ENVIRONMENT/STACK.py: they import Pulumi only and can be kept without mlstage
    terraform   terraform/ENVIRONMENT/STACK/main.tf.json, with a README.md: for Terraform and OpenTofu
    kubernetes  kubernetes/ENVIRONMENT/STACK/*.yaml with a kustomization: what lives in a cluster, for GitOps

    Of each format all files are written or, if anything is wrong with a spec, none. What policy rules object to is
    shown and does not stop the writing: `mlstage check` fails on it, and the policy pack does when Pulumi runs. What a
    format cannot say is told in notes, with the commands to run instead.

    Without SPEC, all of environments/ is compiled. With SPEC, only those: the files of all other specs stay as they
    are, whatever is wrong with those.

    \b
    mlstage compile
    mlstage compile environments/fraud_detection.py
    mlstage compile --target terraform
    mlstage compile --check     in a pull request: are the committed files current?
    """
    root = project_root()
    outputs = tuple(FORMATS[name] for name in dict.fromkeys(names)) or formats_in_use(root)
    done = compile_project(root, policies, specs=specs, outputs=outputs, only_check=only_check, force=force)
    show_problems(done.found, style, out=sys.stdout if style != "text" else None)
    if style == "text":
        click.echo(_checked(done.found) if only_check else _closing(done), err=True)
    raise click.exceptions.Exit(_code(done.found, only_check))


def compile_project(
    root: Path,
    policies: Path | None = None,
    *,
    specs: Sequence[Path] = (),
    outputs: Sequence[OutputFormat] = (FORMATS["pulumi"],),
    only_check: bool = False,
    force: bool = False,
) -> Outcome:
    """Compile a project, or some of its specs, and write it in some formats, or only compare what is there."""
    with progress("compiling specs") as told:
        done = study_fleet(root, specs=specs, settings=settings_for(root, policies), today=today(), progress=told)
    if done.failed:
        return Outcome(done.diagnostics, None)
    found = (*done.diagnostics, *_notes(done, outputs))
    try:
        plans = [plan_of(done, output) for output in outputs]
        if only_check:
            return Outcome((*found, *(one for plan in plans for one in explain(check(plan, root)))), None)
        written = [write(plan, root, force=force) for plan in plans]
    except EmitError as error:
        return Outcome((*found, *error.diagnostics), None)
    changed = tuple(path for one in written for path in one.changed)
    removed = tuple(path for one in written for path in one.removed)
    return Outcome(found, Written(changed, removed), _needs(done) if changed else ())


def _needs(done: Study) -> tuple[str, ...]:
    from mlstage.cli.quotas import quota_lines

    return tuple(quota_lines(one.graph for one in done.stacks))


def _notes(done: Study, outputs: Sequence[OutputFormat]) -> tuple[Diagnostic, ...]:
    return tuple(note for output in outputs for one in done.stacks for note in output.notes(one.graph))


def _code(found: tuple[Diagnostic, ...], only_check: bool) -> int:
    """Fail on what is wrong with the input or, when checking, stale; not on what rules object to."""
    return exit_code([one for one in found if not one.code.startswith("ML")]) if not only_check else _stale(found)


def _stale(found: tuple[Diagnostic, ...]) -> int:
    wrong = exit_code([one for one in found if not one.code.startswith(("ML", "GEN"))])
    return wrong or int(any(one.code.startswith("GEN") for one in found))


def _checked(found: tuple[Diagnostic, ...]) -> str:
    stale = any(one.code.startswith("GEN") for one in found)
    return summary(found) if stale or exit_code(found) else f"{summary(found)}: every generated file is current"


def _closing(done: Outcome) -> str:
    written = done.written
    if written is None:
        return f"{summary(done.found)}: nothing was written"
    if not written.changed and not written.removed:
        return f"{summary(done.found)}: every generated file is current"
    told = [f"wrote {path}" for path in written.changed] + [f"removed {path}" for path in written.removed]
    asked = ["`mlstage check --live` asks AWS whether the account has them"] if done.needs else []
    return "\n".join([*told, *done.needs, *asked, summary(done.found)])
