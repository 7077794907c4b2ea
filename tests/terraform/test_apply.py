"""Every environment applied by the real provider, planned again, changed, and destroyed, with moto in AWS's place."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlstage.graph import VOCABULARY
from mlstage.offline.terraform import Terraform
from mlstage.project import CompiledStack
from tests.terraform import answers
from tests.terraform.allowances import DRIFTS, REFUSED
from tests.terraform.real import Change, changes, use_together
from tests.terraform.stacks import ROOT, module_of, name_of, stacks, with_other_instances

# What is computed by AWS: it is unknown in a plan as soon as anything of its resource changes.
COMPUTED = {"arn", "id", "qualified_arn", "qualified_invoke_arn", "version", "invoke_arn", "unique_id", "create_date"}


def applicable(one: CompiledStack) -> bool:
    return not any(VOCABULARY[resource.type].terraform in REFUSED for resource in one.graph.resources)


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

    def apply(self) -> None:
        self.run("get")
        self.run("apply", "-auto-approve", "-input=false", "-json")

    def plan(self) -> dict[str, Any]:
        self.run("plan", "-input=false", "-no-color", "-out=planned")
        planned: dict[str, Any] = json.loads(self.run("show", "-json", "planned"))
        return planned


def _complaints(said: str) -> str:
    errors = [line for line in map(json.loads, said.splitlines() or ()) if line.get("@level") == "error"]
    return "\n".join(f"{one['diagnostic'].get('address', '')}: {one['@message']}" for one in errors)


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
    """Apply, plan, change the instance types, apply, plan, and destroy: once, for all environments together."""
    folder = tmp_path_factory.mktemp("root")
    root = Module(folder, warm_terraform)
    use_together(folder, {name_of(one): module_of(one.graph) for one in stacks() if applicable(one)}, server)
    root.apply()
    again = tuple(changes(root.plan()))
    others, changed = with_other_instances(tmp_path_factory.mktemp("others"))
    use_together(folder, {name_of(one): module_of(one.graph) for one in others if applicable(one)}, server)
    root.run("get")
    wanted = tuple(changes(root.plan()))
    root.apply()
    after_change = tuple(changes(root.plan()))
    root.run("destroy", "-auto-approve", "-input=false", "-json")
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


def test_another_instance_type_reaches_what_runs_on_it_and_nothing_of_the_others(ran: Ran) -> None:
    touched = {change.address.split(".")[1] for change in ran.wanted if unexplained([change])}
    expected = {stack for stack, workloads in ran.changed_workloads.items() if workloads}
    assert touched == {name for name in expected if name in {name_of(one) for one in stacks() if applicable(one)}}
    endpoints = [one for one in ran.wanted if one.address.split(".")[2] == "aws_sagemaker_endpoint"]
    assert endpoints
    assert [str(one) for one in endpoints if one.actions != ("update",)] == []  # never deleted


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
        body = "".join(f"| {_code(key)} | {why} |\n" for key, why in rows)
        text = f"{before}<!-- {name} -->\n{head}{body}<!-- /{name} -->{after}"
    golden("../../docs/terraform.md", text)


def _code(key: str) -> str:
    return key if "`" in key else f"`{key}`"
