"""The way of every command: load, resolve, check, lower, judge, with all problems of a run together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mlstage import targets
from mlstage.diagnostics import Diagnostic, Related, Severity, Where
from mlstage.graph import Graph
from mlstage.insight.outline import Outline
from mlstage.passes import Context, run_passes
from mlstage.project.clashes import same_environments, same_resources, same_workloads
from mlstage.project.outlines import outline_of, unknown_allowances
from mlstage.project.root import specs_of
from mlstage.project.tags import tag_problems
from mlstage.resolve import ResolvedEnvironment, StackFile, read_stack_file, resolve, unknown_overrides
from mlstage.resolve.stages import unknown_stages
from mlstage.rules.judge import judge
from mlstage.rules.report import diagnostics as report
from mlstage.rules.settings import Settings
from mlstage.rules.waivers import Waiver
from mlstage.spec.environment import Environment
from mlstage.spec.load import LoadedSpec, load_spec
from mlstage.spec.per_stage import known
from mlstage.spec.waivers import Waiver as SpecWaiver


@dataclass(frozen=True, slots=True)
class CompiledStack:
    """One environment in one stack: what its author wants, its graph, and what it rests on.

    `spec_path` and `sources` are relative to the project's root. `overrides` are those of the stack's file that concern
    the environment. `resolved` is None where the stack was compiled in another process.
    """

    spec_path: str
    sources: tuple[str, ...]
    outline: Outline
    overrides: Mapping[str, Mapping[str, Any]]
    graph: Graph
    waivers: tuple[Waiver, ...]
    resolved: ResolvedEnvironment | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """What a run found: every stack that could be compiled, and every problem.

    `whole` says that all specs of the project were read, so that what is not here does not exist.
    """

    root: Path
    stacks: tuple[CompiledStack, ...]
    diagnostics: tuple[Diagnostic, ...]
    whole: bool

    @property
    def failed(self) -> bool:
        """Whether something is wrong with the input itself, so that nothing may be written."""
        return any(d.severity is Severity.ERROR and not d.code.startswith("ML") for d in self.diagnostics)


def study(
    root: Path,
    *,
    specs: Sequence[Path] = (),
    stacks: Sequence[str] = (),
    settings: Settings | None = None,
    today: date | None = None,
) -> Study:
    """Study a project's specs. With `today`, the rules are asked as well; without it they are not.

    Raises `ProjectError` when there is nothing to study.
    """
    loaded = [load_spec(path, root) for path in specs_of(root, specs)]
    problems = [problem for spec in loaded for problem in spec.diagnostics] + [*same_environments(loaded)]
    sound = [spec for spec in loaded if not spec.diagnostics]
    environments = [environment for spec in sound for environment in spec.environments]
    problems += [found for environment in environments for found in same_workloads(environment)]
    files, unread = _stack_files(root, environments, stacks)
    problems += unread
    whole = not specs and len(sound) == len(loaded)
    if whole:
        problems += [wrong for file in files.values() for wrong in unknown_overrides(environments, file)]
    compiled: list[CompiledStack] = []
    for spec in sound:
        for one in _compile(spec, files):
            problems += one if isinstance(one, list) else []
            compiled += [one] if isinstance(one, CompiledStack) else []
    for environment in environments:
        outlines = [one.outline for one in compiled if one.outline.environment == environment.name]
        if len(outlines) == len(environment.stages):  # else a field that one stack alone has would seem unknown
            problems += unknown_allowances(environment, outlines)
    problems += same_resources([one.graph for one in compiled])
    if today is not None:
        settings = settings or Settings()
        verdicts = (judge(one.graph, settings, (*one.waivers, *settings.waivers), today=today) for one in compiled)
        problems += [_overridden(_placed(found, compiled), compiled, files) for found in report(verdicts)]
    return Study(root, tuple(compiled), _merged(problems, files), whole)


def _stack_files(
    root: Path, environments: Iterable[Environment], chosen: Sequence[str]
) -> tuple[dict[str, StackFile], list[Diagnostic]]:
    known = list(dict.fromkeys(stack for environment in environments for stack in environment.stages))
    problems = [_unknown_stack(stack, known) for stack in chosen if known and stack not in known]
    files: dict[str, StackFile] = {}
    for stack in known:
        if not chosen or stack in chosen:
            file, wrong = read_stack_file(root, stack)
            problems += wrong
            if file:
                files[stack] = file
    return files, problems


def _unknown_stack(stack: str, known: Sequence[str]) -> Diagnostic:
    from difflib import get_close_matches

    close = get_close_matches(stack, known, n=1)
    instead = f"--stack {close[0]}" if close else f"one of {', '.join(known)}"
    return Diagnostic("SPEC303", f"no environment has a stack {stack!r}", instead)


def _compile(spec: LoadedSpec, files: Mapping[str, StackFile]) -> Iterator[CompiledStack | list[Diagnostic]]:
    for environment in spec.environments:
        if any(same_workloads(environment)):
            continue
        misnamed = [*unknown_stages(environment)]
        yield [found for _, found in misnamed]
        told = [staged.where() for staged, _ in misnamed]
        for stack in environment.stages:
            if stack in files:
                yield from _compile_stack(spec, environment, files[stack], told)


def _compile_stack(
    spec: LoadedSpec, environment: Environment, file: StackFile, told: Sequence[Where | None]
) -> Iterator[CompiledStack | list[Diagnostic]]:
    """Compile one stack. What is missing from a `per_stage` in `told` is there, under a name that was told of."""
    resolved, wrong = resolve(environment, file)
    if any(one.code == "SPEC106" and one.where in told for one in wrong):
        yield [one for one in wrong if one.code != "SPEC106" or one.where not in told]
        return
    found = list(wrong)
    if not _errors(found):
        found += [*targets.check(resolved, file.where_of_region()), *tag_problems(resolved)]
    if not _errors(found):
        graph = targets.lower(resolved)
        found += same_resources([graph])
    yield found
    if not _errors(found):
        graph = run_passes(graph, context_of(resolved))
        outline, waivers = outline_of(resolved), tuple(_waivers(resolved))
        yield CompiledStack(spec.path, spec.sources, outline, resolved.overrides, graph, waivers, resolved)


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(one.severity is Severity.ERROR for one in found)


def context_of(resolved: ResolvedEnvironment) -> Context:
    """Say what the passes must know of a resolved environment."""
    environment = resolved.environment
    return Context(
        environment=environment.name,
        owner=environment.owner,
        stack=resolved.stack,
        tier=resolved.stage.tier,
        tags={**environment.tags, **resolved.stage.tags, **_budget_tag(resolved)},
        workload_tags={one.workload.name: known(one.workload.tags) for one in resolved.workloads},
    )


def _budget_tag(resolved: ResolvedEnvironment) -> Mapping[str, str]:
    """Tag what a budget counts, where there is one."""
    billed_to = targets.place_of(resolved).billed_to
    return {targets.BUDGET_TAG: billed_to} if billed_to else {}


def _waivers(resolved: ResolvedEnvironment) -> Iterator[Waiver]:
    for waiver in resolved.stage.waivers:
        yield _waiver(waiver, resolved.environment.name, "")
    for workload in resolved.workloads:
        for waiver in workload.workload.waivers:
            yield _waiver(waiver, resolved.environment.name, workload.workload.name, workload.where("waivers"))


def _waiver(waiver: SpecWaiver, environment: str, workload: str, owner: Where | None = None) -> Waiver:
    until = date.fromisoformat(waiver.until)
    return Waiver(waiver.rule, waiver.reason, until, environment, workload, where=waiver.where() or owner)


def _placed(found: Diagnostic, compiled: Iterable[CompiledStack]) -> Diagnostic:
    """Blame the environment for what none of its workloads has, such as its budget."""
    if found.where is not None:
        return found
    for one in compiled:
        if one.graph.stack == found.stack and found.subject in one.graph.by_name:
            written = one.resolved.environment.where() if one.resolved else None
            return replace(found, where=written or Where(one.spec_path))
    return found


def _overridden(found: Diagnostic, compiled: Iterable[CompiledStack], files: Mapping[str, StackFile]) -> Diagnostic:
    """Add to what a rule says of a workload which of its values are not the spec's own in that stack.

    Rules see the graph, whose resources know the workload's line only.
    """
    for one in compiled:
        environment, _, workload = found.subject.partition("/")
        if (one.graph.environment, one.graph.stack) == (environment, found.stack) and workload:
            file = files[found.stack]
            notes = tuple(
                Related(f"the stack's file overrides `{field}`", file.where(key, field))
                for key in (workload, found.subject)
                for field in one.overrides.get(key, {})
            )
            return replace(found, related=(*found.related, *notes))
    return found


def _merged(problems: Iterable[Diagnostic], files: Mapping[str, StackFile]) -> tuple[Diagnostic, ...]:
    """Say once what is wrong in every stack; what is wrong in some keeps its stack's name."""
    stacks: dict[Diagnostic, set[str]] = {}
    for problem in problems:
        stacks.setdefault(replace(problem, stack=""), set()).add(problem.stack)
    merged: list[Diagnostic] = []
    for problem, where in stacks.items():
        if where >= set(files):
            merged.append(problem)
        else:
            merged += [replace(problem, stack=stack) for stack in sorted(where)]
    return tuple(merged)
