"""Notebook instances, and what stops them: a script that watches for idleness, a schedule that knows the hours."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, YES, Field, Truth, any_of, field
from mlstage.rules.views.links import Link, Mentions, follow

NOTEBOOK: Final = "aws.sagemaker.NotebookInstance"
LIFECYCLE: Final = "aws.sagemaker.NotebookInstanceLifecycleConfiguration"
SCHEDULE: Final = "aws.scheduler.Schedule"

# AWS's own sample calls its script `autostop.py`; others call the API by one of its names.
_STOPS: Final = re.compile(r"stop[-_]?notebook[-_]?instance|auto[-_]?(stop|shutdown)|idle", re.IGNORECASE)
_STOPPING: Final = "sagemaker:stopnotebookinstance"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook instance. `stops` are the schedules that stop it; `open_stops` are those that may."""

    resource: Resource
    lifecycle: Link
    stops: tuple[Resource, ...]
    open_stops: tuple[Field, ...]

    @property
    def stops_when_idle(self) -> Truth:
        """Whether a script of its lifecycle configuration stops it when nobody uses it."""
        if not self.lifecycle.resources:
            return NO if self.lifecycle.field.value is None else self.lifecycle.gap()
        return any_of(_stops(script) for found in self.lifecycle.resources for script in _scripts(found))

    @property
    def stops_by_the_clock(self) -> Truth:
        """Whether a schedule stops it."""
        return YES if self.stops else any_of(place.gap() for place in self.open_stops)


def notebooks(graph: Graph) -> tuple[Notebook, ...]:
    """Give the notebook instances of a graph."""
    targets = [(one, field(one, "target")) for one in graph.of(SCHEDULE)]
    stopping = [(one, target) for one, target in targets if _may_stop(target).value is not False]
    mentions = Mentions((one, target["input"]) for one, target in stopping)
    return tuple(
        Notebook(
            resource,
            follow(graph, field(resource, "lifecycle_config_name"), LIFECYCLE),
            mentions.of(resource),
            mentions.open,
        )
        for resource in graph.of(NOTEBOOK)
    )


def _may_stop(target: Field) -> Truth:
    return target["arn"].satisfies(lambda arn: arn.lower().endswith(_STOPPING))


def _scripts(lifecycle: Resource) -> tuple[Field, ...]:
    return (field(lifecycle, "on_start"), field(lifecycle, "on_create"))


def _stops(script: Field) -> Truth:
    return script.satisfies(lambda text: _STOPS.search(_decoded(text)) is not None)


def _decoded(text: str) -> str:
    """Read a script, which AWS takes in Base64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text
