"""What a behaviour is, and what it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlstage.offline.provider.world import Thing, World


@dataclass(frozen=True, slots=True)
class Change:
    """One call that the provider is about to make to AWS. `id` is empty, and `old` too, when something is created."""

    operation: Literal["create", "update", "delete"]
    token: str
    region: str
    account: str
    id: str = ""
    new: Mapping[str, Any] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)


def _nothing(*_: object) -> Iterable[Any]:
    return ()


def _as_asked(*_: object) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that AWS does: what it `refuses`, and what it `takes_along` when it deletes something.

    `answers` are properties that it gives other values than it was asked for, and calls it a success. `recomputes` are
    those that an update gives new values, which no preview knows.
    """

    watched: Mapping[str, tuple[str, ...]]
    refuses: Callable[[Change, World], Iterable[str]] = _nothing
    takes_along: Callable[[Change, World], Iterable[Thing]] = _nothing
    answers: Callable[[Change, World], Mapping[str, Any]] = _as_asked
    recomputes: Callable[[Change], Iterable[str]] = _nothing
