"""Step Functions: the states of a machine, what each calls, and what it gives along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import UNKNOWN, JsonDocument, Resource, Value
from mlstage.rules.truth import Field, field
from mlstage.rules.views.documents import document

STATE_MACHINE: Final = "aws.sfn.StateMachine"
# `arn:aws:states:::ecs:runTask.sync`, or any call of an API as `arn:aws:states:::aws-sdk:batch:submitJob`.
_CALL: Final = re.compile(r"arn:aws[\w-]*:states:::(?:aws-sdk:)?(\w+:\w+)(?:\.\w+(?::\d)?)?", re.IGNORECASE)
# Where states have states of their own: `Iterator` is what a map had before `ItemProcessor`.
_INNER: Final = ("ItemProcessor", "Iterator")
_JSONATA: Final = "{%"


@dataclass(frozen=True, slots=True)
class State:
    """A state that calls an API: `call` is the service and the action, in small letters."""

    name: str
    call: str
    at: Field

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


def _states(at: Field) -> Iterator[State]:
    listed = at["States"]
    for name in listed.value if isinstance(listed.value, Mapping) else ():
        state = listed[name]
        called = _CALL.fullmatch(state["Resource"].text or "")
        if called is not None:
            yield State(name, called[1].lower(), state)
        for branch in (*state["Branches"].items(), *(state[key] for key in _INNER)):
            if isinstance(branch.value, Mapping):
                yield from _states(branch)


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
