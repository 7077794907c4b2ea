"""A study in each output format: what `compile` writes and `compile --check` compares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlstage._version import __version__
from mlstage.emit import FORMATS, CompiledProgram, OutputFormat, Plan, Waiver, digest, manifest_of
from mlstage.project.part import CompiledStack
from mlstage.project.study import Study


def plan_of(done: Study, output: OutputFormat) -> Plan:
    """Plan the files of a study without errors in its input. Raises `EmitError`."""
    return output.plan(tuple(programs_of(done)), __version__)


def formats_in_use(root: Path) -> tuple[OutputFormat, ...]:
    """Give the formats that a project has files of already, so that none goes stale; Pulumi's, if it has none."""
    found = (one for one in FORMATS.values() if (root / manifest_of(one.folder)).is_file())
    return tuple(found) or (FORMATS["pulumi"],)


def programs_of(done: Study) -> Iterator[CompiledProgram]:
    """Give what every format writes: each environment in each stack, with what it rests on."""
    digests: dict[str, str] = {}
    for source in {source for one in done.stacks for source in one.sources}:
        digests[source] = digest((done.root / source).read_bytes())
    for one in done.stacks:
        yield _program(one, digests)


def _program(one: CompiledStack, digests: dict[str, str]) -> CompiledProgram:
    return CompiledProgram(
        environment=one.graph.environment,
        stack=one.graph.stack,
        spec_file=one.spec_path,
        sources={source: digests[source] for source in one.sources},
        region=one.graph.region,
        graph=one.graph,
        overrides=one.overrides,
        waivers=[Waiver(w.rule, w.environment, w.workload, w.reason, w.until.isoformat()) for w in one.waivers],
    )
