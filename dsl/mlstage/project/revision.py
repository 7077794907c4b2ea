"""A project as it was at a revision: its stacks, compiled in a process and a folder of their own.

The work tree is not touched: the files of the revision go into a temporary folder. Compiling runs the specs of that
revision, as `mlstage check` runs those of the work tree, with the mlstage and the packages that are installed now.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstage.project.changed import Change, change_since
from mlstage.project.checkout import Checkout, checked_out
from mlstage.project.git import missing_here, refused
from mlstage.project.part import CompiledStack
from mlstage.project.root import SPECS, find_specs
from mlstage.project.stored import as_data, from_data
from mlstage.project.study import Study


@dataclass(frozen=True, slots=True)
class Revision:
    """What a revision's specs come to: the stacks of what is sound, and in words what is wrong with the rest.

    `broken` are the specs with errors, and the environments in them as far as they can be read. `ahead` is how many
    commits the revision has that HEAD has not.
    """

    ref: str
    stacks: tuple[CompiledStack, ...]
    problems: tuple[str, ...]
    broken: frozenset[str]
    ahead: int

    def has_no_answer_on(self, one: CompiledStack) -> bool:
        """Say whether a stack may have been there, and could not be compiled."""
        return bool({one.spec_path, one.graph.environment} & self.broken)


def stacks_at(root: Path, ref: str, now: Study) -> Revision:
    """Compile the project at a git revision; what is surely the same as `now` is taken from there.

    Raises `ProjectError`, or `ToolMissing` where there is no git.
    """
    change = change_since(root, ref)
    same = _same(change, now)
    with checked_out(root, change.commit) as copy:
        told = _compiled(change.top, copy, _left(change, copy, now, same), ref)
        problems = told["problems"] if find_specs(copy.folder / SPECS) else [f"`{SPECS}/` had no spec in this folder"]
    stacks = (*(one for one in now.stacks if one.spec_path in same), *map(from_data, told["stacks"]))
    ahead = missing_here(root, change.commit)
    return Revision(ref, stacks, tuple(problems), frozenset(told["broken"]), ahead)


def _same(change: Change, now: Study) -> frozenset[str]:
    """Name the specs of which every stack is what it was."""
    changed = {one.spec_path for one in now.stacks if not change.unchanged(one)}
    return frozenset(one.spec_path for one in now.stacks) - changed - now.broken


def _left(change: Change, copy: Checkout, now: Study, same: Collection[str]) -> list[str]:
    """List the specs to compile; from one that was not asked for and has changed, an environment may have moved."""
    asked = {one.spec_path for one in now.stacks} | now.broken
    there = {path.relative_to(copy.folder).as_posix() for path in find_specs(copy.folder / SPECS)}
    there |= {path for path in asked if not Path(path).is_absolute() and (copy.folder / path).is_file()}
    return sorted(path for path in there - set(same) if now.whole or path in asked or change.differs(path))


def _compiled(top: Path, copy: Checkout, specs: Sequence[str], ref: str) -> Mapping[str, Any]:
    """Compile specs of a copy in a process of their own."""
    if not specs:
        return {"stacks": [], "problems": [], "broken": []}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mlstage.project.revision"],
        cwd=copy.folder,
        env=_environment(top, copy),
        input=json.dumps(specs),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise refused(f"the specs at {ref!r} cannot be compiled: {last}", "a newer revision, or `mlstage check` there")
    told: Mapping[str, Any] = json.loads(done.stdout)
    return told


def _environment(top: Path, copy: Checkout) -> dict[str, str]:
    """Give the process the same interpreter and packages, and nothing of git's or of a test's.

    What it would import from the work tree, it imports from the copy. Nothing is kept of its specs: they lie in a
    folder that nobody will see again.
    """
    passed = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_", "COVERAGE"))}
    told = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    elsewhere = [entry for entry in told if not Path(entry).resolve().is_relative_to(top)]
    path = os.pathsep.join([*map(str, copy.imports), *elsewhere])
    return {**passed, "MLSTAGE_SPEC_CACHE": "off", "PYTHONPATH": path}


def main() -> None:
    """Compile the specs that are named on stdin, of the project in this folder, and print what they come to as JSON."""
    from mlstage.diagnostics import render
    from mlstage.project.fleet import study_fleet

    root = Path.cwd()
    done = study_fleet(root, specs=[root / path for path in json.load(sys.stdin)])
    told = {
        "stacks": [as_data(one) for one in done.stacks],
        "problems": [render([error]).rstrip() for error in done.errors],
        "broken": [*sorted(done.broken), *sorted(done.broken_environments)],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
