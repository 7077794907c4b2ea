"""What a resource has once AWS made it: its id, ARN and the other properties that nobody wrote."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mlstage.offline.provider.identities import ARN_SERVICES, PARENTS, TEMPLATES
from mlstage.offline.provider.naming import DEFAULTS, name_property
from mlstage.offline.provider.schema import ResourceType
from mlstage.offline.provider.values import UNKNOWN

ACCOUNT: Final = "123456789012"


@dataclass(frozen=True)
class Settings:
    """What the provider was configured with."""

    region: str
    default_tags: Mapping[str, str]

    @property
    def partition(self) -> str:
        """The part of AWS that the region belongs to."""
        return (
            "aws-cn" if self.region.startswith("cn-") else "aws-us-gov" if self.region.startswith("us-gov-") else "aws"
        )


def created(kind: ResourceType, inputs: dict[str, Any], logical: str, seed: str, settings: Settings) -> dict[str, Any]:
    """Give a new resource's `id` and all its properties. `seed` makes its random letters."""
    words = _Words(kind, inputs, logical, seed, settings)
    template = TEMPLATES.get(kind.token, {})
    properties = _written(inputs)
    for name, output in kind.outputs.items():
        if name in properties:
            continue
        if name in template:
            properties[name] = _typed(output.shape, words.fill(template[name]))
        elif not output.optional or _documented_default(kind, name) is not None:
            properties[name] = _plausible(kind, name, words)
    properties["id"] = words.fill(template["id"]) if "id" in template else _general_id(kind, words)
    return _with_inner(properties, {path: words.fill(text) for path, text in template.items() if "." in path})


def _with_inner(properties: dict[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Set what AWS adds inside a property that the author wrote: `vpcConfig.clusterSecurityGroupId`."""
    found = dict(properties)
    for path, value in inner.items():
        name, key = path.split(".")
        above = found.get(name)
        found[name] = {**(above if isinstance(above, dict) else {}), key: value}
    return found


def updated(
    kind: ResourceType,
    inputs: dict[str, Any],
    logical: str,
    old: dict[str, Any],
    before: dict[str, Any],
    settings: Settings,
) -> dict[str, Any]:
    """Give a changed resource's properties: what AWS made stays, what the author took away goes back to its default."""
    words = _Words(kind, inputs, logical, logical, settings)
    kept = {name: value for name, value in old.items() if name not in before and name in kind.outputs}
    properties = {**kept, **_written(inputs)}
    for name, output in kind.outputs.items():
        if name not in properties and (not output.optional or _documented_default(kind, name) is not None):
            properties[name] = _plausible(kind, name, words)
    inner = {path: _at(old, path) for path in TEMPLATES.get(kind.token, {}) if "." in path}
    return _with_inner(properties, {path: value for path, value in inner.items() if value is not None})


def _at(properties: Mapping[str, Any], path: str) -> Any:
    name, key = path.split(".")
    above = properties.get(name)
    return above.get(key) if isinstance(above, dict) else None


def previewed(kind: ResourceType, inputs: dict[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give what can be told before anything is made: inputs, and computed properties as unknown or as they were."""
    computed = {name: UNKNOWN if old is None else old[name] for name in kind.outputs if old is None or name in old}
    known = {name: value for name, value in computed.items() if name == "region" or not _is_absent(kind, name)}
    inner = {path: UNKNOWN if old is None else _at(old, path) for path in TEMPLATES.get(kind.token, {}) if "." in path}
    return _with_inner({**known, **_written(inputs)}, inner)


def all_tags(kind: ResourceType, inputs: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Add `tagsAll`, the resource's own tags over the provider's default ones, as the real provider does in `check`."""
    if not kind.taggable:
        return inputs
    own = inputs.get("tags", {})
    if own is UNKNOWN:
        return {**inputs, "tagsAll": UNKNOWN}
    return {**inputs, "tagsAll": {**settings.default_tags, **own}}


def _written(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


def _is_absent(kind: ResourceType, name: str) -> bool:
    # An optional property that nobody wrote is simply not there; only one that AWS makes is unknown.
    return kind.outputs[name].optional and name not in TEMPLATES.get(kind.token, {})


class _Words(string.Formatter):
    """Fills a template's words."""

    def __init__(self, kind: ResourceType, inputs: dict[str, Any], logical: str, seed: str, settings: Settings) -> None:
        self.kind, self.inputs, self.settings = kind, inputs, settings
        self.logical = logical
        self.digest = hashlib.sha256(seed.encode()).hexdigest()

    def fill(self, template: str) -> str:
        """Give the text."""
        return self.vformat(template, (), {})

    def get_value(self, key: int | str, *_: Any) -> str:
        """Give one word's text."""
        key = str(key)
        if special := _SPECIAL.get(key):
            return special(self)
        if found := re.fullmatch(r"(hex|HEX)(\d+)", key):
            digits = self.digest[: int(found.group(2))]
            return digits.upper() if found.group(1) == "HEX" else digits
        if key.endswith("Tail"):
            return re.split(r"[:/]", self.text(_TAILS.get(key, key.removesuffix("Tail"))))[-1]
        return self.text(key)

    @property
    def name(self) -> str:
        """The resource's own name in AWS."""
        own = name_property(self.kind) or "name"
        if own in self.inputs:
            return self.text(own)
        if prefix := self.text(f"{own}Prefix"):
            return prefix + self.digest[:26]
        return f"{self.logical}-{self.digest[:7]}"

    def text(self, name: str) -> str:
        """Give an input as text, empty if it is not there."""
        value = self.inputs.get(name, "")
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_TAILS: Final = {"functionTail": "functionName", "clusterTail": "cluster", "targetKeyTail": "targetKeyId"}
_SPECIAL: Final[dict[str, Callable[[_Words], str]]] = {
    "account": lambda _: ACCOUNT,
    "region": lambda words: words.text("region") or words.settings.region,
    "partition": lambda words: words.settings.partition,
    "name": lambda words: words.name,
    "bucket": lambda words: words.name,
    "nameLower": lambda words: words.name.lower(),
    "nameTail": lambda words: words.name.lstrip("/"),
    "uuid": lambda words: "-".join(words.digest[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))),
    "pathOrRoot": lambda words: words.text("path") or "/",
    "groupNameOrDefault": lambda words: words.text("groupName") or "default",
    "statementIdOrMade": lambda words: words.text("statementId") or f"terraform-{words.digest[:26]}",
    "urlTail": lambda words: words.text("url").removeprefix("https://"),
    "loadBalancerArnAsListener": lambda words: words.text("loadBalancerArn").replace(":loadbalancer/", ":listener/", 1),
}


def _general_id(kind: ResourceType, words: _Words) -> str:
    if name_property(kind):
        return words.name
    for parent in PARENTS:
        if parent in kind.inputs and kind.inputs[parent].required and words.text(parent):
            return words.text(parent)
    return f"{words.logical}-{words.digest[:8]}"


def _plausible(kind: ResourceType, name: str, words: _Words) -> Any:
    shape = kind.outputs[name].shape
    if name == "region":
        return words.fill("{region}")
    if name == name_property(kind):
        return words.name
    if name == f"{name_property(kind)}Prefix":
        return ""
    if name == "arn":
        return words.fill(_general_arn(kind))
    if name in ("accountId", "ownerId", "registryId"):
        return ACCOUNT
    if name in ("createdAt", "creationDate", "creationTime", "createdDate", "lastModified", "updatedAt"):
        return "2026-01-01T00:00:00Z"  # a fixed day: the same program gives the same state on every machine
    default = _documented_default(kind, name)
    return default if default is not None else _empty(shape, name, words)


def _documented_default(kind: ResourceType, name: str) -> str | float | bool | None:
    """Give the value that the documentation says an input has when it is left out, if it is a plain one."""
    text = kind.inputs[name].default if name in kind.inputs else None
    if text is None:
        return None
    match kind.inputs[name].shape:
        case "i" | "n":
            return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
        case "b":
            return {"true": True, "false": False}.get(text.lower())
        case "s":
            return text
        case _:
            return None


def _general_arn(kind: ResourceType) -> str:
    service = ARN_SERVICES.get(kind.service, kind.service.rstrip("_").lower())
    place = "{region}" if service not in ("iam", "s3") else ""
    words = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", kind.token.rpartition(":")[2]).lower()
    return f"arn:{{partition}}:{service}:{place}:{{account}}:{words}/{{name}}"


def _typed(shape: Any, text: str) -> Any:
    try:
        if shape in ("i", "n"):
            return float(text)
    except ValueError:
        return 0
    if shape == "b":
        return text.strip().lower() == "true"
    return text if shape in ("s", "*") or isinstance(shape, str) else _empty(shape, "", None)


def _empty(shape: Any, name: str, words: _Words | None) -> Any:
    match shape:
        case "s":
            if words and name.endswith("Arn"):
                return words.fill(_general_arn(words.kind))
            return words.digest[:16] if words and name.endswith("Id") else ""
        case "i" | "n":
            return 0
        case "b":
            return False
        case ["[", _]:
            return []
        case ["|", first, *_]:
            return _empty(first, name, words)
        case _:
            return {}
