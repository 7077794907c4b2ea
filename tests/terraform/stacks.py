"""The environments that the real provider is shown: the repository's own, and those of the tests."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from mlstage import Batch, Ecs, Lambda, Notebook, SageMaker
from mlstage.catalog.instances import Instance, ec2_names, instance, instance_names
from mlstage.diagnostics import Severity
from mlstage.emit.terraform import emit_terraform, folder_of
from mlstage.graph import Graph
from mlstage.project import CompiledStack, study
from mlstage.spec.per_stage import known

ROOT: Final = Path(__file__).parents[2]
OURS: Final = Path(__file__).parent / "environments"
# Properties whose keys are the author's own.
_FREE: Final = frozenset({"tags", "variables", "labels"})


@cache
def stacks() -> tuple[CompiledStack, ...]:
    """Compile every environment for every stack."""
    return _studied(ROOT, *sorted((ROOT / "environments").glob("*.py")), *sorted(OURS.glob("*.py")))


def covering(of: Iterable[CompiledStack]) -> tuple[CompiledStack, ...]:
    """Choose stacks that together have every property of every type that all have: the largest first."""
    seen: set[tuple[str, ...]] = set()
    chosen = []
    for one in sorted(of, key=lambda one: (-len(one.graph.resources), name_of(one))):
        has = {path for each in one.graph.resources for path in _paths(each.props, (each.type,))}
        if has - seen:
            chosen.append(one)
        seen |= has
    return tuple(chosen)


def _paths(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _FREE:
                yield from _paths(each, (*path, key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _paths(each, path)
    else:
        yield path


def name_of(one: CompiledStack) -> str:
    """Name a stack of an environment as Terraform may name a module."""
    return f"{one.graph.environment}_{one.graph.stack}"


def module_of(graph: Graph) -> str:
    """Write the root module of a graph."""
    return emit_terraform(graph, spec="environments/spec.py", version="0")[f"{folder_of(graph)}/main.tf.json"]


def with_other_sizes(work: Path) -> tuple[tuple[CompiledStack, ...], Mapping[str, tuple[str, ...]]]:
    """Compile all with another instance type or more memory wherever a spec chooses, as a stack's file overrides it.

    Also gives, by stack, the workloads whose size is another one.
    """
    shutil.copytree(ROOT / "environments", work / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(OURS, work / "environments", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    changed: dict[str, tuple[str, ...]] = {}
    for stack in sorted({one.graph.stack for one in stacks()}):
        content = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
        overrides: dict[str, Any] = content["config"].setdefault("mlstage:overrides", {})
        for one in (one for one in stacks() if one.graph.stack == stack):
            found = {name: other for name, other in _other_sizes(one) if all(other.values())}
            for name, other in found.items():
                key = f"{one.graph.environment}/{name}"
                overrides[key] = {**overrides.get(key, {}), **other}
            changed[name_of(one)] = tuple(sorted(found))
        (work / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(content))
    (work / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    return _studied(work), changed


def _other_sizes(one: CompiledStack) -> Iterator[tuple[str, dict[str, Any]]]:
    assert one.resolved is not None, "compiled in this process"
    for resolved in one.resolved.workloads:
        workload = resolved.workload
        match workload if isinstance(workload, Notebook) else getattr(workload, "on", None):
            case Notebook(instance=str(name)) | SageMaker(instance=str(name)):
                yield workload.name, {"instance": _sibling(name)}
            case Ecs(instance=str(name), fallbacks=others) | Batch(instance=str(name), fallbacks=others):
                yield workload.name, {"instance": _sibling(name, *known(others))}
            case Ecs(cpu=float(cpu), memory=memory) | Batch(cpu=float(cpu), memory=memory):
                yield workload.name, {"cpu": cpu * 2, "memory": _twice(memory)}
            case Lambda(memory=memory):
                yield workload.name, {"memory": _twice(memory)}
            case _:  # a pod's size stands in its manifest, and a serverless endpoint has none to choose here
                pass


def _twice(size: object) -> str:
    parts = re.fullmatch(r"(\d+)(MB|GB)", str(size))
    assert parts, size
    return f"{int(parts[1]) * 2}{parts[2]}"


def _sibling(name: str, *taken: str) -> str:
    """Find another size of the same family that can do all that this one can, with as many accelerators."""
    here = instance(name)
    assert here is not None, name
    for other in ec2_names() if name == here.ec2_name else instance_names():
        there = instance(other)
        if not there or other in (name, *taken) or there.family != here.family or there.vcpu <= here.vcpu:
            continue
        if there.uses >= here.uses and _accelerators(there) == _accelerators(here):
            return other
    return ""


def _accelerators(machine: Instance) -> int:
    return machine.accelerator.count if machine.accelerator else 0


def _studied(root: Path, *specs: Path) -> tuple[CompiledStack, ...]:
    done = study(root, specs=specs)
    wrong = [one for one in done.diagnostics if one.severity is Severity.ERROR]
    assert not wrong, wrong
    return done.stacks
