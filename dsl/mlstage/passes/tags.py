"""Tags on everything that takes them: whose it is, what it serves, and whatever the author adds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import VOCABULARY, Graph, GraphError, Resource, Value
from mlstage.passes.context import Context

OURS: Final = "mlstage:"
# The strictest of the services that mlstage uses; the same in botocore 1.43's models of SageMaker, IAM and Logs.
KEY_LIMIT: Final = 128
VALUE_LIMIT: Final = 256
COUNT_LIMIT: Final = 50
_PUNCTUATION: Final = frozenset("_.:/=+-@")


@dataclass(frozen=True, slots=True)
class TagFault:
    """A tag that AWS would refuse: which one, what is wrong with it, what to write instead."""

    key: str
    what: str
    instead: str


def tag_faults(tags: Mapping[str, str]) -> Iterator[TagFault]:
    """Yield what AWS, or mlstage itself, would refuse of an author's tags."""
    seen: dict[str, str] = {}
    for key, value in tags.items():
        yield from _key_faults(key)
        yield from _text_faults(key, f"the value of tag {key!r}", value, VALUE_LIMIT)
        # IAM takes two keys that differ in case only for the same key, twice.
        other = seen.setdefault(key.casefold(), key)
        if other != key:
            yield TagFault(key, f"tags {other!r} and {key!r} differ in case only, which IAM refuses", "one of the two")
    if len(tags) > (room := COUNT_LIMIT - _OWN_COUNT):
        what = f"{len(tags)} tags; AWS takes {COUNT_LIMIT} per resource, of which mlstage sets {_OWN_COUNT}"
        yield TagFault("", what, f"at most {room} tags")


def _key_faults(key: str) -> Iterator[TagFault]:
    if not key:
        yield TagFault(key, "a tag has an empty key", 'a key such as "cost-center"')
    for prefix, whose in (("aws:", "AWS's"), (OURS, "mlstage's")):
        if key.casefold().startswith(prefix):
            own = key.split(":", 1)[1] or "name"
            yield TagFault(key, f"tag {key!r} begins with {prefix!r}, which is {whose} own", f"{own!r}, for example")
    yield from _text_faults(key, f"the tag key {key!r}", key, KEY_LIMIT)


def _text_faults(key: str, subject: str, text: str, limit: int) -> Iterator[TagFault]:
    if len(text) > limit:
        yield TagFault(key, f"{subject} has {len(text)} characters; AWS takes at most {limit}", "a shorter text")
    if refused := sorted({letter for letter in text if not _takes(letter)}):
        shown = " ".join(ascii(letter) for letter in refused)
        yield TagFault(key, f"{subject} has characters that AWS refuses: {shown}", "letters, digits, spaces, _.:/=+-@")


def _takes(letter: str) -> bool:
    return letter in _PUNCTUATION or unicodedata.category(letter)[0] in "LNZ"


def tags(graph: Graph, context: Context) -> Graph:
    """Add tags to every resource that takes them; a tag that the lowering has set stays as it is."""
    everyone = {**context.tags, **_own(context)}
    return graph.with_resources(_tagged(resource, everyone, context) for resource in graph.resources)


def _own(context: Context) -> dict[str, str]:
    return {
        "mlstage:environment": context.environment,
        "mlstage:stack": context.stack,
        "mlstage:owner": context.owner,
    }


# Environment, stack and owner, and the workload.
_OWN_COUNT: Final = 4


def _tagged(resource: Resource, everyone: Mapping[str, str], context: Context) -> Resource:
    if not VOCABULARY[resource.type].taggable:
        return resource
    existing = resource.props.get("tags") or {}
    if not isinstance(existing, Mapping):
        raise GraphError(f"{resource.name!r} has tags that are no mapping: {existing!r}")
    merged: dict[str, Value] = {**everyone}
    if resource.workload:
        merged |= context.workload_tags.get(resource.workload, {})
        merged |= {"mlstage:workload": resource.workload}
    return resource.with_props(tags=dict(sorted({**merged, **existing}.items())))
