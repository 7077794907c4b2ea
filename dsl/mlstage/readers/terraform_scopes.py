"""Modules and instances of a Terraform plan: which resource an address in some module means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from mlstage.graph import TypeInfo, by_terraform
from mlstage.readers.terraform_kubernetes import object_of
from mlstage.readers.terraform_names import KEEPER, logical_name, properties_by_name

_STEP: Final = re.compile(r'\.?([^.\[\]"]+)|\[("(?:[^"\\]|\\.)*"|\d+)\]')
_MODULE_STEP: Final = re.compile(r'module\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.')
# No name of Terraform's comes near; what is longer is not looked into.
_LONGEST: Final = 4096
# What is no resource: values that only Terraform knows.
_NO_RESOURCE: Final = frozenset({"count", "each", "path", "self", "terraform"})


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
        return by_terraform(self.type, data=self.data) or (None if self.data else object_of(self.type, self.values))

    @property
    def short(self) -> str:
        """The address without the type, and without the version of what AWS never changes."""
        info = self.info
        physical = properties_by_name(info).get(info.physical_name) if info else None
        name, _ = logical_name(self.name, info, self.values.get(physical.terraform) if physical else None)
        return f"{self.prefix}{name}{self.index}"


@dataclass(frozen=True)
class Scope:
    """One module of the configuration, as it is called at one place; `prefix` begins the addresses of what is in it."""

    prefix: str
    module: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    outer: Scope | None = None

    @cached_property
    def _resources(self) -> Mapping[tuple[bool, str, str], Mapping[str, Any]]:
        return {(one["mode"] == "data", one["type"], one["name"]): one for one in self.module.get("resources", ())}

    def configuration(self, instance: Instance) -> Mapping[str, Any]:
        """Give the configuration of a resource of this module."""
        return self._resources.get((instance.data, instance.type, instance.name), {})


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
        self._variables: Mapping[str, Any] = document.get("variables") or {}
        changes = {one["address"]: one.get("change", {}) for one in document.get("resource_changes", ())}
        planned = document.get("planned_values") or document.get("values") or {}
        known = (document.get("prior_state") or {}).get("values") or {}
        found = {one.address: one for one in _instances(known.get("root_module", {}), "", changes) if one.data}
        found |= {one.address: one for one in _instances(planned.get("root_module", {}), "", changes)}
        self.instances = tuple(one for one in found.values() if one.type != KEEPER)
        self._places: dict[tuple[str, bool, str, str], list[Instance]] = {}
        for one in self.instances:
            self._places.setdefault((one.prefix, one.data, one.type, one.name), []).append(one)
        self._scopes: dict[str, Scope] = {}
        self._followed: dict[tuple[str, str, str], list[Target]] = {}
        self._modules = _called(self.instances)
        short = {one.address: one.short for one in self.instances}
        shared = Counter(short.values())
        self.names = {address: name if shared[name] == 1 else address for address, name in short.items()}

    def scope(self, prefix: str) -> Scope:
        """Give the scope of the module whose addresses begin like this: `module.net[0].`."""
        if (known := self._scopes.get(prefix)) is not None:
            return known
        scope, here = Scope("", self._configuration), ""
        for name, index in _MODULE_STEP.findall(prefix):
            here += f"module.{name}{index}."
            call = scope.module.get("module_calls", {}).get(name, {})
            scope = Scope(here, call.get("module", {}), call.get("expressions", {}), scope)
        self._scopes[prefix] = scope
        return scope

    def variable(self, name: str) -> Any:
        """Give the value of a variable of the root module; None if the plan does not have it."""
        return self._variables.get(name, {}).get("value")

    def targets(self, references: Iterable[str], scope: Scope, index: str = "") -> list[Target]:
        """Follow references, of which Terraform lists every beginning as well, to what they lead to."""
        listed = list(references)
        beginnings = {begun for one in listed for begun in _beginnings(one)}
        found = [t for one in listed if one not in beginnings for t in self._follow(one, scope, index)]
        return list({(t.instance.address if t.instance else "", t.path, t.variable): t for t in found}.values())

    def _follow(self, reference: str, scope: Scope, index: str) -> list[Target]:
        key = (reference, scope.prefix, index)
        if key not in self._followed:
            # Until it is known, it leads nowhere: modules that refer to each other in a circle end here.
            self._followed[key] = []
            self._followed[key] = [*self._lead(_steps(reference), scope, index)]
        return self._followed[key]

    def _lead(self, steps: list[str], scope: Scope, index: str) -> Iterator[Target]:
        match steps:
            case ["var", name, *_]:
                yield from self._variable(name, scope)
            case ["module", name, *rest]:
                yield from self._output(name, rest, scope)
            case ["data", type_name, name, *rest]:
                yield from self._resource((scope.prefix, True, type_name, name), rest, index)
            case [type_name, name, *rest] if type_name not in _NO_RESOURCE and type_name != "local":
                yield from self._resource((scope.prefix, False, type_name, name), rest, index)
            case _:
                return

    def _variable(self, name: str, scope: Scope) -> Iterator[Target]:
        if scope.outer is None:
            if scope.module.get("variables", {}).get(name, {}).get("sensitive"):
                yield Target(None, variable=name)
            return
        yield from self.targets(_references(scope.arguments.get(name)), scope.outer)

    def _output(self, name: str, rest: list[str], scope: Scope) -> Iterator[Target]:
        key = rest.pop(0) if rest and rest[0].startswith("[") else ""
        outputs = scope.module.get("module_calls", {}).get(name, {}).get("module", {}).get("outputs", {})
        wanted = [rest[0]] if rest else [*outputs]
        # Without a key, all instances of the module are meant.
        for prefix in self._modules.get(f"{scope.prefix}module.{name}{key}", ()):
            for one in wanted:
                yield from self.targets(_references(outputs.get(one, {}).get("expression")), self.scope(prefix))

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
        for key in ("address", "type", "name"):
            if not isinstance(one[key], str):
                raise TypeError(f"the {key} of a resource is {one[key]!r}")
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


def _beginnings(reference: str) -> Iterator[str]:
    """Give every shorter reference that this one begins with."""
    if len(reference) > _LONGEST:
        return
    for position, letter in enumerate(reference):
        if letter in ".[" and position:
            yield reference[:position]


def _called(instances: Iterable[Instance]) -> Mapping[str, list[str]]:
    """Index the prefixes of modules' instances by the module, with and without its own key."""
    found: dict[str, set[str]] = {}
    for prefix in {one.prefix for one in instances}:
        here = ""
        for match in _MODULE_STEP.finditer(prefix):
            unkeyed, here = f"{here}module.{match[1]}", f"{here}{match[0]}"
            for called in (unkeyed, here.removesuffix(".")):
                found.setdefault(called, set()).add(here)
    return {called: sorted(prefixes) for called, prefixes in found.items()}


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
