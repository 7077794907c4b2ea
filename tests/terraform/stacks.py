"""The environments that the real provider is shown: the repository's own, and those of the tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from mlstage import Notebook, SageMaker
from mlstage.catalog.instances import instance, instance_names
from mlstage.diagnostics import Severity
from mlstage.emit.terraform import emit_terraform, folder_of
from mlstage.graph import Graph
from mlstage.project import CompiledStack, study

ROOT: Final = Path(__file__).parents[2]
OURS: Final = Path(__file__).parent / "environments"


@cache
def stacks() -> tuple[CompiledStack, ...]:
    """Compile every environment for every stack."""
    return _studied(ROOT, *sorted((ROOT / "environments").glob("*.py")), *sorted(OURS.glob("*.py")))


def name_of(one: CompiledStack) -> str:
    """Name a stack of an environment as Terraform may name a module."""
    return f"{one.graph.environment}_{one.graph.stack}"


def module_of(graph: Graph) -> str:
    """Write the root module of a graph."""
    return emit_terraform(graph, spec="environments/spec.py", version="0")[f"{folder_of(graph)}/main.tf.json"]


def with_other_instances(work: Path) -> tuple[tuple[CompiledStack, ...], Mapping[str, tuple[str, ...]]]:
    """Compile all with another instance type wherever SageMaker's can be chosen, as a stack's file overrides it.

    Also gives, by stack, the workloads whose type is another one.
    """
    shutil.copytree(ROOT / "environments", work / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(OURS, work / "environments", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    changed: dict[str, tuple[str, ...]] = {}
    for stack in sorted({one.graph.stack for one in stacks()}):
        content = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
        overrides: dict[str, Any] = content["config"].setdefault("mlstage:overrides", {})
        for one in (one for one in stacks() if one.graph.stack == stack):
            found = dict(_other_instances(one))
            overrides |= {f"{one.graph.environment}/{name}": {"instance": other} for name, other in found.items()}
            changed[name_of(one)] = tuple(sorted(found))
        (work / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(content))
    (work / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    return _studied(work), changed


def _other_instances(one: CompiledStack) -> Iterator[tuple[str, str]]:
    assert one.resolved is not None, "compiled in this process"
    for resolved in one.resolved.workloads:
        workload = resolved.workload
        chosen = workload.instance if isinstance(workload, Notebook) else None
        if isinstance(on := getattr(workload, "on", None), SageMaker):
            chosen = on.instance
        if isinstance(chosen, str) and (other := _sibling(chosen)):
            yield workload.name, other


def _sibling(name: str) -> str:
    """Find another size of the same family that can do all that this one can."""
    here = instance(name)
    assert here is not None, name
    family = name.rpartition(".")[0]
    for other in instance_names():
        there = instance(other)
        if there and other != name and other.startswith(f"{family}.") and there.uses >= here.uses:
            return other
    return ""


def _studied(root: Path, *specs: Path) -> tuple[CompiledStack, ...]:
    done = study(root, specs=specs)
    wrong = [one for one in done.diagnostics if one.severity is Severity.ERROR]
    assert not wrong, wrong
    return done.stacks
