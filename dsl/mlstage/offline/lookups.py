"""What the installed `pulumi_aws` says of a look-up: its arguments and what it answers."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

from mlstage.offline.errors import OfflineError

Fields = dict[str, tuple[Any, bool, bool]]


def lookup_shapes(name: str) -> tuple[Fields, Mapping[str, Fields]]:
    """Describe a look-up such as `aws.ec2.get_subnet`: name -> shape, settable, required; and the types inside."""
    path, _, function_name = name.removeprefix("aws").removeprefix(".").rpartition(".")
    try:
        module = importlib.import_module(f"pulumi_aws.{path}" if path else "pulumi_aws")
        function = getattr(module, function_name)
    except (ImportError, AttributeError) as error:
        what = f"the installed pulumi_aws has no look-up {name}"
        raise OfflineError(what, f"another name for {name} in graph/vocabulary/") from error
    home = sys.modules[function.__module__]
    parts = "".join(word.capitalize() for word in function_name.split("_"))
    known: dict[str, Fields] = {}
    result = _class(home, f"{parts}Result")
    fields: Fields = {
        key: (_shape(member.fget.__annotations__.get("return"), home, known), False, False)
        for key, member in vars(result).items()
        if isinstance(member, property) and member.fget is not None
    }
    for key, parameter in inspect.signature(function).parameters.items():
        if key != "opts":
            required = parameter.default is inspect.Parameter.empty
            fields[key] = (_shape(parameter.annotation, home, known), True, required)
    return fields, known


def _class(home: types.ModuleType, name: str) -> type:
    # `get_availability_zones` answers a class whose name Pulumi spells as it likes: compare without case.
    found = next((value for key, value in vars(home).items() if key.lower() == name.lower()), None)
    if not isinstance(found, type):
        raise OfflineError(f"pulumi_aws has no {name} in {home.__name__}", "a look at the installed pulumi_aws")
    return found


def _shape(hint: Any, home: types.ModuleType, known: dict[str, Fields]) -> Any:
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    if isinstance(hint, str):
        try:
            hint = eval(hint, vars(home))
        except (NameError, AttributeError):
            return "*"
    arguments = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Union | types.UnionType:
            shapes = [_shape(one, home, known) for one in arguments if one is not type(None)]
            return next((shape for shape in shapes if shape != "*"), "*")
        case origin if origin is not None and "Sequence" in str(origin):
            return ["[", _shape(arguments[0], home, known)]
        case origin if origin is not None and "Mapping" in str(origin):
            return ["{", "*"]
        case _:
            return _plain(hint, home, known)


def _plain(hint: Any, home: types.ModuleType, known: dict[str, Fields]) -> Any:
    if not isinstance(hint, type) or not hint.__module__.startswith("pulumi_aws"):
        return "s"
    if hint.__name__ not in known:
        known[hint.__name__] = {}
        fields = {
            key: (_shape(member.fget.__annotations__.get("return"), home, known), True, False)
            for key, member in vars(hint).items()
            if isinstance(member, property) and member.fget is not None
        }
        known[hint.__name__].update(fields)
    return ["@", hint.__name__]
