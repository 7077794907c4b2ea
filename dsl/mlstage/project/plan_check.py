"""Root modules taken through Terraform: `init`, `validate`, `plan`, and the policy rules on the plan.

A module that mlstage compiled is judged with what only its spec knows: the author's lines, the stage's tier, waivers.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from mlstage.diagnostics import Diagnostic, Severity, Summary, Where
from mlstage.graph import Graph
from mlstage.offline.terraform import Complaint, Terraform, TerraformFailed
from mlstage.project.part import CompiledStack
from mlstage.readers.saved import Judged, Terms, judge_plan
from mlstage.rules.report import diagnostics

REFUSED = "TF201"
NOT_PLANNED = "TF202"

# Told what begins; ends when that does.
Telling = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class RootModule:
    """A folder with a root module: `shown` is its path as the user writes it, `stack` what it was compiled from."""

    folder: Path
    shown: str
    stack: CompiledStack | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What Terraform and the rules say of a module; `judged` is None where it did not come to a plan."""

    module: RootModule
    diagnostics: tuple[Diagnostic, ...]
    judged: Judged | None = None

    @property
    def summary(self) -> Summary:
        """What was judged, or that there was nothing to judge."""
        if self.judged:
            return self.judged.summary
        refused = any(one.severity is Severity.ERROR for one in self.diagnostics)
        return Summary((f"{self.module.shown}: {'refused' if refused else 'valid'}",))


def check_module(
    module: RootModule,
    terraform: Terraform,
    terms: Terms,
    telling: Telling,
    *,
    options: Sequence[str] = (),
    planned: bool = True,
) -> Checked:
    """Take one module through Terraform; `options` go to `plan`, and without `planned` it ends with `validate`.

    What Terraform refuses is among the diagnostics. Raises `TerraformFailed` if it fails without saying of what.
    """
    code = REFUSED
    found: tuple[Diagnostic, ...] = ()
    try:
        with telling(f"{module.shown}: {terraform.name} init"):
            terraform.init(module.folder, backend=planned)
        with telling(f"{module.shown}: {terraform.name} validate"):
            found = tuple(_diagnostic(REFUSED, one, module) for one in terraform.validate(module.folder))
        if any(one.severity is Severity.ERROR for one in found) or not planned:
            return Checked(module, found)
        code = NOT_PLANNED
        with telling(f"{module.shown}: {terraform.name} plan"):
            plan = terraform.plan(module.folder, *options)
    except TerraformFailed as error:
        if not error.complaints:
            raise
        return Checked(module, (*found, *(_diagnostic(code, one, module, error.instead) for one in error.complaints)))
    judged = _judged(plan, module, terms)
    return Checked(module, (*found, *judged.diagnostics), judged)


def _judged(plan: dict[str, object], module: RootModule, terms: Terms) -> Judged:
    if module.stack is not None:
        graph = module.stack.graph
        terms = replace(terms, stack=graph.stack, tier=terms.tier or graph.tier, waivers=module.stack.waivers)
    with tempfile.TemporaryDirectory(prefix="mlstage-plan-") as work:
        file = Path(work) / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        judged = judge_plan(file, terms, module=module.folder, shown=Path(module.shown))
    if module.stack is not None:
        verdict = replace(judged.verdict, graph=_at_the_authors_lines(judged.verdict.graph, module.stack.graph))
        judged = replace(judged, verdict=verdict, diagnostics=diagnostics([verdict]))
    else:
        judged = replace(judged, diagnostics=tuple(_placed(one, file, module) for one in judged.diagnostics))
    return replace(judged, file=module.shown)


def _at_the_authors_lines(read: Graph, compiled: Graph) -> Graph:
    """Give what was read from a plan the lines of the spec that it was compiled from."""
    known = compiled.by_name
    resources = (
        replace(one, source=known[one.name].source, workload=known[one.name].workload) if one.name in known else one
        for one in read.resources
    )
    return replace(read.with_resources(resources), groups=compiled.groups, environment=compiled.environment)


def _placed(one: Diagnostic, file: Path, module: RootModule) -> Diagnostic:
    """Name the module in the place of a plan that nobody ever sees."""
    return replace(one, where=Where(module.shown)) if one.where == Where(file.as_posix()) else one


def _diagnostic(code: str, said: Complaint, module: RootModule, instead: str = "") -> Diagnostic:
    """Give Terraform's words, at the author's line if the resource is one of the spec's."""
    severity = Severity.ERROR if said.severity == "error" else Severity.WARNING
    what = f"{said.summary}: {' '.join(said.detail.split())}" if said.detail else said.summary
    place = Where(f"{module.shown}/{said.file}", said.line) if said.file else Where(module.shown)
    stack = module.stack.graph if module.stack else None
    resource = stack.by_name.get(said.address.rpartition(".")[2].partition("[")[0]) if stack else None
    return Diagnostic(
        code,
        what,
        instead or "what Terraform says; `terraform validate` in the module's folder shows it with its lines",
        severity=severity,
        where=(resource.source if resource else None) or place,
        subject=said.address,
        stack=stack.stack if stack else "",
    )
