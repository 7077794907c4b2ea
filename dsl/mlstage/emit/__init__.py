"""The graph as programs and documents that anyone can read, run and keep without mlstage."""

from mlstage.emit.pulumi_program import emit_program

__all__ = ["emit_program"]
