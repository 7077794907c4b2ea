"""Properties as Pulumi's engine writes them, as values of the graph: names, numbers, unknowns, secrets, documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from keyword import iskeyword
from typing import Any, Final

from mlstage.graph import UNKNOWN, VOCABULARY, ConfigSecret, Join, JsonDocument, Ref, Value
from mlstage.graph.properties import Property, UnknownProperty, properties_of
from mlstage.readers.terraform_names import as_document, with_documents

# What the engine puts in the place of a value that a preview cannot know, by kind: text, number, boolean, list,
# object, asset, archive (pulumi 3.259, sdk/go/common/resource/plugin/rpc.go).
UNKNOWNS: Final = frozenset(
    (
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
    )
)
# An object with this key stands for something else than an object (sdk/go/common/resource/sig.go).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# `pulumi preview --json` blanks secrets.
_BLANKED: Final = "[secret]"

# Properties whose value is JSON as text, beside those that the vocabulary names because targets write them.
MORE_DOCUMENTS: Final[Mapping[str, frozenset[str]]] = {
    "aws.cloudwatch.EventTarget": frozenset({"input"}),
    "aws.iam.GroupPolicy": frozenset({"policy"}),
    "aws.iam.UserPolicy": frozenset({"policy"}),
    "aws.sns.TopicSubscription": frozenset({"filter_policy"}),
}

# Objects whose keys are the author's own words, and no names of properties, where the table of properties does not
# say so: types that the vocabulary lacks, and properties that only Pulumi has.
_FREE: Final = frozenset({"default_tags", "environment", "labels", "parameters", "tags", "tags_all", "variables"})

_OF_THE_TYPE: Final = frozenset({"apiVersion", "kind"})
_NO_NAMES: Final[frozenset[str]] = frozenset()

Sources = tuple[str, ...]
_NOTHING: Final[Mapping[str, Property]] = {}


def read_properties(
    type_name: str, properties: Mapping[str, Any], sources: Mapping[str, Sources] | None = None
) -> dict[str, Value]:
    """Read the properties of one resource.

    `sources` names, by property, the resources that its value comes from: an unknown value becomes a reference to
    those, so that links between resources hold before anything exists.
    """
    documents = documents_of(type_name)
    known, told = _known(type_name), _told_by(type_name)
    read: dict[str, Value] = {}
    for key, raw in properties.items():
        if key.startswith("__") or key in told:  # the engine's and the bridge's own
            continue
        name = _name(key, known)
        come_from = (sources or {}).get(key, ())
        if name in documents:
            read[name] = _document(read_value(raw, come_from, free=True))
        else:
            read[name] = _read_property(name, raw, come_from, known)
    return with_documents(read, VOCABULARY.get(type_name))


def documents_of(type_name: str) -> frozenset[str]:
    """Name the properties of a type that hold a JSON document as text."""
    info = VOCABULARY.get(type_name)
    return (info.documents if info else frozenset()) | MORE_DOCUMENTS.get(type_name, frozenset())


def read_value(
    raw: Any, sources: Sources = (), known: Mapping[str, Property] = _NOTHING, *, free: bool = False
) -> Value:
    """Read one value; `known` are the properties of an object, and `free` says that its keys are the author's own."""
    if isinstance(raw, str):
        if raw in UNKNOWNS:
            return _from(sources)
        return ConfigSecret("") if raw == _BLANKED else raw
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if raw is None or isinstance(raw, (bool, int, float)):
        return raw
    if isinstance(raw, Mapping):
        if _SIGNATURE in raw:
            return _signed(raw, sources)
        if free:
            return {str(key): read_value(item, sources, free=True) for key, item in raw.items()}
        named = {_name(str(key), known): item for key, item in raw.items()}
        return {name: _read_property(name, item, sources, known) for name, item in named.items()}
    if isinstance(raw, (list, tuple)):
        return tuple(read_value(item, sources, known, free=free) for item in raw)
    raise TypeError(f"{type(raw).__name__} is no value of Pulumi's")


def _read_property(name: str, raw: Any, sources: Sources, known: Mapping[str, Property]) -> Value:
    found = known.get(name)
    if found is None:
        return read_value(raw, sources, free=name in _FREE)
    return read_value(raw, sources, found.inside, free=found.kind in ("map", "any"))


def _told_by(type_name: str) -> frozenset[str]:
    """Name what an object of Kubernetes says of itself and its type says already."""
    info = VOCABULARY.get(type_name)
    return _OF_THE_TYPE if info is not None and info.kind else _NO_NAMES


def _name(key: str, known: Mapping[str, Property]) -> str:
    """Give Pulumi's Python name of a property; some of Kubernetes's (`clusterIPs`) follow no rule."""
    plain = snake_case(key)
    if plain in known:
        return plain
    return next((name for name, one in known.items() if one.terraform == key), plain)


def _known(type_name: str) -> Mapping[str, Property]:
    try:
        return properties_of(type_name)
    except UnknownProperty:
        return _NOTHING


@cache
def snake_case(name: str) -> str:
    """Turn a property's name into that of Pulumi's Python packages: `kmsKeyArn` into `kms_key_arn`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return f"{snake}_" if iskeyword(snake) else snake


@cache
def camel_case(name: str) -> str:
    """Turn a property's name back into the engine's: `kms_key_arn` into `kmsKeyArn`."""
    head, *words = name.removesuffix("_").split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in words)


def _from(sources: Sources) -> Value:
    match sources:
        case ():
            return UNKNOWN
        case (source,):
            return Ref(source, "")
        case _:
            # Sorted, as the engine tells them in any order.
            return Join(tuple(Ref(source, "") for source in sorted(sources)))


def _signed(raw: Mapping[str, Any], sources: Sources) -> Value:
    kind = raw[_SIGNATURE]
    if kind == _SECRET or raw.get("secret") is True:
        return ConfigSecret("")
    if kind == _OUTPUT and "value" in raw:
        return read_value(raw["value"], sources)
    # An asset, an archive, a reference to a resource, or an output without a value: nothing that rules read.
    return UNKNOWN


def _document(value: Value) -> Value:
    # A program may pass a policy as an object, too.
    return JsonDocument(value) if isinstance(value, Mapping) else as_document(value)
