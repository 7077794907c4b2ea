"""Resolve an environment for one stack: choose values, apply overrides, check what only now can be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Protocol

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


class Names(Protocol):
    """The names of an environment, of its stacks and of its workloads."""

    @property
    def name(self) -> str:
        """The environment's own name."""
        ...

    @property
    def stages(self) -> Sequence[str]:
        """The names of its stacks."""
        ...

    @property
    def workloads(self) -> Sequence[str]:
        """The names of its workloads."""
        ...


def unknown_overrides(environments: Sequence[Names], stack_file: StackFile) -> Iterator[Diagnostic]:
    """Yield an error for each override of a workload that none of the environments has in this stack."""
    names: dict[str, list[str]] = {}
    for environment in environments:
        if stack_file.stack in environment.stages:
            for workload in environment.workloads:
                names.setdefault(workload, []).append(environment.name)
    qualified = [f"{environment}/{name}" for name, owners in names.items() for environment in owners]
    for key in stack_file.overrides:
        if key in qualified or len(names.get(key, ())) == 1:
            continue
        if key in names:
            what = f"{key!r} is a workload of {' and of '.join(names[key])}"
            instead = " or ".join(f"`{environment}/{key}:`" for environment in names[key])
        else:
            close = get_close_matches(key, [*names, *qualified], n=1)
            what = f"override of {key!r}, which is no workload of stack {stack_file.stack!r}"
            instead = f"`{close[0]}:`" if close else f"one of {', '.join(names)}"
        yield Diagnostic("SPEC203", what, instead, where=stack_file.where(key), field=key, stack=stack_file.stack)
