"""Step Functions: the states of a machine, what each calls, and what it gives along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mlstage.graph import UNKNOWN, Join, JsonDocument, Ref, Resource, Value
from mlstage.rules.truth import Field, field
from mlstage.rules.views.documents import document

STATE_MACHINE: Final = "aws.sfn.StateMachine"
# `arn:aws:states:::ecs:runTask.sync`, or any call of an API as `arn:aws:states:::aws-sdk:batch:submitJob`.
_CALL: Final = re.compile(r"arn:aws[\w-]*:states:::(?:aws-sdk:)?(\w+:\w+)(?:\.\w+(?::\d)?)?", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"arn:aws[\w-]*:lambda:[^:]*:\d*:function:")
# Where states have states of their own: `Iterator` is what a map had before `ItemProcessor`.
_INNER: Final = ("ItemProcessor", "Iterator")
_JSONATA: Final = "{%"

Way = Literal["always", "perhaps", "after a failure"]
"""Whether a run comes to a state: in any case, by a choice, or only when something failed before."""
_WAYS: Final[tuple[Way, ...]] = ("always", "perhaps", "after a failure")


@dataclass(frozen=True, slots=True)
class State:
    """A state that calls an API: `call` is the service and the action, in small letters.

    `times` is for how many items of the maps around it a run comes to it, None where only a run knows.
    """

    name: str
    call: str
    at: Field
    way: Way = "always"
    times: int | None = 1

    @property
    def arguments(self) -> Field:
        """What the API is given; what only a run works out (`"Key.$"`, `{% … %}`) is not known."""
        given = self.at["Arguments"] if self.at["Arguments"].value is not None else self.at["Parameters"]
        return Field(given.resource, given.path, _settled(given.value))

    @property
    def is_tried_again(self) -> bool:
        """Whether it says what happens when it fails: that is where people try again."""
        return any(self.at[key].value is not None for key in ("Retry", "Catch"))


def states(machine: Resource) -> Iterator[State]:
    """Yield the calling states of a state machine, inner ones included; none where its definition is not known."""
    definition = document(field(machine, "definition"))
    if isinstance(definition.value, Mapping):
        yield from _states(definition)


def is_read(machine: Resource) -> bool:
    """Say whether a state machine's definition can be read."""
    return isinstance(document(field(machine, "definition")).value, Mapping)


def _states(at: Field, way: Way = "always", times: int | None = 1) -> Iterator[State]:
    listed = at["States"]
    ways = _ways(at)
    for name in listed.value if isinstance(listed.value, Mapping) else ():
        state = listed[name]
        own = max(way, ways[name], key=_WAYS.index)
        if call := _call(state["Resource"]):
            yield State(name, call, state, own, times)
        for branch in state["Branches"].items():
            yield from _inner(branch, own, times)
        for key in _INNER:
            yield from _inner(state[key], own, _product(times, _items(state)))


def _inner(branch: Field, way: Way, times: int | None) -> Iterator[State]:
    if isinstance(branch.value, Mapping):
        yield from _states(branch, way, times)


def _call(resource: Field) -> str:
    """Give what a state calls; one that names a function by its ARN invokes it."""
    called = _CALL.fullmatch(resource.text or "")
    if called is not None:
        return called[1].lower()
    named = isinstance(resource.value, (Ref, Join)) or _FUNCTION.match(resource.text or "")
    return "lambda:invoke" if named else ""


def _items(state: Field) -> int | None:
    """Count the items that a map lists; what it is given, or reads, only a run knows."""
    items = state["Items"].value
    return len(items) if isinstance(items, tuple) else None


def _product(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _ways(at: Field) -> dict[str, Way]:
    """Say of each state whether a run comes to it: along `Next` from the first, by choices, or by a `Catch` only."""
    listed = at["States"]
    names = list(listed.value) if isinstance(listed.value, Mapping) else []
    ways: dict[str, Way] = dict.fromkeys(names, "after a failure")
    waiting: list[tuple[str | None, Way]] = [(at["StartAt"].text, "always")]
    while waiting:
        name, way = waiting.pop(0)
        if name not in ways or ways[name] != "after a failure":
            continue
        ways[name] = way
        state = listed[name]
        waiting.append((state["Next"].text, way))
        chosen = (*(one["Next"].text for one in state["Choices"].items()), state["Default"].text)
        waiting += [(one, "perhaps") for one in chosen]
    return ways


def _settled(value: Value) -> Value:
    """Put what a run fills in under the plain name, as something that is not known."""
    if isinstance(value, JsonDocument):
        return _settled(value.value)
    if isinstance(value, Mapping):
        return {
            key.removesuffix(".$"): UNKNOWN if key.endswith(".$") else _settled(inner) for key, inner in value.items()
        }
    if isinstance(value, tuple):
        return tuple(_settled(item) for item in value)
    return UNKNOWN if isinstance(value, str) and value.startswith(_JSONATA) else value
