"""The graph as programs and documents that anyone can read, run and keep without mlstage."""

from mlstage.emit.comparing import Difference, State, check, explain
from mlstage.emit.printer import UnprintableError
from mlstage.emit.programs import CompiledProgram, EmitError, Plan, Waiver, digest, plan
from mlstage.emit.pulumi_program import emit_program
from mlstage.emit.writing import Written, write

__all__ = [
    "CompiledProgram",
    "Difference",
    "EmitError",
    "Plan",
    "State",
    "UnprintableError",
    "Waiver",
    "Written",
    "check",
    "digest",
    "emit_program",
    "explain",
    "plan",
    "write",
]
