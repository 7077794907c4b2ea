"""`mlstage check`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mlstage.cli.options import policies_option, project_root, specs_argument, stacks_option, today
from mlstage.cli.output import format_option, show_problems, summary
from mlstage.cli.settings import settings_for, settings_here
from mlstage.diagnostics import Diagnostic, Summary, Where, exit_code, in_order
from mlstage.rules.levels import TIERS
from mlstage.rules.settings import Settings

if TYPE_CHECKING:
    from mlstage.project import Study

_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Saved:
    """What other tools saved, to be judged in the place of specs."""

    plans: Sequence[Path]
    previews: Sequence[Path]
    stack: str
    tier: str


@click.command("check")
@specs_argument
@stacks_option
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Judge a Terraform plan instead; - reads standard input.",
)
@click.option(
    "--preview", "previews", multiple=True, type=_FILE, metavar="FILE", help="Judge a Pulumi preview instead."
)
@click.option("--tier", type=click.Choice(TIERS[:2]), help="Judge a plan or a preview as one of this tier.")
@click.option("--live", is_flag=True, help="Ask AWS as well: does the account have the quotas that the stacks need?")
@click.option("--strict", is_flag=True, help="Fail on what a mandatory rule cannot decide.")
@policies_option
@format_option
def command(
    specs: Sequence[Path],
    stacks: Sequence[str],
    plans: Sequence[Path],
    previews: Sequence[Path],
    tier: str | None,
    live: bool,
    strict: bool,
    policies: Path | None,
    style: str,
) -> None:
    """Check specs for every stack: what AWS would refuse, and what the policy rules object to.

    Without SPEC, all of environments/ is checked. Nothing is written, and without --live no AWS account is needed.

    With --plan or --preview the rules judge infrastructure that mlstage did not write, in any folder. The tier is what
    --tier or the policy settings say, else what the stack's or workspace's name or a tag tells; --stack names the
    workspace, which is not in a plan.

    \b
    mlstage check
    mlstage check environments/fraud_detection.py --stack prod
    mlstage check --format github
    mlstage check --stack prod --live      before a first deployment: quotas of big machines are 0 in new accounts
    terraform plan -out=plan && terraform show -json plan | mlstage check --plan -
    pulumi preview --json > preview.json; mlstage check --preview preview.json --strict
    """
    if plans or previews:
        _refuse_mixture(specs, stacks, live)
        saved = Saved(plans, previews, "".join(stacks), tier or "")
        done, told = _check_saved(saved, _settings(settings_here(policies), strict))
    elif tier:
        raise click.UsageError("--tier is for --plan and --preview; a spec's stages say their tier.")
    else:
        from mlstage.cli.progress import progress
        from mlstage.project.fleet import study_fleet

        root = project_root()
        settings = _settings(settings_for(root, policies), strict)
        with progress("checking specs") as tell:
            studied = study_fleet(root, specs=specs, stacks=stacks, settings=settings, today=today(), progress=tell)
        done, told = studied.diagnostics, Summary((_checked(studied),)) if studied.stacks else Summary()
        if live:
            from mlstage.cli.quotas import live_problems

            done = in_order((*done, *live_problems(one.graph for one in studied.stacks)))
    show_problems(done, style, out=sys.stdout, summary=told)
    if style == "text":
        _close(done, told)
    raise click.exceptions.Exit(exit_code(done))


def _settings(settings: Settings, strict: bool) -> Settings:
    return settings.strictly() if strict else settings


def _refuse_mixture(specs: Sequence[Path], stacks: Sequence[str], live: bool) -> None:
    if live:
        raise click.UsageError("--live asks AWS about specs; a plan or a preview has asked AWS already.")
    if specs:
        raise click.UsageError(f"{specs[0].as_posix()} is a spec, and --plan and --preview judge instead of specs.")
    if len(stacks) > 1:
        raise click.UsageError("A plan or a preview is of one stack: give --stack once.")


def _check_saved(saved: Saved, settings: Settings) -> tuple[tuple[Diagnostic, ...], Summary]:
    """Judge every file, also where another one cannot be read."""
    from mlstage.readers.errors import ReadError
    from mlstage.readers.saved import Terms, judge_plan, judge_preview

    here = Path.cwd()
    terms = Terms(today(), settings, stack=saved.stack, tier=saved.tier, places=(here, *here.parents))
    found: list[Diagnostic] = []
    lines: list[str] = []
    judged: list[object] = []
    for path, judge in (
        *((path, judge_plan) for path in saved.plans),
        *((path, judge_preview) for path in saved.previews),
    ):
        try:
            done = judge(path, terms)
        except ReadError as error:
            what, place = error.what.removeprefix(f"{path.as_posix()}: "), Where(path.as_posix())
            found.append(Diagnostic("READ101", what, error.instead or "a whole file", where=place))
            continue
        found += done.diagnostics
        lines += done.summary.lines
        judged.append(dict(done.summary.facts))
    return tuple(found), Summary(tuple(lines), {"judged": judged})


# More environments than this are counted: nobody reads a line of three hundred names.
_NAMED: Final = 12


def _checked(done: Study) -> str:
    names = sorted({one.graph.environment for one in done.stacks})
    stacks = list(dict.fromkeys(one.graph.stack for one in done.stacks))
    free = "free of errors: " if done.failed else ""
    named = ", ".join(names) if len(names) <= _NAMED else f"{len(names)} environments"
    return f"{free}{named} in {', '.join(stacks)}"


def _close(done: Sequence[Diagnostic], told: Summary) -> None:
    """Count, then say what was looked at; the former shape stands on one line where one says it."""
    first, *more = told.lines or ("",)
    separator = "; " if first.startswith("free of errors") else ": "
    click.echo(f"{summary(done)}{separator}{first}" if first else summary(done), err=bool(done))
    for line in more:
        click.echo(line, err=bool(done))
