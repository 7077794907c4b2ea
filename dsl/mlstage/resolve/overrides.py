"""Apply a stack file's overrides to a workload, checked like the spec itself and blamed on their own line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from mlstage.diagnostics import Diagnostic
from mlstage.resolve.model import Origin
from mlstage.resolve.stack_file import StackFile
from mlstage.spec import says
from mlstage.spec.base import Node, collecting
from mlstage.spec.says import written_as
from mlstage.spec.workloads import Workload


class Overrides:
    """The overrides of one workload in one stack's file, under the key that the file uses for it."""

    def __init__(self, stack_file: StackFile, key: str, origins: dict[str, Origin]) -> None:
        self.stack_file = stack_file
        self.key = key
        self.origins = origins
        self.wrong: list[Diagnostic] = []

    def apply(self, workload: Workload) -> Workload:
        """Copy the workload with its overrides in place; faults are noted in `wrong`."""
        fields = self.stack_file.overrides[self.key]
        changed = self._node(workload, _with_target_fields(workload, fields), (), ())
        assert isinstance(changed, Workload)
        return changed

    def _node(self, node: Node, fields: Mapping[str, Any], written: tuple[str, ...], path: tuple[str, ...]) -> Node:
        values = {name: getattr(node, name) for name in type(node).model_fields}
        for name, data in fields.items():
            place = (*written, *_written_path(node, name, written, self.stack_file.overrides[self.key]))
            if name not in values or (not path and name in FIXED):
                self._unknown(node, name, place)
                continue
            below = (*path, name)
            if not _merges(values[name], data):  # a merge marks the fields that it changes, one by one
                self._mark(place, below)
            annotation = says.type_of(type(node).model_fields[name])
            values[name] = self._value(annotation, values[name], data, place, below)
        return self._rebuilt(node, values, fields, written)

    def _value(self, annotation: Any, existing: Any, data: Any, written: tuple[str, ...], path: tuple[str, ...]) -> Any:
        """Turn YAML's plain data into what the field holds; what does not fit goes through, for the node to refuse."""
        match data:
            case dict():
                return self._from_fields(annotation, existing, data, written, path)
            case list():
                below = says.inner(annotation)
                items = enumerate(data)
                return tuple(self._value(below, None, item, (*written, str(number)), ()) for number, item in items)
            case str() if kind := _node_named(annotation, data):
                return self._made(kind, {}, written)
            case str() if _stands_alone(annotation, data):
                return data
            case str() | int() | float() if isinstance(existing, Node) and existing.positional():
                return self._node(existing, {existing.positional(): data}, written, path)
            case _:
                return data

    def _from_fields(
        self, annotation: Any, existing: Any, data: dict[str, Any], written: tuple[str, ...], path: tuple[str, ...]
    ) -> Any:
        """Make a node of its fields, or change the existing one; `spot: {checkpoint: …}` names the kind of node."""
        if _merges(existing, data):
            return self._node(existing, data, written, path)
        name, inner = next(iter(data.items()), ("", None))
        if len(data) == 1 and (kind := _kind_named(annotation, name)):
            fields = inner if isinstance(inner, dict) else {_positional_of(kind): inner}
            return self._made(kind, fields, (*written, name))
        kinds = [*_node_kinds(annotation)]
        if fitting := [kind for kind in kinds if set(data) <= set(kind.model_fields)]:
            return self._made(fitting[0], data, written)
        if isinstance(existing, Node):  # fields misspelt, most likely: say so of what is there
            return self._node(existing, data, written, path)
        return self._made(kinds[0], data, written) if len(kinds) == 1 else data

    def _made(self, kind: type[Node], fields: Mapping[str, Any], written: tuple[str, ...]) -> Node:
        values = {
            name: self._value(says.type_of(kind.model_fields[name]), None, data, (*written, name), ())
            if name in kind.model_fields
            else data
            for name, data in fields.items()
        }
        with written_as("yaml"), collecting() as found:
            made = kind.build(values)
        self._blame(found, written)
        return made

    def _rebuilt(self, node: Node, values: dict[str, Any], fields: Mapping[str, Any], written: tuple[str, ...]) -> Node:
        """Make the node anew, so that its own checks see the overridden values; its place in the spec stays."""
        with written_as("yaml"), collecting() as found:
            made = type(node).build(values)
        self._blame([one for one in found if one.field.partition(".")[0] in {*fields, ""}], written)
        return node if found else node.replaced(**{name: getattr(made, name) for name in fields if name in values})

    def _blame(self, found: list[Diagnostic], written: tuple[str, ...]) -> None:
        for one in found:
            where = self.stack_file.where(self.key, *written, *one.field.split("."))
            self.wrong.append(
                replace(one, where=where, stack=self.stack_file.stack, instead=as_yaml(one.instead), related=())
            )

    def _unknown(self, node: Node, name: str, written: tuple[str, ...]) -> None:
        known = [*type(node).model_fields]
        if isinstance(node, Workload):
            known = [field for field in known if field not in FIXED]
            target = getattr(node, "on", None)
            known += type(target).model_fields if isinstance(target, Node) else ()
        close = get_close_matches(name, known, n=1)
        instead = f"`{close[0]}:`" if close else f"one of {', '.join(known)}"
        what = f"{self.key!r} has no field {name!r} to override"
        if name in FIXED and isinstance(node, Workload):
            what = f"{name!r} of {self.key!r} is the same in every stack and cannot be overridden"
        where = self.stack_file.where(self.key, *written)
        self.wrong.append(Diagnostic("SPEC204", what, instead, where=where, field=name, stack=self.stack_file.stack))

    def _mark(self, written: tuple[str, ...], path: tuple[str, ...]) -> None:
        name = ".".join(path)
        where = self.stack_file.where(self.key, *written)
        before = self.origins.get(name)
        replaced = before.replaced or before.where if before else None
        for below in [key for key in self.origins if key.startswith(f"{name}.")]:
            if self.origins[below].kind != "override":
                self.origins[below] = Origin("override", where, replaced=replaced)
        self.origins[name] = Origin("override", where, replaced=replaced)


def _merges(existing: object, data: object) -> bool:
    """Say whether plain data changes some fields of a node rather than standing for another one."""
    return isinstance(existing, Node) and isinstance(data, dict) and set(data) <= set(type(existing).model_fields)


def _stands_alone(annotation: Any, data: str) -> bool:
    """Say whether a field takes a text as it is: an S3 address where a `Volume` stands, and is no size of that."""
    if isinstance(annotation, type):
        return False
    try:
        TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True, strict=True)).validate_python(data)
    except ValidationError:
        return False
    return True


FIXED = frozenset({"name", "formerly"})


def _with_target_fields(workload: Workload, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Let `instance:` stand for `on: {instance:}`, as authors think of it."""
    target = getattr(workload, "on", None)
    own = type(workload).model_fields
    if not isinstance(target, Node):
        return dict(fields)
    lifted = {name: data for name, data in fields.items() if name not in own and name in type(target).model_fields}
    kept = {name: data for name, data in fields.items() if name not in lifted}
    if lifted:
        kept["on"] = {**lifted, **on} if isinstance(on := kept.get("on", {}), dict) else on
    return kept


def _written_path(node: Node, name: str, written: tuple[str, ...], data: Mapping[str, Any]) -> tuple[str, ...]:
    """Say under which key of the file a field stands: a lifted `on` has none of its own."""
    return () if isinstance(node, Workload) and name == "on" and not written and "on" not in data else (name,)


def _node_kinds(annotation: Any) -> Iterator[type[Node]]:
    if isinstance(annotation, type) and issubclass(annotation, Node):
        yield annotation
    elif get_origin(annotation) is not None or hasattr(annotation, "__args__"):
        for argument in get_args(annotation):
            yield from _node_kinds(argument)


def _kind_named(annotation: Any, name: str) -> type[Node] | None:
    plain = name.replace("-", "").replace("_", "").lower()
    return next((kind for kind in _node_kinds(annotation) if kind.__name__.lower() == plain), None)


def _node_named(annotation: Any, name: str) -> type[Node] | None:
    """Read `purchase: spot` as `Spot()`: a kind's name stands for it when it needs nothing more."""
    kind = _kind_named(annotation, name)
    return kind if kind and not any(info.is_required() for info in kind.model_fields.values()) else None


def _positional_of(kind: type[Node]) -> str:
    return kind.positional() or next(iter(kind.model_fields), "")


_GIVEN = re.compile(r"\b([a-z][a-z_0-9]*)=(?:([A-Z]\w*)\(\)|(?=[\"'\d]))")


def as_yaml(instead: str) -> str:
    """Write a cure in the words of a stack's file: `purchase: OnDemand` for `purchase=OnDemand()`."""
    return _GIVEN.sub(lambda match: f"{match[1]}: {match[2] or ''}", instead)
