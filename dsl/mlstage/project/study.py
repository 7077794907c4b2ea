"""The way of every command: load, resolve, check, lower, judge, with all problems of a run together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.project.clashes import Named, same_environments, same_resources
from mlstage.project.part import Asked, CompiledStack, Part
from mlstage.project.root import is_whole, specs_of
from mlstage.resolve import StackFile, read_stack_file, unknown_overrides
from mlstage.rules.settings import Settings

Progress = Callable[[int, int], None]
"""Is told how many specs are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Study:
    """What a run found: every stack that could be compiled, and every problem.

    `whole` says that all specs of the project were read, so that what is not here does not exist. `broken` are the
    specs, relative to the root, of which at least one stack could not be compiled, `broken_environments` the names of
    the environments in them.
    """

    root: Path
    stacks: tuple[CompiledStack, ...]
    diagnostics: tuple[Diagnostic, ...]
    whole: bool
    broken: frozenset[str] = frozenset()
    broken_environments: frozenset[str] = frozenset()

    @property
    def failed(self) -> bool:
        """Whether something is wrong with the input itself, so that nothing may be written."""
        return bool(self.errors)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the input itself; what rules find is not."""
        return _errors(self.diagnostics)


def study(
    root: Path,
    *,
    specs: Sequence[Path] = (),
    stacks: Sequence[str] = (),
    settings: Settings | None = None,
    today: date | None = None,
) -> Study:
    """Study a project's specs, one after the other, in this process: every stack has its `resolved`.

    With `today`, the rules are asked as well; without it they are not. Raises `ProjectError` when there is nothing to
    study.
    """
    from mlstage.project.parts import part_of

    asked = Asked(tuple(stacks), settings or Settings(), today)
    paths = specs_of(root, specs)
    return joined(root, [part_of(path, root, asked) for path in paths], asked, whole=not specs or is_whole(root, paths))


def joined(root: Path, parts: Sequence[Part], asked: Asked, *, whole: bool) -> Study:
    """Put the parts of a run together, with what is wrong between them."""
    problems = [found for part in parts for found in part.problems]
    environments = [environment for part in parts for environment in part.environments]
    problems += same_environments(environments)
    sound = [environment for part in parts if part.sound for environment in part.environments]
    files = _stack_files(root, sound, asked.stacks)
    problems += _unknown_stacks(sound, asked.stacks)
    whole = whole and all(part.sound for part in parts)
    if whole:
        problems += [wrong for file in files.values() for wrong in unknown_overrides(sound, file)]
    compiled = tuple(one for part in parts for one in part.stacks)
    problems += same_resources([one.graph for one in compiled])
    problems += _idle_everywhere(parts)
    wrong = [part for part in parts if _errors(part.problems)]
    broken = frozenset(part.path for part in wrong)
    names = frozenset(one.name for part in wrong for one in part.environments if not one.broken)
    return Study(root, compiled, _merged(problems, files), whole, broken, names)


def _errors(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(one for one in found if one.severity is Severity.ERROR and not one.code.startswith("ML"))


def _idle_everywhere(parts: Iterable[Part]) -> list[Diagnostic]:
    """Tell of the waivers of the settings that no spec needed."""
    judged = [part.idle for part in parts if part.stacks]
    return [one for one in judged[0] if all(one in others for others in judged)] if judged else []


def _stack_files(root: Path, environments: Iterable[Named], chosen: Sequence[str]) -> dict[str, StackFile]:
    """Read the stacks' files; what is wrong with one, each part that needs it has told."""
    found = {}
    for stack in dict.fromkeys(stack for environment in environments for stack in environment.stages):
        file = read_stack_file(root, stack)[0] if not chosen or stack in chosen else None
        if file:
            found[stack] = file
    return found


def _unknown_stacks(environments: Iterable[Named], chosen: Sequence[str]) -> list[Diagnostic]:
    known = list(dict.fromkeys(stack for environment in environments for stack in environment.stages))
    return [_unknown_stack(stack, known) for stack in chosen if known and stack not in known]


def _unknown_stack(stack: str, known: Sequence[str]) -> Diagnostic:
    from difflib import get_close_matches

    close = get_close_matches(stack, known, n=1)
    instead = f"--stack {close[0]}" if close else f"one of {', '.join(known)}"
    return Diagnostic("SPEC303", f"no environment has a stack {stack!r}", instead)


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
