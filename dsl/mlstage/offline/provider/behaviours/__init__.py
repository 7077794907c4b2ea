"""What AWS refuses, and what it does otherwise than asked: one file per behaviour.

To add one: write a file with `WATCHED` (token -> the input properties that the behaviour asks of things which exist)
and a function that yields AWS's refusals of a `Change`, and list both in `BEHAVIOURS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.offline.provider.behaviours import (
    autoscaling_blocks_updates,
    capacity_in_use,
    one_in_a_place,
    published_versions,
    roles_in_use,
    sagemaker_rollback,
    sagemaker_serverless_switch,
    scalable_targets,
    unique_names,
)
from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import World

__all__ = ["BEHAVIOURS", "Change", "answers", "cascade", "facts_of", "recomputed", "refusals"]

BEHAVIOURS: Final[tuple[Behaviour, ...]] = (
    unique_names.BEHAVIOUR,
    one_in_a_place.BEHAVIOUR,
    autoscaling_blocks_updates.BEHAVIOUR,
    scalable_targets.BEHAVIOUR,
    roles_in_use.BEHAVIOUR,
    capacity_in_use.BEHAVIOUR,
    sagemaker_rollback.BEHAVIOUR,
    sagemaker_serverless_switch.BEHAVIOUR,
    published_versions.BEHAVIOUR,
)


def refusals(change: Change, world: World) -> Iterator[str]:
    """Yield what AWS answers to a change that it refuses."""
    for behaviour in BEHAVIOURS:
        yield from behaviour.refuses(change, world)


def facts_of(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the inputs that some behaviour watches; nothing else is written to disk, secrets least of all."""
    watched = {name for behaviour in BEHAVIOURS for name in behaviour.watched.get(token, ())}
    return {name: inputs[name] for name in sorted(watched) if name in inputs}


def answers(change: Change, world: World) -> dict[str, Any]:
    """Give the properties that AWS sets otherwise than asked, although it calls the change a success."""
    return {name: value for behaviour in BEHAVIOURS for name, value in behaviour.answers(change, world).items()}


def recomputed(change: Change) -> Iterator[str]:
    """Yield the properties that an update gives values which no preview knows."""
    for behaviour in BEHAVIOURS:
        yield from behaviour.recomputes(change)


def cascade(change: Change, world: World) -> Iterator[Any]:
    """Yield the things that AWS deletes along with one that is deleted."""
    for behaviour in BEHAVIOURS:
        yield from behaviour.takes_along(change, world)
