"""The documents of a root module that mlstage wrote: a plan tells them as text, without the references inside.

Nothing is run: a document that only Terraform can evaluate is not told. Plans are read by `terraform_plan`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mlstage.graph import ConfigSecret, JsonDocument, Ref, Value, by_terraform
from mlstage.readers.errors import ReadError
from mlstage.readers.terraform_names import KEEPER, attribute, logical_name, properties_by_name
from mlstage.readers.terraform_templates import Opaque, value_of

MAIN: Final = "main.tf.json"
TRAVERSAL: Final = re.compile(
    r'(?P<data>data\.)?(?P<type>[a-z][a-z0-9_]*)\.(?P<name>[\w-]+)(?:\.(?P<path>[\w.\[\]"-]+))?'
)
DOCUMENT: Final = re.compile(r"jsonencode\(local\.([\w-]+)\)")
NAMESPACE: Final = "__"

Address = tuple[bool, str, str]


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
        self._names = {address: self._name(address) for address in self._addresses()}

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

    def _name(self, address: Address) -> str:
        info = by_terraform(address[1], data=address[0])
        known = properties_by_name(info)
        physical = known[info.physical_name].terraform if info and info.physical_name in known else ""
        name, _ = logical_name(address[2], info, self._body(address).get(physical))
        return name

    def _resolve(self, expression: str) -> Value:
        if match := DOCUMENT.fullmatch(expression):
            found = self.document(match[1])
            if found is not None:
                return found
        if (name := expression.removeprefix("var.")) in self._document.get("variable", {}):
            return ConfigSecret(name.replace(NAMESPACE, ":"))
        if match := TRAVERSAL.fullmatch(expression):
            address = (bool(match["data"]), match["type"], match["name"])
            if address in self._names:
                info = by_terraform(match["type"], data=address[0])
                return Ref(self._names[address], attribute(info, match["path"] or ""))
        raise Opaque(expression)
