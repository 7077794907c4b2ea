"""A study in each output format: what `compile` writes and `compile --check` compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlstage._version import __version__
from mlstage.emit import FORMATS, CompiledProgram, EmitError, OutputFormat, Plan, Waiver, digest, manifest_of
from mlstage.project.part import CompiledStack
from mlstage.project.study import Study
from mlstage.resolve import read_stack_file


def plan_of(done: Study, output: OutputFormat) -> Plan:
    """Plan the files of a study without errors in its input; what specs that it leaves out gave stays.

    Raises `EmitError`.
    """
    plan = output.plan(tuple(programs_of(done)), __version__)
    if not done.whole:
        return replace(plan, specs=frozenset(one.spec_path for one in done.stacks))
    if output.empty and plan.files.keys() == {plan.manifest}:
        raise EmitError([output.empty])
    return plan


def formats_in_use(root: Path) -> tuple[OutputFormat, ...]:
    """Give the formats that a project has files of already, so that none goes stale; Pulumi's, if it has none."""
    found = (one for one in FORMATS.values() if (root / manifest_of(one.folder)).is_file())
    return tuple(found) or (FORMATS["pulumi"],)


def programs_of(done: Study) -> Iterator[CompiledProgram]:
    """Give what every format writes: each environment in each stack, with what it rests on."""
    digests: dict[str, str] = {}
    for source in {source for one in done.stacks for source in one.sources}:
        digests[source] = digest((done.root / source).read_bytes())
    overrides = {} if done.whole else _overrides(done)
    for one in done.stacks:
        yield _program(one, digests, overrides.get(one.graph.stack, one.overrides))


def _overrides(done: Study) -> Mapping[str, Mapping[str, Any]]:
    """Give all that each stack's file overrides, also for environments that are not in the study."""
    files = (read_stack_file(done.root, stack)[0] for stack in {one.graph.stack for one in done.stacks})
    return {file.stack: file.overrides for file in files if file}


def _program(one: CompiledStack, digests: Mapping[str, str], overrides: Mapping[str, Any]) -> CompiledProgram:
    return CompiledProgram(
        environment=one.graph.environment,
        stack=one.graph.stack,
        spec_file=one.spec_path,
        sources={source: digests[source] for source in one.sources},
        region=one.graph.region,
        graph=one.graph,
        overrides=overrides,
        waivers=[Waiver(w.rule, w.environment, w.workload, w.reason, w.until.isoformat()) for w in one.waivers],
    )
