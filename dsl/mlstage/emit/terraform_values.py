"""Values of the graph as Terraform JSON: text stays text, references are Terraform's own, documents are locals."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from mlstage.graph import VOCABULARY, ConfigSecret, Graph, GraphError, Join, JsonDocument, Ref, Resource, Unknown, Value
from mlstage.graph.properties import Property, UnknownProperty, terraform_path

# In a variable's name, what parts the namespace of a key of Pulumi's configuration from the rest.
NAMESPACE: Final = "__"

_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OPENING: Final = re.compile(r"([$%])\{")
_MARK: Final = "\ufeff"
_DOLLARS: Final = re.compile(r"\$+$")


@dataclass(slots=True)
class Module:
    """What a root module collects while its resources are written: locals for documents, variables for secrets."""

    graph: Graph
    documents: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """Give the address of a resource or look-up of the graph."""
        found = self._addresses.get(name)
        if found is None:
            found = self._addresses[name] = self._address(self.graph.by_name[name])
        return found

    def _address(self, resource: Resource) -> str:
        info = VOCABULARY[resource.type]
        if not info.terraform:
            what = f"{resource.name!r} ({resource.type})"
            raise GraphError(f"{what} is not in the module, and something in it refers to it")
        return f"{'data.' if info.data else ''}{info.terraform}.{engine_name(resource)}"

    def secret(self, key: str) -> str:
        """Give the variable of a secret of the stack's configuration."""
        if key not in self.secrets:
            name = re.sub(r"[^A-Za-z0-9_-]", "_", key.replace(":", NAMESPACE))
            self.secrets[key] = _unused(name, self.secrets.values())
        return self.secrets[key]

    def document(self, resource: Resource, path: str, content: Value) -> str:
        """Keep a document among the locals and give the expression that writes it as JSON."""
        name = _unused(f"{identifier(resource.name)}_{re.sub(r'[^A-Za-z0-9_]+', '_', path)}", self.documents)
        self.documents[name] = None  # nested documents must not take the name
        self.documents[name] = written(content, self, resource, path)
        return f"${{jsonencode(local.{name})}}"


def identifier(name: str) -> str:
    """Give a logical name as Terraform's; the two are the same, or a plan could not be read back."""
    if not _IDENTIFIER.fullmatch(name):
        raise GraphError(f"{name!r} is no name that Terraform takes: letters, digits, - and _, a letter first")
    return name


def engine_name(resource: Resource) -> str:
    """Give the name by which Terraform knows a resource: each version of one is another to it, as in Pulumi.

    Going back to the former version, after an update that failed half-way, then finds it as it was.
    """
    version = resource.options.version
    return identifier(f"{resource.name}-{version}" if version else resource.name)


def text(value: str) -> str:
    """Write text so that Terraform reads the same text: `${` and `%{` would begin a template.

    A byte order mark it would take for the beginning of a file, and leave out.
    """
    if value.startswith(_MARK):
        return f'${{"\\ufeff"}}{text(value[1:])}'
    return _OPENING.sub(r"\1\1{", value) if "{" in value else value


def properties(resource: Resource, known: Mapping[str, Property], module: Module) -> dict[str, Any]:
    """Write a resource's properties under Terraform's names; a property that no provider has raises `GraphError`."""
    return dict(_members(resource.props, known, module, resource, ""))


def _members(
    values: Mapping[str, Value], known: Mapping[str, Property], module: Module, resource: Resource, above: str
) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        one = known.get(name)
        if one is None or not one.settable:
            what = "only AWS sets" if one else "the providers do not both know"
            raise GraphError(f"{resource.name!r} ({resource.type}) has the property {above}{name!r}, which {what}")
        if value is not None:
            yield one.terraform, _property(value, one, module, resource, above + name)


def _property(value: Value, one: Property, module: Module, resource: Resource, path: str) -> Any:
    match value:
        case Mapping() if one.inside:
            held = dict(_members(value, one.inside, module, resource, f"{path}."))
            return [held] if one.kind == "single" else held
        case tuple():
            return [_property(item, one, module, resource, f"{path}[{index}]") for index, item in enumerate(value)]
        case Mapping():
            return {text(key): written(v, module, resource, path) for key, v in value.items() if v is not None}
        case _:
            expression = written(value, module, resource, path)
            return [expression] if one.kind == "single" else expression


def written(value: Value, module: Module, resource: Resource, path: str) -> Any:
    """Write a value that is no block."""
    match value:
        case str():
            return text(value)
        case None | bool() | int():
            return value
        case float():
            if not math.isfinite(value):
                raise GraphError(f"{resource.name!r}: {path} is {value}, which no document can hold")
            return int(value) if value.is_integer() else value
        case Ref() | ConfigSecret():
            return f"${{{expression(value, module)}}}"
        case Join(parts):
            return "".join(_joined(parts, module))
        case JsonDocument(content):
            return module.document(resource, path, content)
        case Unknown():
            raise GraphError(f"{resource.name!r}: {path} is not known yet and cannot be written into a module")
        case tuple():
            return [written(item, module, resource, path) for item in value]
        case Mapping():
            return {text(key): written(item, module, resource, path) for key, item in value.items()}
        case _:
            assert_never(value)


def expression(value: Ref | ConfigSecret, module: Module) -> str:
    """Write a reference as Terraform does, outside of a template."""
    if isinstance(value, ConfigSecret):
        return f"var.{module.secret(value.key)}"
    type_name = module.graph.by_name[value.resource].type
    try:
        path = terraform_path(type_name, value.attribute)
    except UnknownProperty as error:
        raise GraphError(f"reference to {value.resource!r}: {error}") from error
    return f"{module.address(value.resource)}.{path}"


def _joined(parts: tuple[str | Ref, ...], module: Module) -> Iterator[str]:
    for position, part in enumerate(parts, 1):
        if isinstance(part, Ref):
            yield f"${{{expression(part, module)}}}"
        elif position < len(parts):
            # A dollar sign right before a reference would turn `${` into text.
            yield _DOLLARS.sub(lambda match: f'${{"{match[0]}"}}', text(part))
        else:
            yield text(part)


def _unused(wish: str, taken: Container[str]) -> str:
    name, number = wish if _IDENTIFIER.fullmatch(wish) else f"_{wish}", 2
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    return name
