"""Read what an installed package of Pulumi's says of one module: types, their inputs and outputs, what replaces them.

Run as a program of its own (`python -m mlstage.offline.provider.reflect pulumi_aws SERVICE`), it prints JSON: importing
the classes costs seconds and a hundred megabytes, which `schema.py` spends once and keeps on disk.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import json
import re
import sys
import types
import typing
from typing import Any, Final

# Whoever changes what is written here must change this number, or old files are read.
FORMAT: Final = 3

# How the generated documentation says that a change replaces the resource (pulumi_aws 7.51.1, all resources searched).
_REPLACES: Final = re.compile(
    r"forc\w*\s+(?:terraform to create\s+)?(?:a\s+|the\s+)?(?:new\s+resource|replacement|(?:resource\s+)?recreation"
    r"|creation of a new)"
    r"|(?:chang|modif)\w*[^.]{0,60}(?:creates?|requires?\s+creating|triggers?|requires?)\s+(?:a\s+)?"
    r"(?:new\s+resource|(?:resource\s+)?replacement|resource\s+recreation)"
    r"|requires\s+(?:resource\s+)?replacement",
    re.IGNORECASE,
)
_DEFAULT: Final = re.compile(
    r"default(?:s| value)?\s+(?:is|to|value is)\s+(?:`\"?([^`\"]*)\"?`|(-?\d+(?:\.\d+)?)\b)", re.IGNORECASE
)

Shape = Any
"""`"s"` text, `"i"` whole number, `"n"` number, `"b"` true or false, `"f"` file or archive, `"*"` anything,
`["[", shape]` a list, `["{", shape]` a mapping, `["@", name]` an object of `types`, `["|", shape, …]` one of them."""


def reflect(package: str, service: str, classes: dict[str, str]) -> dict[str, Any]:
    """Describe the resources of one module; `classes` maps tokens to class names in `pulumi_aws.<service>`."""
    module = importlib.import_module(f"{package}.{service}" if service else package)
    reader = Reader(package)
    resources = {}
    for token, name in sorted(classes.items()):
        resource = getattr(module, name)
        arguments = arguments_of(resource)
        resources[token] = {
            "inputs": reader.fields(arguments) if arguments else {},
            "outputs": reader.outputs(resource),
        }
    return {"format": FORMAT, "resources": resources, "types": reader.types}


class Reader:
    """Describes classes of one package; `types` fills up with what their properties hold."""

    def __init__(self, package: str) -> None:
        self._package = package
        self.types: dict[str, Any] = {}
        self.names: dict[type, str] = {}

    def fields(self, cls: type) -> dict[str, Any]:
        """Describe an arguments class: name -> [shape, required, replaces, default]."""
        initializer = vars(cls)["__init__"]
        parameters = inspect.signature(initializer).parameters
        documents = _documents(initializer.__doc__)
        found = {}
        for python_name, member in vars(cls).items():
            if not isinstance(member, property) or member.fget is None:
                continue
            name = getattr(member.fget, "_pulumi_name", python_name)
            text = (member.fget.__doc__ or documents.get(python_name, "")).split("\n\n")[0]
            hint = member.fget.__annotations__.get("return", Any)
            parameter = parameters.get(python_name)
            required = parameter is not None and parameter.default is inspect.Parameter.empty
            default = _DEFAULT.search(text)
            found[name] = [
                self.shape(hint, member.fget.__globals__),
                required,
                bool(_REPLACES.search(text)),
                default[1] or default[2] if default else None,
            ]
        return found

    def outputs(self, cls: type) -> dict[str, Any]:
        """Describe what a resource has once it exists: name -> [shape, optional]."""
        found = {}
        for python_name, member in vars(cls).items():
            if not isinstance(member, property) or member.fget is None:
                continue
            name = getattr(member.fget, "_pulumi_name", python_name)
            hint = member.fget.__annotations__.get("return")
            inner = typing.get_args(hint)
            hint = inner[0] if inner else Any
            optional = type(None) in typing.get_args(hint)
            found[name] = [self.shape(hint, member.fget.__globals__, nested=False), optional]
        return found

    def shape(self, hint: Any, names: dict[str, Any], *, nested: bool = True) -> Shape:
        """Turn an annotation into a shape; `Input` and `Optional` wrappings fall away."""
        if isinstance(hint, typing.ForwardRef):
            hint = hint.__forward_arg__
        if isinstance(hint, str):
            try:
                hint = eval(hint, names)
            except NameError:
                return "*"
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self._union(arguments, names, nested)
        if origin in (list, collections.abc.Sequence):
            return ["[", self.shape(arguments[0], names, nested=nested)]
        if origin in (dict, collections.abc.Mapping):
            return ["{", self.shape(arguments[1], names, nested=nested)]
        return self._plain(hint, nested)

    def _union(self, arguments: tuple[Any, ...], names: dict[str, Any], nested: bool) -> Shape:
        shapes = []
        for argument in arguments:
            text = argument.__forward_arg__ if isinstance(argument, typing.ForwardRef) else str(argument)
            if argument is type(None) or text.startswith(("Output[", "pulumi.output.Output")):
                continue
            if typing.get_origin(argument) is collections.abc.Awaitable:
                continue
            shape = self.shape(argument, names, nested=nested)
            if shape not in shapes:
                shapes.append(shape)
        return shapes[0] if len(shapes) == 1 else ["|", *shapes] if shapes else "*"

    def _plain(self, hint: Any, nested: bool) -> Shape:
        if not isinstance(hint, type):
            return "*"
        if issubclass(hint, enum.Enum):
            return "s" if all(isinstance(member.value, str) for member in hint) else "n"
        for kind, shape in ((bool, "b"), (str, "s"), (int, "i"), (float, "n")):
            if issubclass(hint, kind):
                return shape
        if hint.__module__.startswith("pulumi.asset"):
            return "f"
        if not hint.__module__.startswith(self._package):
            return "*"
        if hasattr(hint, "urn") or issubclass(hint, _resource_class()):
            return "s"  # a resource given where its name or ARN is meant; Pulumi sends that
        return self._object(hint) if nested else ["{", "*"]

    def _object(self, cls: type) -> Shape:
        if cls not in self.names:
            name = cls.__name__.removesuffix("Args")
            while name in self.types:
                name += "_"
            self.names[cls] = name
            self.types[name] = {}  # before its fields: some types contain themselves
            self.types[name].update(self.fields(cls))
        return ["@", self.names[cls]]


def arguments_of(resource: type) -> type | None:
    """Find the class of a resource's arguments."""
    # `XArgs` of the resource's own module, or `XInitArgs` where a nested type took that name (`BucketVersioning`).
    names = vars(sys.modules[resource.__module__])
    for name in (f"{resource.__name__}InitArgs", f"{resource.__name__}Args"):
        found = names.get(name)
        if isinstance(found, type) and found.__module__ == resource.__module__:
            return found
    return None


def _resource_class() -> type:
    import pulumi

    return pulumi.Resource


def _documents(text: str | None) -> dict[str, str]:
    found = re.findall(r":param [^:]*?(\w+): (.*?)(?=\n\s*:param|\Z)", text or "", re.DOTALL)
    return dict(found)


def main() -> None:
    """Print the description of the package and module named on the command line; its classes come in as JSON."""
    print(json.dumps(reflect(sys.argv[1], sys.argv[2], json.load(sys.stdin)), separators=(",", ":")))


if __name__ == "__main__":
    main()
