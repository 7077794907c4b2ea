"""Environments applied by the real provider, planned again, given other sizes, and destroyed, with moto as AWS.

Those that together have every property of every type that any has; with `MLSTAGE_APPLY=all`, which `make fuzz` sets,
every environment in every stack.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mlstage.graph import VOCABULARY
from mlstage.offline.terraform import Terraform
from tests.terraform import answers
from tests.terraform.allowances import DRIFTS, REFUSED
from tests.terraform.real import Change, changes, use_together
from tests.terraform.stacks import ROOT, covering, module_of, name_of, stacks, with_other_sizes
from tests.terraform.standing import make_what_is_found

# What is computed by AWS: it is unknown in a plan as soon as anything of its resource changes.
COMPUTED = {"arn", "id", "qualified_arn", "qualified_invoke_arn", "version", "invoke_arn", "unique_id", "create_date"}


# The provider waits for minutes until AWS has queues, balancers and clusters; all of them shall wait together.
AT_ONCE = "-parallelism=100"


@cache
def applied() -> frozenset[str]:
    """Name the stacks that are applied."""
    taken = [one for one in stacks() if not any(_refused(resource.type) for resource in one.graph.resources)]
    return frozenset(name_of(one) for one in (taken if os.environ.get("MLSTAGE_APPLY") == "all" else covering(taken)))


def _refused(kind: str) -> bool:
    return VOCABULARY[kind].terraform in REFUSED


class Module:
    """One root module of all environments that moto takes, and Terraform in it."""

    def __init__(self, folder: Path, terraform: Terraform) -> None:
        self._folder = folder
        self._command = str(terraform.command)
        self._environment = {**os.environ, **terraform.settings}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._command, *arguments], cwd=self._folder, env=self._environment, capture_output=True, text=True
        )
        assert done.returncode == 0, _complaints(done.stdout) or done.stderr[-3000:]
        return done.stdout

    def plan(self, *options: str) -> dict[str, Any]:
        self.run("plan", "-input=false", "-no-color", "-out=planned", AT_ONCE, *options)
        planned: dict[str, Any] = json.loads(self.run("show", "-json", "planned"))
        return planned

    def apply(self, *planned: str) -> None:
        self.run("apply", "-auto-approve", "-input=false", "-json", AT_ONCE, *planned)

    def destroy(self) -> None:
        """Destroy all, as a user would who tries once more: moto has refused the end of what it had ended already."""
        try:
            self.run("destroy", "-auto-approve", "-input=false", "-json", AT_ONCE, "-refresh=false")
        except AssertionError:
            self.run("destroy", "-auto-approve", "-input=false", "-json", AT_ONCE)


def _complaints(said: str) -> str:
    errors = [line for line in map(json.loads, said.splitlines() or ()) if line.get("@level") == "error"]
    told = [(one["@message"], one["diagnostic"]) for one in errors]
    return "\n".join(f"{more.get('address', '')}: {what}: {more.get('detail', '')}" for what, more in told)


@dataclass(frozen=True)
class Ran:
    """What plans wanted after each step, and what was left at the end."""

    again: tuple[Change, ...]
    wanted: tuple[Change, ...]
    after_change: tuple[Change, ...]
    changed_workloads: Mapping[str, tuple[str, ...]]
    left: str


@pytest.fixture(scope="module")
def ran(warm_terraform: Terraform, server: int, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Apply, plan, change the sizes, apply, plan, and destroy: once, for all environments together."""
    folder = tmp_path_factory.mktemp("root")
    root = Module(folder, warm_terraform)
    modules = {name_of(one): module_of(one.graph) for one in stacks() if name_of(one) in applied()}
    make_what_is_found(modules.values(), server)
    use_together(folder, modules, server)
    root.run("get")
    root.apply()
    again = tuple(changes(root.plan()))
    others, changed = with_other_sizes(tmp_path_factory.mktemp("others"))
    use_together(folder, {name_of(one): module_of(one.graph) for one in others if name_of(one) in applied()}, server)
    root.run("get")
    wanted = tuple(changes(root.plan("-refresh=false")))  # nothing has changed since it was read
    root.apply("planned")
    after_change = tuple(changes(root.plan()))
    root.destroy()
    return Ran(again, wanted, after_change, changed, root.run("state", "list"))


def unexplained(found: Iterable[Change]) -> list[str]:
    """List what a plan wants that moto alone does not explain."""
    listed = []
    for change in found:
        kind = change.address.split(".")[2]
        paths = {path.partition(".")[0] for path in change.paths} - COMPUTED
        allowed = {path for type_, path in DRIFTS if type_ == kind}
        # Of what would be replaced for a property that moto forgot, everything is unknown.
        replaced = len(change.actions) > 1 and paths & allowed
        if not replaced and not paths <= allowed:
            listed.append(f"{change} [{', '.join(sorted(paths - allowed))}]")
    return listed


def test_a_second_plan_is_empty(ran: Ran) -> None:
    assert unexplained(ran.again) == []


def test_another_size_reaches_what_runs_on_it_and_nothing_of_the_others(ran: Ran) -> None:
    touched = {change.address.split(".")[1] for change in ran.wanted if unexplained([change])}
    expected = {stack for stack, workloads in ran.changed_workloads.items() if workloads}
    assert touched == expected & applied()
    endpoints = [one for one in ran.wanted if one.address.split(".")[2] == "aws_sagemaker_endpoint"]
    assert endpoints
    assert [str(one) for one in endpoints if one.actions != ("update",)] == []  # never deleted


def test_what_is_in_use_goes_after_its_successor(ran: Ran) -> None:
    kinds = {"aws_ecs_task_definition", "aws_batch_compute_environment"}
    replaced = [one for one in ran.wanted if len(one.actions) > 1 and one.address.split(".")[2] in kinds]
    assert {one.address.split(".")[2] for one in replaced} == kinds
    assert [str(one) for one in replaced if one.actions != ("create", "delete")] == []


def test_after_it_a_plan_is_empty_again(ran: Ran) -> None:
    assert unexplained(ran.after_change) == []


def test_destroy_leaves_nothing(ran: Ran) -> None:
    assert [line for line in ran.left.splitlines() if ".data." not in line] == []


def test_the_documentation_lists_all_of_it(golden: Callable[[str, str], None]) -> None:
    answers.note_all()
    text = (ROOT / "docs/terraform.md").read_text(encoding="utf-8")
    for name, rows in {
        "answers": sorted(answers.ADDED.items()),
        "drifts": [(f"`{kind}` {path}", why) for (kind, path), why in sorted(DRIFTS.items())],
        "refused": sorted(REFUSED.items()),
    }.items():
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        table, _, after = rest.partition(f"<!-- /{name} -->")
        head = "".join(table.splitlines(keepends=True)[:2])
        body = "".join(f"| {_code(key)} | {why} |\n" for key, why in rows) or "| nothing, at present | |\n"
        text = f"{before}<!-- {name} -->\n{head}{body}<!-- /{name} -->{after}"
    golden("../../docs/terraform.md", text)


def _code(key: str) -> str:
    return key if "`" in key else f"`{key}`"
