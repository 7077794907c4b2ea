"""What two stacks' resources differ in, apart from what their names and regions make of the same thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mlstage.graph import VOCABULARY, Graph, Join, JsonDocument, Ref, Resource, Value, transform
from mlstage.insight.unlike import PropertyChange, Same, property_changes, same
from mlstage.rules.words import type_words

Consequence = tuple[str, str, str]
# What names a thing, says whose it is, or only permits: it follows from the rest, whatever differs.
_PASSED_OVER: Final = frozenset({"tags", "policy"})
# As many parts of one property are told apart; more are told as one difference.
_APART: Final = 3
_REGISTRY: Final = re.compile(r"\b\d{12}\.dkr\.ecr\.")


def consequences(first: Graph, second: Graph, workload: str) -> tuple[Consequence, ...]:
    """Give what differs between a workload's resources in two graphs: what, and how it is on either side.

    The empty workload stands for what the environment's workloads share.
    """
    one, other = _by_key(first, workload), _by_key(second, workload)
    neutral = _Neutral(first), _Neutral(second)

    def alike(here: Value, there: Value) -> bool:
        return same(here, there) or same(neutral[0].value(here), neutral[1].value(there))

    found = [*_only_on_one_side(one, other)]
    for key in one:
        if key in other:
            found += _properties(one[key], other[key], alike)
    return tuple(dict.fromkeys(found))


def _by_key(graph: Graph, workload: str) -> Mapping[tuple[str, str], Resource]:
    """Give the workload's resources by type and name, the environment's name left out of both names and references."""
    names = {one.name: one.name.removeprefix(f"{graph.environment}-") for one in graph.resources}

    def renamed(value: Value) -> Value:
        match value:
            case Ref(resource, attribute):
                return Ref(names.get(resource, resource), attribute)
            case Join(parts):
                return Join(
                    tuple(
                        Ref(names.get(p.resource, p.resource), p.attribute) if isinstance(p, Ref) else p for p in parts
                    )
                )
            case _:
                return value

    return {
        (one.type, names[one.name]): Resource(
            names[one.name],
            one.type,
            {key: transform(value, renamed) for key, value in one.props.items() if _told(one.type, key)},
        )
        for one in graph.resources
        if one.workload == workload and not VOCABULARY[one.type].data
    }


def _told(type_name: str, key: str) -> bool:
    return key not in _PASSED_OVER and key != VOCABULARY[type_name].physical_name


class _Neutral:
    """Takes out of values what two stacks cannot have alike: their names, their region, AWS's accounts there."""

    def __init__(self, graph: Graph) -> None:
        texts = [f"{graph.environment}{mark}{graph.stack}" for mark in "-/"] + [f"stack {graph.stack}"]
        own = [text for text in (*texts, graph.environment, graph.region) if text]
        self._own = re.compile("|".join(rf"(?<![a-z0-9]){re.escape(text)}(?![a-z0-9])" for text in own))

    def value(self, value: Value) -> Value:
        return transform(value, self._leaf)

    def _leaf(self, value: Value) -> Value:
        match value:
            case str():
                return self._text(value)
            case Join(parts):
                return Join(tuple(self._text(part) if isinstance(part, str) else part for part in parts))
            case _:
                return value

    def _text(self, text: str) -> str:
        return _REGISTRY.sub("….dkr.ecr.", self._own.sub("…", text))


def _only_on_one_side(
    one: Mapping[tuple[str, str], Resource], other: Mapping[tuple[str, str], Resource]
) -> Iterator[Consequence]:
    here = Counter(type_ for type_, _ in one if (type_, _) not in other)
    there = Counter(type_ for type_, _ in other if (type_, _) not in one)
    for type_ in sorted({*here, *there}, key=lambda name: (type_words(name).casefold(), name)):
        counts = [sum(kind == type_ for kind, _ in side) for side in (one, other)]
        first, second = (str(count) if count else "none" for count in counts)
        yield (type_words(type_), first, second) if counts[0] != counts[1] else (type_words(type_), first, "others")


def _properties(one: Resource, other: Resource, alike: Same) -> Iterator[Consequence]:
    by_name: dict[str, list[PropertyChange]] = {}
    for change in property_changes(one, other, alike):
        by_name.setdefault(change.name, []).append(change)
    for name, changes in by_name.items():
        told = f"{type_words(one.type)}: {name}"
        if isinstance(one.props.get(name), JsonDocument):
            yield (told, "one text", "another text")
        elif len(changes) > _APART:
            yield (told, "this", "another")
        else:
            yield from (
                (f"{type_words(one.type)}: {change.path}", _said(change.before), _said(change.after))
                for change in changes
            )


def _said(value: Value) -> str:
    match value:
        case None:
            return "none"
        case bool() | int() | float() | str():
            return str(value)
        case Ref(resource, _):
            return resource
        case _:
            return "set"


def without_repetition(found: Sequence[Consequence], told: set[tuple[str, str]]) -> tuple[Consequence, ...]:
    """Leave out what only repeats values that have been told of in the author's own words."""
    return tuple(one for one in found if (one[1], one[2]) not in told)
