"""Manifests for Kubernetes: `kubernetes/<environment>/<stack>/`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.emit.formats.base import OutputFormat
from mlstage.emit.kubernetes import FOLDER, emit_manifests, folder_of, manifest_notes
from mlstage.emit.plans import EmitError, Plan, plan_of
from mlstage.emit.programs import CompiledProgram, colliding


def _plan(compiled: Sequence[CompiledProgram], version: str) -> Plan:
    files: dict[str, str] = {}
    for one in compiled:
        files |= emit_manifests(one.graph, spec=one.spec_file, version=version)
    if faults := [*colliding(compiled, lambda one: folder_of(one.graph))]:
        raise EmitError(faults)
    return plan_of(FOLDER, files, {one.environment: one.spec_file for one in compiled}, version=version)


KUBERNETES: Final = OutputFormat(
    name="kubernetes",
    folder=FOLDER,
    what="Kubernetes manifests",
    plan=_plan,
    notes=manifest_notes,
    empty=Diagnostic(
        "KUBE102",
        "nothing of this project runs in a Kubernetes cluster, so there are no manifests",
        f"a workload on=Eks(…), or no {FOLDER}/ folder and no --target kubernetes",
    ),
)
