"""Properties as Pulumi's engine writes them, as values of the graph: names, numbers, unknowns, secrets, documents."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from keyword import iskeyword
from typing import Any, Final

from mlstage.graph import UNKNOWN, ConfigSecret, Join, JsonDocument, Ref, Unknown, Value
from mlstage.rules.views.documents import parse_json

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

# Properties whose value is a JSON document written as text.
JSON_PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "aws.cloudwatch.Dashboard": frozenset({"dashboard_body"}),
    "aws.cloudwatch.EventRule": frozenset({"event_pattern"}),
    "aws.cloudwatch.EventTarget": frozenset({"input"}),
    "aws.ec2.VpcEndpoint": frozenset({"policy"}),
    "aws.iam.GroupPolicy": frozenset({"policy"}),
    "aws.iam.Policy": frozenset({"policy"}),
    "aws.iam.Role": frozenset({"assume_role_policy"}),
    "aws.iam.RolePolicy": frozenset({"policy"}),
    "aws.iam.UserPolicy": frozenset({"policy"}),
    "aws.kms.Key": frozenset({"policy"}),
    "aws.sagemaker.Pipeline": frozenset({"pipeline_definition"}),
    "aws.sns.Topic": frozenset({"policy"}),
    "aws.sns.TopicPolicy": frozenset({"policy"}),
    "aws.sns.TopicSubscription": frozenset({"filter_policy"}),
    "aws.sqs.Queue": frozenset({"policy", "redrive_allow_policy", "redrive_policy"}),
    "aws.sqs.RedriveAllowPolicy": frozenset({"redrive_allow_policy"}),
}

# Objects whose keys are the author's own words, at any depth: they are not names of properties.
FREE_MAPS: Final = frozenset(
    {
        *("additional_version_weights", "default_tags", "dimensions", "docker_labels", "endpoints", "environment"),
        *("header_parameters", "input_paths", "labels", "mappings", "options", "parameters"),
        *("query_string_parameters", "request_models", "request_parameters", "request_templates", "stage_variables"),
        *("tags", "tags_all", "triggers", "variables", "volume_tags"),
    }
)

Sources = tuple[str, ...]


def read_properties(
    type_name: str, properties: Mapping[str, Any], sources: Mapping[str, Sources] | None = None
) -> dict[str, Value]:
    """Read the properties of one resource.

    `sources` names, by property, the resources that its value comes from: an unknown value becomes a reference to
    those, so that links between resources hold before anything exists.
    """
    documents = JSON_PROPERTIES.get(type_name, frozenset())
    read: dict[str, Value] = {}
    for key, raw in properties.items():
        if key.startswith("__"):  # the engine's and the bridge's own
            continue
        name = snake_case(key)
        is_document = name in documents
        value = read_value(raw, (sources or {}).get(key, ()), free=is_document or name in FREE_MAPS)
        read[name] = _document(value) if is_document else value
    return read


def read_value(raw: Any, sources: Sources = (), *, free: bool = False) -> Value:
    """Read one value; `free` says that the keys of an object are the author's own."""
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
        return {
            (name := snake_case(str(key))): read_value(item, sources, free=name in FREE_MAPS)
            for key, item in raw.items()
        }
    if isinstance(raw, (list, tuple)):
        return tuple(read_value(item, sources, free=free) for item in raw)
    raise TypeError(f"{type(raw).__name__} is no value of Pulumi's")


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
            return Join(tuple(Ref(source, "") for source in sources))


def _signed(raw: Mapping[str, Any], sources: Sources) -> Value:
    kind = raw[_SIGNATURE]
    if kind == _SECRET or raw.get("secret") is True:
        return ConfigSecret("")
    if kind == _OUTPUT and "value" in raw:
        return read_value(raw["value"], sources)
    # An asset, an archive, a reference to a resource, or an output without a value: nothing that rules read.
    return UNKNOWN


def _document(value: Value) -> Value:
    if isinstance(value, Mapping):  # a program may pass a policy as an object, too
        return JsonDocument(value)
    if not isinstance(value, str):
        return value
    try:
        parsed = parse_json(value)
    except ValueError:
        return value
    return JsonDocument(parsed) if isinstance(parsed, (Mapping, tuple)) else value


def is_unknown(value: Value) -> bool:
    """Say whether a value is not known, whatever it will come from."""
    return isinstance(value, Unknown) or (isinstance(value, Ref) and not value.attribute)


def loads(text: str) -> Any:
    """Read JSON that may have been nested without end. Raises `ValueError`."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
