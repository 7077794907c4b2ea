"""Modules and instances of a Terraform plan: which resource an address in some module means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mlstage.graph import TypeInfo, by_terraform
from mlstage.readers.terraform_names import KEEPER, logical_name, properties_by_name

_STEP: Final = re.compile(r'\.?([^.\[\]"]+)|\[("(?:[^"\\]|\\.)*"|\d+)\]')
# What is no resource: values that only Terraform knows.
_NO_RESOURCE: Final = frozenset({"count", "each", "path", "self", "terraform"})
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Instance:
    """One resource or look-up of a plan: its values as planned, its configuration, and the module it stands in."""

    address: str
    prefix: str
    data: bool
    type: str
    name: str
    index: str
    values: Mapping[str, Any]
    unknown: Any
    sensitive: Any

    @property
    def info(self) -> TypeInfo | None:
        """What the vocabulary says of its type, if it knows it."""
        return by_terraform(self.type, data=self.data)

    @property
    def short(self) -> str:
        """The address without the type, and without the version of what AWS never changes."""
        info = self.info
        physical = properties_by_name(info).get(info.physical_name) if info else None
        name, _ = logical_name(self.name, info, self.values.get(physical.terraform) if physical else None)
        return f"{self.prefix}{name}{self.index}"


@dataclass(frozen=True, slots=True)
class Scope:
    """One module of the configuration, as it is called at one place; `prefix` begins the addresses of what is in it."""

    prefix: str
    module: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    outer: Scope | None = None

    def configuration(self, instance: Instance) -> Mapping[str, Any]:
        """Give the configuration of a resource of this module."""
        for one in self.module.get("resources", ()):
            if (one["mode"] == "data", one["type"], one["name"]) == (instance.data, instance.type, instance.name):
                found: Mapping[str, Any] = one
                return found
        return {}


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: an attribute of an instance by Terraform's path, or a sensitive variable."""

    instance: Instance | None
    path: str = ""
    variable: str = ""


class Plan:
    """The instances of a plan by their addresses, and the scopes of its modules."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._configuration: Mapping[str, Any] = document.get("configuration", {}).get("root_module", {})
        changes = {one["address"]: one.get("change", {}) for one in document.get("resource_changes", ())}
        planned = document.get("planned_values") or document.get("values") or {}
        known = (document.get("prior_state") or {}).get("values") or {}
        found = {one.address: one for one in _instances(known.get("root_module", {}), "", changes) if one.data}
        found |= {one.address: one for one in _instances(planned.get("root_module", {}), "", changes)}
        self.instances = tuple(one for one in found.values() if one.type != KEEPER)
        self._places: dict[tuple[str, bool, str, str], list[Instance]] = {}
        for one in self.instances:
            self._places.setdefault((one.prefix, one.data, one.type, one.name), []).append(one)
        short = {one.address: one.short for one in self.instances}
        shared = Counter(short.values())
        self.names = {address: name if shared[name] == 1 else address for address, name in short.items()}

    def scope(self, prefix: str) -> Scope:
        """Give the scope of the module whose addresses begin like this: `module.net[0].`."""
        scope, here = Scope("", self._configuration), ""
        for name, index in re.findall(r'module\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.', prefix):
            here += f"module.{name}{index}."
            call = scope.module.get("module_calls", {}).get(name, {})
            scope = Scope(here, call.get("module", {}), call.get("expressions", {}), scope)
        return scope

    def targets(
        self, references: Iterator[str] | list[str], scope: Scope, index: str = "", depth: int = 0
    ) -> list[Target]:
        """Follow references, of which Terraform lists every beginning as well, to what they lead to."""
        listed = list(references)
        wanted = [one for one in listed if not any(_begins(other, one) for other in listed)]
        found = [target for one in wanted for target in self._follow(one, scope, index, depth)]
        return list({(t.instance.address if t.instance else "", t.path, t.variable): t for t in found}.values())

    def _follow(self, reference: str, scope: Scope, index: str, depth: int) -> Iterator[Target]:
        steps = _steps(reference)
        match steps:
            case _ if depth > _DEEPEST:
                return
            case ["var", name, *_]:
                yield from self._variable(name, scope, depth)
            case ["module", name, *rest]:
                yield from self._output(name, rest, scope, depth)
            case ["data", type_name, name, *rest]:
                yield from self._resource((scope.prefix, True, type_name, name), rest, index)
            case [type_name, name, *rest] if type_name not in _NO_RESOURCE and type_name != "local":
                yield from self._resource((scope.prefix, False, type_name, name), rest, index)
            case _:
                return

    def _variable(self, name: str, scope: Scope, depth: int) -> Iterator[Target]:
        if scope.outer is None:
            if scope.module.get("variables", {}).get(name, {}).get("sensitive"):
                yield Target(None, variable=name)
            return
        references = [*_references(scope.arguments.get(name))]
        yield from self.targets(references, scope.outer, depth=depth + 1)

    def _output(self, name: str, rest: list[str], scope: Scope, depth: int) -> Iterator[Target]:
        key = rest.pop(0) if rest and rest[0].startswith("[") else ""
        call = scope.module.get("module_calls", {}).get(name, {})
        outputs = call.get("module", {}).get("outputs", {})
        wanted = [rest[0]] if rest else [*outputs]
        for prefix in self._prefixes(f"{scope.prefix}module.{name}{key}"):
            inner = Scope(prefix, call.get("module", {}), call.get("expressions", {}), scope)
            for one in wanted:
                references = [*_references(outputs.get(one, {}).get("expression"))]
                yield from self.targets(references, inner, depth=depth + 1)

    def _prefixes(self, called: str) -> Iterator[str]:
        """Give the prefixes of a module's instances; one that is called once has no key."""
        found = {one.prefix for one in self.instances if one.prefix.startswith((f"{called}.", f"{called}["))}
        depth = len(re.findall(r"module\.", called))
        yield from sorted({_outermost(prefix, depth) for prefix in found})

    def _resource(self, place: tuple[str, bool, str, str], rest: list[str], index: str) -> Iterator[Target]:
        instances = self._places.get(place, [])
        if rest and rest[0].startswith("["):
            key = rest.pop(0)
            instances = [one for one in instances if one.index == key]
        elif any(one.index == index for one in instances):
            # `aws_subnet.here[count.index]`: the reference has lost its index, which is most likely our own.
            instances = [one for one in instances if one.index == index]
        path = "".join(step if step.startswith("[") else f".{step}" for step in rest).removeprefix(".")
        for one in instances:
            yield Target(one, path)


def _instances(module: Mapping[str, Any], prefix: str, changes: Mapping[str, Any]) -> Iterator[Instance]:
    for one in module.get("resources", ()):
        change = changes.get(one["address"], {})
        key = one.get("index")
        yield Instance(
            address=one["address"],
            prefix=prefix,
            data=one["mode"] == "data",
            type=one["type"],
            name=one["name"],
            index=""
            if key is None
            else f"[{key}]"
            if isinstance(key, int)
            else one["address"][one["address"].rindex("[") :],
            values=one.get("values", {}),
            unknown=change.get("after_unknown", {}),
            sensitive=one.get("sensitive_values", {}),
        )
    for child in module.get("child_modules", ()):
        yield from _instances(child, f"{child['address']}.", changes)


def _steps(reference: str) -> list[str]:
    return [match[1] or f"[{match[2]}]" for match in _STEP.finditer(reference)]


def _begins(longer: str, shorter: str) -> bool:
    return longer != shorter and longer.startswith((f"{shorter}.", f"{shorter}["))


def _outermost(prefix: str, depth: int) -> str:
    parts = re.findall(r'module\.[^.\[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.', prefix)
    return "".join(parts[:depth])


def _references(expression: Any) -> Iterator[str]:
    """Yield every reference in an expression, however deep its blocks nest."""
    match expression:
        case {"references": list(found)}:
            yield from found
        case Mapping():
            for inner in expression.values():
                yield from _references(inner)
        case list():
            for inner in expression:
                yield from _references(inner)
        case _:
            return
