"""What an output format of `mlstage compile --target` is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlstage.diagnostics import Diagnostic
from mlstage.emit.plans import Plan
from mlstage.emit.programs import CompiledProgram
from mlstage.graph import Graph


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One way to write every environment and stack of a project into a folder of its own.

    `plan` makes all the folder's files, from the programs and mlstage's version, and raises `EmitError`. `notes` says
    what of a graph the format leaves out or does otherwise, each with what to do instead; nothing there stops a run.
    `empty` is what is wrong with a project that gives no file at all, if that can be.
    """

    name: str
    folder: str
    what: str
    plan: Callable[[Sequence[CompiledProgram], str], Plan]
    notes: Callable[[Graph], tuple[Diagnostic, ...]]
    empty: Diagnostic | None = None
