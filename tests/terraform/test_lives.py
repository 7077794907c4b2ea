"""Every environment in every stack on the real provider: valid, planned, applied, unchanged, changed, destroyed.

One run of Terraform's takes all of them, as modules of one root module that inherit one provider: what is asked of each
resource is the same as alone, and minutes become seconds. `test_alone.py` takes one through the way users go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstage.graph import VOCABULARY, Graph
from mlstage.offline.terraform import Terraform
from mlstage.project import CompiledStack
from tests.terraform.allowances import DRIFTS, REFUSED
from tests.terraform.real import Change, changes, use_together
from tests.terraform.stacks import module_of, name_of, stacks, with_other_instances

WIDE = "-parallelism=40"


def test_every_stack_lives_on_the_real_provider(warm_terraform: Terraform, server: int, tmp_path: Path) -> None:
    """All that is wrong is told together: the step, Terraform's address, and the property or its words."""
    terraform, folder = warm_terraform, tmp_path / "root"
    use_together(folder, {name_of(one): module_of(_supported(one.graph)) for one in stacks()}, server)
    _run(terraform, folder, "init")
    assert [str(one) for one in terraform.validate(folder)] == []

    planned = _planned(terraform, folder, "first")
    assert _addresses(planned, "create") == _resources(stacks())
    assert _apply(terraform, folder, "first") == []
    assert _drifts(_planned(terraform, folder, "second")) == []

    other, changed = with_other_instances(tmp_path / "other")
    use_together(folder, {name_of(one): module_of(_supported(one.graph)) for one in other}, server)
    replanned = _planned(terraform, folder, "third")
    assert {name: _touched(replanned, name, workloads) for name, workloads in changed.items()} == changed
    assert _apply(terraform, folder, "third") == []
    assert _drifts(_planned(terraform, folder, "fourth")) == []

    destroyed = terraform.run(folder, "destroy", "-json", "-auto-approve", "-input=false", WIDE)
    assert _errors(destroyed.stdout) == []
    assert terraform.show(folder).get("values", {}) == {}


def test_what_is_allowed_or_added_is_what_the_page_lists() -> None:
    from tests.terraform.answers import ADDED, note_all

    note_all()
    page = (Path(__file__).parents[2] / "docs/terraform.md").read_text(encoding="utf-8")
    assert _table(page, "answers") == [(answer, why) for answer, why in sorted(ADDED.items())]
    assert _table(page, "drifts") == [(f"{type_} {name}", why) for (type_, name), why in sorted(DRIFTS.items())]
    assert _table(page, "refused") == sorted(REFUSED.items())


def _table(page: str, name: str) -> list[tuple[str, ...]]:
    """Read the table between two comments of the page: `<!-- answers -->`."""
    _, _, rest = page.partition(f"<!-- {name} -->\n")
    text, _, _ = rest.partition(f"<!-- /{name} -->")
    assert text, f"docs/terraform.md has no table {name!r}"
    rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    return [tuple(row) for row in rows if any(row)]


def _supported(graph: Graph) -> Graph:
    """Leave out what moto refuses, and what stands on it."""
    gone = {one.name for one in graph.resources if VOCABULARY[one.type].terraform in REFUSED}
    while more := {one.name for one in graph.resources if gone & {*one.needs()}} - gone:
        gone |= more
    kept = graph.with_resources(one for one in graph.resources if one.name not in gone)
    return kept if not gone else _without_exports(kept)


def _without_exports(graph: Graph) -> Graph:
    return Graph(graph.resources, graph.environment, graph.stack, graph.tier, graph.region, graph.groups)


def _run(terraform: Terraform, folder: Path, *arguments: str) -> None:
    done = terraform.run(folder, *arguments, "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def _planned(terraform: Terraform, folder: Path, name: str) -> dict[str, Any]:
    done = terraform.run(folder, "plan", "-json", f"-out={name}", "-input=false", WIDE)
    assert _errors(done.stdout) == []
    return terraform.show(folder, folder / name)


def _apply(terraform: Terraform, folder: Path, name: str) -> list[str]:
    return _errors(terraform.run(folder, "apply", "-json", "-input=false", WIDE, name).stdout)


def _errors(lines: str) -> list[str]:
    """Read errors from what Terraform tells, a JSON object a line."""
    told = (json.loads(line) for line in lines.splitlines() if line.startswith("{"))
    found = (one["diagnostic"] for one in told if one.get("type") == "diagnostic" and one["@level"] == "error")
    return [f"{one.get('address', '')}: {one['summary']}: {one.get('detail', '')}" for one in found]


def _drifts(plan: Mapping[str, Any]) -> list[str]:
    """List what a plan wants to change, without what moto alone is to blame for."""
    found = []
    for one in changes(plan):
        type_ = one.address.split(".")[2]
        paths = tuple(path for path in one.paths if (type_, path) not in DRIFTS)
        if paths or not one.paths:
            found.append(str(Change(one.address, one.actions, paths)))
    return found


def _addresses(plan: Mapping[str, Any], action: str) -> set[str]:
    return {one.address for one in changes(plan) if one.actions == (action,)}


def _resources(compiled: Iterable[CompiledStack]) -> set[str]:
    """Give the addresses that a first plan should create."""
    found = set()
    for one in compiled:
        document = json.loads(module_of(_supported(one.graph)))
        for type_, resources in document.get("resource", {}).items():
            found |= {f"module.{name_of(one)}.{type_}.{name}" for name in resources}
    return found


def _touched(plan: Mapping[str, Any], module: str, workloads: Sequence[str]) -> tuple[str, ...]:
    """Give the workloads, of those whose instance type is another one, of which a plan changes something."""
    environment = module.rpartition("_")[0]
    addresses = [one.address for one in changes(plan) if one.address.startswith(f"module.{module}.")]
    names = {name for name in workloads for one in addresses if re.search(rf"\.{environment}-{name}\b", one)}
    return tuple(sorted(names))
