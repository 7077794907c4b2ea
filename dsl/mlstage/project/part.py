"""What one spec comes to, as data: what is put together, kept, and handed from process to process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Graph
from mlstage.insight.outline import Outline
from mlstage.project.clashes import Named
from mlstage.rules.settings import Settings
from mlstage.rules.waivers import Waiver

if TYPE_CHECKING:
    from mlstage.resolve import ResolvedEnvironment


@dataclass(frozen=True, slots=True)
class CompiledStack:
    """One environment in one stack: what its author wants, its graph, and what it rests on.

    `spec_path` and `sources` are relative to the project's root. `overrides` are those of the stack's file that concern
    the environment. `resolved` is None where the stack was compiled in another process.
    """

    spec_path: str
    sources: tuple[str, ...]
    outline: Outline
    overrides: Mapping[str, Mapping[str, Any]]
    graph: Graph
    waivers: tuple[Waiver, ...]
    resolved: ResolvedEnvironment | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one spec comes to. `path` and `sources` are relative to the project's root.

    `idle` are the waivers of the policies' settings that answered nothing here, as problems: they are told if nothing
    anywhere needed them. `sound` says that the spec itself could be read.
    """

    path: str
    sources: tuple[str, ...]
    sound: bool
    environments: tuple[Named, ...] = ()
    stacks: tuple[CompiledStack, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    idle: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be found out of every spec: in which stacks (none: in all), and judged by what, on which day."""

    stacks: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)
    today: date | None = None
