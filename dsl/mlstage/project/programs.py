"""The Pulumi programs of a study: what `compile` writes and `compile --check` compares."""

from __future__ import annotations

from mlstage._version import __version__
from mlstage.emit import CompiledProgram, Plan, Waiver, digest, plan
from mlstage.project.study import CompiledStack, Study


def programs_of(done: Study) -> Plan:
    """Plan the programs of a study without errors in its input. Raises `EmitError`."""
    digests: dict[str, str] = {}
    for source in {source for one in done.stacks for source in one.sources}:
        digests[source] = digest((done.root / source).read_bytes())
    return plan([_program(one, digests) for one in done.stacks], version=__version__)


def _program(one: CompiledStack, digests: dict[str, str]) -> CompiledProgram:
    return CompiledProgram(
        environment=one.graph.environment,
        stack=one.graph.stack,
        spec_file=one.spec_path,
        sources={source: digests[source] for source in one.sources},
        region=one.graph.region,
        graph=one.graph,
        overrides=one.resolved.overrides,
        waivers=[Waiver(w.rule, w.environment, w.workload, w.reason, w.until.isoformat()) for w in one.waivers],
    )
