"""Root modules in Terraform's JSON: `terraform/<environment>/<stack>/`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mlstage.emit.formats.base import OutputFormat
from mlstage.emit.plans import EmitError, Plan, plan_of
from mlstage.emit.programs import CompiledProgram, colliding
from mlstage.emit.terraform import FOLDER, emit_terraform, folder_of
from mlstage.emit.terraform_newer import too_new
from mlstage.emit.terraform_notes import terraform_notes


def _plan(compiled: Sequence[CompiledProgram], version: str) -> Plan:
    newer = (fault for one in compiled for fault in too_new(one.graph))
    if faults := [*colliding(compiled, lambda one: folder_of(one.graph)), *newer]:
        raise EmitError(faults)
    files: dict[str, str] = {}
    for one in compiled:
        files |= emit_terraform(one.graph, spec=one.spec_file, version=version)
    return plan_of(FOLDER, files, {one.environment: one.spec_file for one in compiled}, version=version)


TERRAFORM: Final = OutputFormat(
    name="terraform",
    folder=FOLDER,
    what="Terraform root modules in JSON",
    plan=_plan,
    notes=terraform_notes,
)
