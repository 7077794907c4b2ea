"""Resolve an environment for one stack: choose values, apply overrides, check what only now can be checked."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.diagnostics import Diagnostic
from mlstage.resolve.model import Resolved, ResolvedEnvironment
from mlstage.resolve.overrides import Overrides, as_yaml
from mlstage.resolve.stack_file import StackFile
from mlstage.resolve.stages import StageChoice
from mlstage.spec.base import Node
from mlstage.spec.environment import Environment
from mlstage.spec.workloads import Workload


def resolve(environment: Environment, stack_file: StackFile) -> tuple[ResolvedEnvironment, tuple[Diagnostic, ...]]:
    """Resolve for the stack of a stack file; the diagnostics are all that is wrong with it there.

    With an error among them, the resolved environment may hold None in place of values and must not be lowered.
    """
    stage = environment.stages[stack_file.stack]
    diagnostics: list[Diagnostic] = []
    workloads: list[Resolved[Workload]] = []
    used: dict[str, object] = {}
    for workload in environment.workloads:
        choice = StageChoice(stack_file.stack, stage.tier)
        chosen = choice.node(workload)
        assert isinstance(chosen, Workload)
        for key in _keys(environment, workload, stack_file):
            overrides = Overrides(stack_file, key, choice.origins)
            chosen = overrides.apply(chosen)
            diagnostics += overrides.wrong
            used[key] = stack_file.overrides[key]
        resolved = Resolved(chosen, choice.origins)
        diagnostics += choice.missing
        if not choice.missing:
            diagnostics += _problems(resolved, chosen, "", stack_file.stack)
        workloads.append(resolved)
    whole = StageChoice(stack_file.stack, stage.tier)
    watch = whole.field(environment, "watch")
    diagnostics += whole.missing
    result = ResolvedEnvironment(
        environment,
        stack_file.stack,
        stage,
        stack_file.region,
        tuple(workloads),
        {key: stack_file.overrides[key] for key in sorted(used)},
        watch,
    )
    return result, tuple(diagnostics)


def _keys(environment: Environment, workload: Workload, stack_file: StackFile) -> Iterator[str]:
    for key in (workload.name, f"{environment.name}/{workload.name}"):
        if key in stack_file.overrides:
            yield key


def _problems(resolved: Resolved[Workload], node: Node, path: str, stack: str) -> Iterator[Diagnostic]:
    for problem in node.problems():
        fields = [f"{path}.{name}" if path else name for name in (problem.field, *problem.others)]
        overridden = [one for one in fields if resolved.origin(one).kind == "override"]
        field = (overridden or fields)[0]
        yield Diagnostic(
            problem.code,
            problem.what,
            as_yaml(problem.instead) if overridden else problem.instead,
            why=problem.why,
            where=resolved.where(field),
            subject=resolved.workload.name,
            field=field,
            stack=stack,
            related=resolved.related(field),
        )
    for name in type(node).model_fields:
        value, below = getattr(node, name, None), f"{path}.{name}" if path else name
        if isinstance(value, Node):
            yield from _problems(resolved, value, below, stack)
        for index, item in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(item, Node):
                yield from _problems(resolved, item, f"{below}.{index}", stack)
