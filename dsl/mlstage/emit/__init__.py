"""The graph as programs and documents that anyone can read, run and keep without mlstage."""

from mlstage.emit.comparing import Difference, State, check, explain
from mlstage.emit.formats import FORMATS, OutputFormat
from mlstage.emit.plans import EmitError, Plan, digest, manifest_of
from mlstage.emit.printer import UnprintableError
from mlstage.emit.programs import CompiledProgram, Waiver
from mlstage.emit.pulumi_program import emit_program
from mlstage.emit.writing import Written, write

__all__ = [
    "FORMATS",
    "CompiledProgram",
    "Difference",
    "EmitError",
    "OutputFormat",
    "Plan",
    "State",
    "UnprintableError",
    "Waiver",
    "Written",
    "check",
    "digest",
    "emit_program",
    "explain",
    "manifest_of",
    "write",
]
