"""Yes, no, or not known yet: the only kind of condition a rule may state, so that nothing unknown passes in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from mlstage.graph import ConfigSecret, Join, JsonDocument, Ref, Resource, Unknown, Value


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that a condition needed and could not read, and why."""

    resource: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition with three answers; `&`, `|` and `~` follow Kleene: what is decided stays decided.

    It refuses to be used as a plain `bool`, because `if condition:` would take "not known" for "no".
    """

    value: bool | None
    gaps: tuple[Gap, ...] = ()

    def __and__(self, other: Truth) -> Truth:
        if self.value is False or other.value is False:
            return NO
        if self.value and other.value:
            return YES
        return Truth(None, self.gaps + other.gaps)

    def __or__(self, other: Truth) -> Truth:
        return ~(~self & ~other)

    def __invert__(self) -> Truth:
        return self if self.value is None else Truth(not self.value)

    def __bool__(self) -> bool:
        raise TypeError("a Truth may be unknown: use `when`, `&`, `|`, `~`, or compare `.value` with `is`")


YES: Final = Truth(True)
NO: Final = Truth(False)


def truth(value: bool) -> Truth:
    """Turn what is known into a condition."""
    return YES if value else NO


def any_of(conditions: Iterable[Truth]) -> Truth:
    """Say whether one of the conditions holds."""
    result = NO
    for condition in conditions:
        result = result | condition
        if result.value:
            return YES
    return result


def all_of(conditions: Iterable[Truth]) -> Truth:
    """Say whether all of the conditions hold."""
    return ~any_of(~condition for condition in conditions)


@dataclass(frozen=True, slots=True)
class Field:
    """One property of one resource: its path, and its value (None where nothing is set).

    `inside` says that the value is that of something around it, which cannot be looked into.
    """

    resource: Resource
    path: str
    value: Value
    inside: bool = False

    def __getitem__(self, key: str) -> Field:
        """Give a property of a nested object. What lies inside an unknown value is unknown."""
        value = self.value
        if isinstance(value, JsonDocument):
            value = value.value
        if isinstance(value, Mapping):
            return Field(self.resource, f"{self.path}.{key}" if self.path else key, value.get(key))
        if isinstance(value, tuple) and len(value) == 1:
            return Field(self.resource, f"{self.path}[0]", value[0])[key]
        return replace(self, inside=True) if _opaque(value) else Field(self.resource, f"{self.path}.{key}", None)

    def items(self) -> tuple[Field, ...]:
        """Give the elements of a list; a single value counts as a list of one, an unknown list as one unknown."""
        value = self.value
        if isinstance(value, JsonDocument):
            value = value.value
        if isinstance(value, tuple):
            return tuple(Field(self.resource, f"{self.path}[{index}]", item) for index, item in enumerate(value))
        return () if value is None else (self,)

    @property
    def shown(self) -> str:
        """The author's value as messages show it; a value that is not text is described."""
        match self.value:
            case bool():
                return "true" if self.value else "false"
            case str() | int() | float():
                return str(self.value)
            case None:
                return "nothing"
            case _:
                return "a value not known yet"

    @property
    def text(self) -> str | None:
        """The value where it is plain text, else None."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> int | float | None:
        """The value where it is a number, else None."""
        return self.value if isinstance(self.value, (int, float)) and not isinstance(self.value, bool) else None

    def gap(self, reason: str = "") -> Truth:
        """Say that this field leaves a condition open."""
        return Truth(None, (Gap(self.resource.name, self.path, reason or _why_open(self.value)),))

    def is_absent(self) -> Truth:
        """Say whether nothing is set. A reference is something: what it gives is some attribute of a resource."""
        if isinstance(self.value, Unknown) or self.inside:
            return self.gap()
        return truth(self.value is None or self.value == "" or self.value == () or self.value == {})

    def is_given(self) -> Truth:
        """Say whether something is set."""
        return ~self.is_absent()

    def is_true(self) -> Truth:
        """Say whether the value is true; unset is not. The AWS provider writes a few booleans as text."""
        if _opaque(self.value):
            return self.gap()
        return truth(self.value is True or self.value == "true")

    def is_false(self) -> Truth:
        """Say whether the value is false; unset is not."""
        if _opaque(self.value):
            return self.gap()
        return truth(self.value is False or self.value == "false")

    def is_one_of(self, *values: str) -> Truth:
        """Say whether the value is one of these texts."""
        if _opaque(self.value):
            return self.gap()
        return truth(self.value in values)

    def is_below(self, limit: int) -> Truth:
        """Say whether the value is a number below the limit; unset is not."""
        if _opaque(self.value):
            return self.gap()
        return truth(self.number is not None and self.number < limit)

    def satisfies(self, test: Callable[[str], bool]) -> Truth:
        """Put plain text to a test; a value that is no text does not satisfy it."""
        if _opaque(self.value):
            return self.gap()
        return truth(isinstance(self.value, str) and test(self.value))


def field(resource: Resource, name: str) -> Field:
    """Give a top-level property of a resource."""
    return Field(resource, name, resource.props.get(name))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule objects to: which property of which resource, in words that quote the author's value.

    The message is a clause after which "in stack 'prod'" can stand. `instead` replaces the rule's general cure where
    a better one is known.
    """

    resource: str
    field: str
    message: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """What a rule could not tell: which property of which resource it would have to know, and why it does not."""

    resource: str
    field: str
    reason: str


Answer = Finding | Undecided


def when(condition: Truth, at: Field, message: str, instead: str = "") -> Iterator[Answer]:
    """Object at a field if the condition holds, say what is missing if that is open, and else say nothing."""
    if condition.value:
        yield Finding(at.resource.name, at.path, message, instead)
    elif condition.value is None:
        # The first by name, so that the order of resources does not show.
        gap = min(condition.gaps, key=lambda one: (one.resource, one.field))
        yield Undecided(gap.resource, gap.field, gap.reason)


def _opaque(value: Value) -> bool:
    return isinstance(value, (Unknown, Ref, Join, ConfigSecret))


def _why_open(value: Value) -> str:
    match value:
        case Ref(resource):
            return f"it is taken from {resource!r} and known once that exists"
        case Join(parts):
            sources = dict.fromkeys(part.resource for part in parts if isinstance(part, Ref))
            return f"it is made from {', '.join(map(repr, sources))} and known once that exists"
        case ConfigSecret():
            return "it is a secret, which rules do not read"
        case _:
            return "it is not known before it is created"
