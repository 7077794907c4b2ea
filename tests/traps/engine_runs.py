"""Graphs as programs on the real engine: written, run, and changed on their way to show what a protection is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from mlstage.emit.pulumi_program import emit_program
from mlstage.graph import Graph, Options, Resource
from mlstage.offline.provider.behaviours.sagemaker_rollback import VARIABLE
from tests.engine_support import OfflineProject


def deploy(project: OfflineProject, graph: Graph, *, fails: bool = False) -> str:
    """Write a graph's program, run `pulumi up` once, and give what it said."""
    place = project.root / "programs" / "__main__.py"
    place.parent.mkdir(exist_ok=True)
    place.write_text(emit_program(graph, spec="environments/spec.py", version="0"))
    return project.up(fails=fails)


def new_events(project: OfflineProject, before: int) -> list[str]:
    """Give what the provider was asked to do since there were so many events."""
    return project.done()[before:]


def about(events: list[str], *kinds: str) -> list[str]:
    """Keep what concerns some types."""
    return [event for event in events if event.split(" ")[1].split("/")[0] in kinds]


def with_options(graph: Graph, change: Callable[[Options], Options]) -> Graph:
    """Tell the engine something else of every resource."""

    def changed(resource: Resource) -> Resource:
        return replace(resource, options=change(resource.options))

    return graph.with_resources(changed(one) for one in graph.resources)


@contextmanager
def ringing(monkeypatch: pytest.MonkeyPatch, *alarms: str) -> Iterator[None]:
    """Let alarms ring in the stand-in's account."""
    with monkeypatch.context() as patched:
        patched.setenv(VARIABLE, ",".join(alarms))
        yield
