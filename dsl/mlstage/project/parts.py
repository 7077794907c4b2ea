"""What one spec comes to, by itself: its stacks, and every problem that can be seen without the other specs.

A part is plain data but for `CompiledStack.resolved`, so it can be worked out in another process and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mlstage import targets
from mlstage.diagnostics import Diagnostic, Related, Severity, Where
from mlstage.passes import Context, run_passes
from mlstage.project.clashes import Named, same_resources, same_workloads
from mlstage.project.outlines import outline_of, unknown_allowances
from mlstage.project.part import Asked, CompiledStack, Part
from mlstage.project.tags import tag_problems
from mlstage.resolve import ResolvedEnvironment, StackFile, read_stack_file
from mlstage.resolve.resolve import resolve
from mlstage.resolve.stages import unknown_stages
from mlstage.rules.judge import judge
from mlstage.rules.report import diagnostics as report
from mlstage.rules.waivers import Waiver
from mlstage.spec.environment import Environment
from mlstage.spec.load import LoadedSpec, load_spec
from mlstage.spec.per_stage import known
from mlstage.spec.waivers import Waiver as SpecWaiver


def part_of(path: Path, root: Path, asked: Asked) -> Part:
    """Work out what one spec comes to. Whatever is wrong with it is in the part; an author's mistake raises nothing."""
    spec = load_spec(path, root)
    named = tuple(Named.of(environment) for environment in spec.environments)
    if spec.diagnostics:
        return Part(spec.path, spec.sources, False, named, problems=spec.diagnostics)
    problems = [found for environment in spec.environments for found in same_workloads(environment)]
    files, unread = _stack_files(root, spec.environments, asked.stacks)
    problems += unread
    compiled: list[CompiledStack] = []
    for one in _compile(spec, files):
        problems += one if isinstance(one, list) else []
        compiled += [one] if isinstance(one, CompiledStack) else []
    for environment in spec.environments:
        outlines = [one.outline for one in compiled if one.outline.environment == environment.name]
        if len(outlines) == len(environment.stages):  # else a field that one stack alone has would seem unknown
            problems += unknown_allowances(environment, outlines)
    judged, idle = _judged(compiled, files, asked) if asked.today else ((), ())
    return Part(spec.path, spec.sources, True, named, tuple(compiled), (*problems, *judged), idle)


def _judged(
    compiled: Sequence[CompiledStack], files: Mapping[str, StackFile], asked: Asked
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Ask the rules; what they say of waivers of the settings that nothing here needed comes second."""
    today, settings = asked.today, asked.settings
    assert today is not None
    verdicts = (judge(one.graph, settings, (*one.waivers, *settings.waivers), today=today) for one in compiled)
    found = [_overridden(_placed(one, compiled), compiled, files) for one in report(verdicts)]
    idle = [one for one in found if any(_is_about(one, waiver) for waiver in settings.waivers)]
    return tuple(one for one in found if one not in idle), tuple(idle)


def _is_about(found: Diagnostic, waiver: Waiver) -> bool:
    return found.where == waiver.where and found.what.startswith(f"the waiver of {waiver} ")


def _stack_files(
    root: Path, environments: Iterable[Environment], chosen: Sequence[str]
) -> tuple[dict[str, StackFile], list[Diagnostic]]:
    problems: list[Diagnostic] = []
    files: dict[str, StackFile] = {}
    for stack in dict.fromkeys(stack for environment in environments for stack in environment.stages):
        if not chosen or stack in chosen:
            file, wrong = read_stack_file(root, stack)
            problems += wrong
            if file:
                files[stack] = file
    return files, problems


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
