"""What a root module of Terraform's says: its templates evaluated, with marks in the place of references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.graph import TypeInfo, by_terraform
from mlstage.graph.properties import Property, by_terraform_name, terraform_properties
from mlstage.readers.terraform_names import attribute
from tests.emit import mocks
from tests.parity.plain import Described, Description, mark, opened, ordered, secret_mark
from tests.parity.pulumi_side import look_up

KEEPER: Final = "terraform_data"
_META: Final = {"//", "depends_on", "lifecycle"}
_TEMPLATE: Final = re.compile(r'\$\$\{|%%\{|\$\{("(?P<quoted>[$%]+|\\ufeff)"|(?P<expression>[^"{}]+))\}')
_DOCUMENT: Final = re.compile(r"\$\{jsonencode\(local\.([\w-]+)\)\}")
_ADDRESS: Final = re.compile(r"(data\.)?([a-z]\w*)\.([\w-]+)(?:\.(.+))?")


def described(document: Mapping[str, Any]) -> Description:
    """Give what a root module asks for."""
    return _Module(document).description()


class _Module:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._tags = self._evaluated(
            document.get("provider", {}).get("aws", {}).get("default_tags", {}).get("tags", {})
        )
        self._kept = {
            name: self._evaluated(body["input"]) for name, body in self._blocks("resource").get(KEEPER, {}).items()
        }

    def description(self) -> Description:
        resources = {
            name: self._resource(kind, name, body)
            for kind, named in self._blocks("resource").items()
            if kind != KEEPER
            for name, body in named.items()
        }
        lookups = {self._look_up(kind, name) for kind, named in self._blocks("data").items() for name in named}
        outputs = self._document.get("output", {})
        return Description(
            resources, frozenset(lookups), {key: self._evaluated(one["value"]) for key, one in outputs.items()}
        )

    def _blocks(self, block: str) -> Mapping[str, Mapping[str, Any]]:
        blocks: Mapping[str, Mapping[str, Any]] = self._document.get(block, {})
        return blocks

    def _resource(self, kind: str, name: str, body: Mapping[str, Any]) -> Described:
        info = _info(kind)
        written = {key: value for key, value in body.items() if key not in _META}
        props = dict(self._members(written, terraform_properties(info.name)))
        if info.taggable and (self._tags or "tags" in props):
            props["tags"] = {**self._tags, **props.get("tags", {})}
        lifecycle = body.get("lifecycle", {})
        options = {
            "protect": lifecycle.get("prevent_destroy", False),
            "the new one first": lifecycle.get("create_before_destroy", False),
            "ignore_changes": sorted(attribute(info, path) for path in lifecycle.get("ignore_changes", [])),
            "earlier names": sorted(self._earlier(f"{kind}.{name}")),
            "replaced with": self._kept.get(f"{name}-trigger", "") if self._trigger(lifecycle, name) else "",
            "locked by": self._locks(lifecycle, props, info),
        }
        return Described(info.name, name, props, frozenset(self._waits(body)), options)

    def _earlier(self, address: str) -> Iterator[str]:
        moves = {move["to"]: move["from"] for move in self._document.get("moved", [])}
        while address in moves:
            address = moves.pop(address)
            yield address.partition(".")[2]

    @staticmethod
    def _trigger(lifecycle: Mapping[str, Any], name: str) -> bool:
        return f"{KEEPER}.{name}-trigger" in lifecycle.get("replace_triggered_by", [])

    def _locks(self, lifecycle: Mapping[str, Any], props: Mapping[str, Any], info: TypeInfo) -> dict[str, Any]:
        """Give what replaces a resource; not where it has a replaced one's name, as then Pulumi replaces it anyway."""
        names = [one.partition(".")[2] for one in lifecycle.get("replace_triggered_by", [])]
        text = json.dumps([props.get(name) for name in sorted(info.replaces)], ensure_ascii=False)
        followed = set(re.findall(r"⟪([^. ]+)\.", text))
        return {
            name: self._kept[name]
            for name in names
            if name.endswith("-locked") and not followed & self._replaced_with(f"{KEEPER}.{name}")
        }

    def _replaced_with(self, keeper: str) -> set[str]:
        return {
            name
            for named in self._blocks("resource").values()
            for name, body in named.items()
            if keeper in body.get("lifecycle", {}).get("replace_triggered_by", [])
        }

    def _waits(self, body: Mapping[str, Any]) -> Iterator[str]:
        texts = json.dumps({key: value for key, value in body.items() if key != "lifecycle"})
        for name in _DOCUMENT.findall(texts):
            yield from self._waits({"local": self._document["locals"][name]})
        for data, kind, name in self._addresses(body):
            if data:  # Pulumi's look-ups are values, which wait for what they are made of
                yield from self._waits(self._blocks("data")[kind][name])
            else:
                yield name

    def _addresses(self, value: Any) -> Iterator[tuple[bool, str, str]]:
        match value:
            case str():
                for found in _TEMPLATE.finditer(value):
                    if (text := found["expression"]) and (match := _ADDRESS.fullmatch(text)) and match[2] != "var":
                        yield bool(match[1]), match[2], match[3]
            case dict():
                for key, item in value.items():
                    if key == "depends_on":
                        yield from self._addresses([f"${{{one}}}" for one in item])
                    elif key not in ("//", "lifecycle"):
                        yield from self._addresses(item)
            case list():
                for item in value:
                    yield from self._addresses(item)

    def _members(self, body: Mapping[str, Any], known: Mapping[str, Property]) -> Iterator[tuple[str, Any]]:
        for key, value in body.items():
            if key not in known:
                yield f"{key}, which the table of properties does not have", value
                continue
            one = known[key]
            yield one.name, ordered(self._property(value, one), one)

    def _property(self, value: Any, one: Property) -> Any:
        if one.kind in ("block", "single", "object") and isinstance(value, list) and len(value) == 1:
            value = value[0]
        if one.kind in ("blocks", "objects") and isinstance(value, dict):
            value = [value]
        return [self._item(item, one) for item in value] if isinstance(value, list) else self._item(value, one)

    def _item(self, value: Any, one: Property) -> Any:
        if one.inside and isinstance(value, dict):
            return dict(self._members(value, by_terraform_name(one.inside)))
        return self._evaluated(value)

    def _evaluated(self, value: Any) -> Any:
        match value:
            case str():
                if found := _DOCUMENT.fullmatch(value):
                    return {"document": self._evaluated(self._document["locals"][found[1]])}
                return opened(_TEMPLATE.sub(self._substitute, value))
            case dict():
                return {_TEMPLATE.sub(self._substitute, key): self._evaluated(item) for key, item in value.items()}
            case list():
                return [self._evaluated(item) for item in value]
            case _:
                return value

    def _substitute(self, found: re.Match[str]) -> str:
        if found["quoted"]:
            return str(json.loads(f'"{found["quoted"]}"'))
        if not (expression := found["expression"]):
            return found[0][1:]
        if (name := expression.removeprefix("var.")) != expression:
            key = name.replace("__", ":")
            return secret_mark(key) if self._document["variable"][name].get("sensitive") else f"in plain sight: {key}"
        match = _ADDRESS.fullmatch(expression)
        assert match and match[4], f"{expression} is more than a reference"
        data, kind, name, path = match.groups()
        there = self._blocks("data" if data else "resource")
        assert name in there.get(kind, {}), f"{expression} leads nowhere"
        return mark(self._look_up(kind, name) if data else name, attribute(_info(kind, data=bool(data)), path))

    def _look_up(self, kind: str, name: str) -> str:
        info = _info(kind, data=True)
        body = {key: value for key, value in self._blocks("data")[kind][name].items() if key not in _META}
        props = dict(self._members(body, terraform_properties(info.name)))
        return look_up(info, {mocks.camel(key): value for key, value in props.items()})


def _info(kind: str, *, data: bool = False) -> TypeInfo:
    info = by_terraform(kind, data=data)
    assert info is not None, kind
    return info


def type_of(kind: str) -> str:
    """Give the graph's name of a type of Terraform's."""
    return _info(kind).name
