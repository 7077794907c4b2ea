"""A root module in Terraform's JSON syntax, as mlstage writes it, as the graph it was written from.

Nothing is run: what only Terraform can evaluate is unknown. Plans are read by `terraform_plan`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mlstage.graph import UNKNOWN, ConfigSecret, Graph, JsonDocument, Options, Ref, Resource, Value, by_terraform
from mlstage.readers.errors import ReadError
from mlstage.readers.terraform_groups import environment_of, grouped, with_workloads
from mlstage.readers.terraform_names import (
    KEEPER,
    attribute,
    graph_properties,
    known_properties,
    logical_name,
    properties_by_name,
    with_documents,
)
from mlstage.readers.terraform_templates import Opaque, value_of

MAIN: Final = "main.tf.json"
TRAVERSAL: Final = re.compile(
    r'(?P<data>data\.)?(?P<type>[a-z][a-z0-9_]*)\.(?P<name>[\w-]+)(?:\.(?P<path>[\w.\[\]"-]+))?'
)
DOCUMENT: Final = re.compile(r"jsonencode\(local\.([\w-]+)\)")
# What Terraform, rather than the provider, takes from a resource's block.
_META: Final = frozenset(
    {"//", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "connection"}
)
NAMESPACE: Final = "__"

Address = tuple[bool, str, str]


def read_module(text: str) -> Graph:
    """Read the text of a `main.tf.json`. Raises `ReadError`."""
    return _module(text).graph()


def read_module_file(path: Path) -> Graph:
    """Read a root module from its file, or from the folder it is in. Raises `ReadError` that names it."""
    return module_of(path).graph()


def module_of(path: Path) -> Module:
    """Take a root module from its file, or from the folder it is in. Raises `ReadError` that names it."""
    file = path / MAIN if path.is_dir() else path
    try:
        return _module(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{file.as_posix()} cannot be read ({error})") from error
    except ReadError as error:
        raise ReadError(f"{file.as_posix()}: {error}") from error


def _module(text: str) -> Module:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ReadError(f"this is no Terraform in JSON ({error}); mlstage writes one as `{MAIN}`") from error
    if not isinstance(document, Mapping) or not ({"resource", "data", "terraform"} & document.keys()):
        raise ReadError("this is no Terraform root module: it has neither `resource` nor `data`")
    return Module(document)


class Module:
    """A root module's document, its names resolved."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._locals: Mapping[str, Any] = document.get("locals", {})
        self._versions = {address: self._version(address) for address in self._addresses()}

    def graph(self) -> Graph:
        """Give the graph of the module."""
        provider = self._document.get("provider", {}).get("aws", {})
        common = provider.get("default_tags", {}).get("tags", {})
        tags = self.value(common)
        assert isinstance(tags, Mapping)
        resources = tuple(self._resource(address, tags) for address in self._addresses())
        environment, stack = environment_of(resources)
        resources = with_workloads(resources, environment)
        return Graph(
            resources,
            environment=environment,
            stack=stack,
            region=str(provider.get("region", "")),
            groups=grouped(resources),
            exports={key: self.value(one["value"]) for key, one in self._document.get("output", {}).items()},
        )

    def value(self, data: Any) -> Value:
        """Read any JSON of the module; what cannot be told is unknown."""
        try:
            return value_of(data, self._resolve)
        except Opaque:
            return UNKNOWN

    def document(self, name: str) -> JsonDocument | None:
        """Read a document among the locals, if there is one of that name and it can be told."""
        if name not in self._locals:
            return None
        try:
            return JsonDocument(value_of(self._locals[name], self._resolve))
        except Opaque:
            return None

    def _addresses(self) -> Iterator[Address]:
        for block, data in (("resource", False), ("data", True)):
            for type_name, named in self._document.get(block, {}).items():
                yield from ((data, type_name, name) for name in named if type_name != KEEPER)

    def _body(self, address: Address) -> Mapping[str, Any]:
        data, type_name, name = address
        body: Mapping[str, Any] = self._document["data" if data else "resource"][type_name][name]
        return body

    def _version(self, address: Address) -> tuple[str, str]:
        info = by_terraform(address[1], data=address[0])
        known = properties_by_name(info)
        physical = known[info.physical_name].terraform if info and info.physical_name in known else ""
        return logical_name(address[2], info, self._body(address).get(physical))

    def _resolve(self, expression: str) -> Value:
        if match := DOCUMENT.fullmatch(expression):
            found = self.document(match[1])
            if found is not None:
                return found
        if (name := expression.removeprefix("var.")) in self._document.get("variable", {}):
            return ConfigSecret(name.replace(NAMESPACE, ":"))
        if match := TRAVERSAL.fullmatch(expression):
            address = (bool(match["data"]), match["type"], match["name"])
            if address in self._versions:
                info = by_terraform(match["type"], data=address[0])
                return Ref(self._versions[address][0], attribute(info, match["path"] or ""))
        raise Opaque(expression)

    def _resource(self, address: Address, common: Mapping[str, Value]) -> Resource:
        info, body = by_terraform(address[1], data=address[0]), self._body(address)
        tree = {key: self.value(value) for key, value in body.items() if key not in _META}
        props = with_documents(graph_properties(tree, known_properties(info)), info)
        if info is not None and info.taggable and common:
            own = props.get("tags", {})
            props["tags"] = dict(sorted({**common, **own}.items())) if isinstance(own, Mapping) else own
        waits = [one for text in body.get("depends_on", ()) for one in self._waited(text)]
        options = self._options(address, body)
        name, _ = self._versions[address]
        return Resource(name, info.name if info else address[1], props, tuple(waits), options)

    def _waited(self, text: str) -> Iterator[str]:
        match = TRAVERSAL.fullmatch(text)
        address = (bool(match["data"]), match["type"], match["name"]) if match else None
        if address in self._versions:
            yield self._versions[address][0]

    def _options(self, address: Address, body: Mapping[str, Any]) -> Options:
        lifecycle = body.get("lifecycle", {})
        info = by_terraform(address[1], data=address[0])
        here, version = f"{address[1]}.{address[2]}", self._versions[address][1]
        moves = {move["to"]: move["from"] for move in self._document.get("moved", ())}
        aliases: list[str] = []
        while here in moves:
            here = moves.pop(here)
            aliases.append(here.partition(".")[2].removesuffix(f"-{version}" if version else ""))
        return Options(
            protect=bool(lifecycle.get("prevent_destroy", False)),
            ignore_changes=tuple(attribute(info, path) for path in lifecycle.get("ignore_changes", ())),
            aliases=tuple(aliases),
            comment=body.get("//", ""),
            version=version,
        )
