"""pydantic's errors in the author's terms: what is wrong with this value, on its own line, and what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mlstage.diagnostics import Diagnostic, Where
from mlstage.spec import says
from mlstage.spec.per_stage import PerStage
from mlstage.spec.site import Site

if TYPE_CHECKING:
    from mlstage.spec.base import Node

Path = tuple[str | int, ...]


def explain(
    error: ValidationError, node: type[Node], site: Site | None, data: Mapping[str, Any]
) -> tuple[Diagnostic, ...]:
    """Turn one node's validation errors into diagnostics, one per field and fault."""
    details = list(_relevant(error.errors(), data))
    extra = [str(one["loc"][0]) for one in details if one["type"] == "extra_forbidden"]
    meant = {close for field in extra if (close := _nearest(field, node))}
    if any(node.foreign(field, data.get(field)) for field in extra):  # another kind of node is meant altogether
        meant.update(node.model_fields)
    found = (
        _Fault(one, node, site, data).diagnostic()
        for one in details
        if one["type"] != "missing" or one["loc"][0] not in meant  # a misspelt field is not a missing one as well
    )
    return tuple(dict.fromkeys(found))


def unnamed(node: type[Node], values: tuple[object, ...], site: Site | None) -> Diagnostic:
    """Say that values were given without their names, and which name the first of them probably has."""
    positional, value = node.positional(), values[0]
    fields = [field for field in node.model_fields if field != positional]
    needed = [field for field in fields if node.model_fields[field].is_required()]
    field = (needed or fields or [""])[0]
    shown = says.quoted(value) if isinstance(value, str) else _shown(value).partition(",")[0]
    what = f"{node.__name__} takes its values by name; {_shown(value)}, has none"
    instead = f"{field}={shown}, if that is what it is" if field else f"{node.__name__}() without any"
    where = site.where_of(1 if positional else 0) if site else None
    return Diagnostic("SPEC111", what, instead, where=where, field=field)


_BOUNDS: Final = {
    "greater_than_equal": ("ge", "{:g} or more"),
    "greater_than": ("gt", "more than {:g}"),
    "less_than_equal": ("le", "{:g} or less"),
    "less_than": ("lt", "less than {:g}"),
}
_EMPTY: Final = {"too_short", "string_too_short"}
_OWN: Final = {"mlstage", "missing", "extra_forbidden"}


def _relevant(details: list[ErrorDetails], data: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """Where a value fits no type of a union, pydantic tells of every one; keep what speaks of the value itself."""
    by_value: dict[Path, list[ErrorDetails]] = {}
    for one in details:
        by_value.setdefault(_path(one, data), []).append(one)
    for faults in by_value.values():
        own = [one for one in faults if one["type"] in _OWN]
        yield from own or [min(faults, key=lambda one: one["type"] not in _BOUNDS)]


@dataclass(frozen=True, slots=True)
class _Fault:
    """One of pydantic's errors beside the call that it is about."""

    one: ErrorDetails
    node: type[Node]
    site: Site | None
    data: Mapping[str, Any]

    def diagnostic(self) -> Diagnostic:
        name, field, value = self.node.__name__, str(self.path[0]), self.one["input"]
        match self.one["type"]:
            case "mlstage":
                context = self.one["ctx"]
                return self._say(context["code"], context["what"], context["instead"], context["why"])
            case "extra_forbidden" if foreign := self.node.foreign(field, value):
                return self._say(foreign.code, foreign.what, foreign.instead, foreign.why)
            case "extra_forbidden":
                return self._say("SPEC101", f"{name} has no field `{field}`", _instead_of(field, self.node))
            case "missing":
                return self._say("SPEC102", f"{name} needs `{field}`", self._for_example())
            case kind if kind in _BOUNDS:
                return self._say("SPEC104", *self._beyond(kind))
            case kind if kind in _EMPTY:
                return self._say("SPEC104", f"{self._subject()} is empty", self._for_example())
            case "finite_number":
                return self._say("SPEC104", f"{self._subject()} is {value!r}", self._for_example())
            case _:
                annotation = self._type()
                what = f"{self._subject()} is {_shown(value)}; it takes {says.words(annotation)}"
                cure = says.cure(value, annotation)
                return self._say("SPEC103", what, self._assigned(cure) if cure else self._for_example())

    @property
    def path(self) -> Path:
        return _path(self.one, self.data)

    def _say(self, code: str, what: str, instead: str, why: str = "") -> Diagnostic:
        field = ".".join(str(part) for part in self.path)
        return Diagnostic(code, what, instead, why=why, where=self._where(), field=field)

    def _beyond(self, kind: str) -> tuple[str, str]:
        limit, said = _BOUNDS[kind]
        bound = self.one["ctx"][limit]
        what = f"{self._subject()} is {self.one['input']!r}; it must be {said.format(bound)}"
        return what, self._assigned(f"{bound:g}") if kind.endswith("_equal") else self._for_example()

    def _for_example(self) -> str:
        return f"{self._assigned(says.example(self._type()))}, for example"

    def _subject(self) -> str:
        """Write the path as an author would: `inputs["train"]` of Training, `replicas` of … for stage `test`."""
        text, stage = str(self.path[0]), ""
        for part, value in _steps(self.path, self.data):
            if isinstance(value, PerStage):
                stage = f" for stage `{part}`"
            else:
                text += f"[{says.quoted(part) if isinstance(part, str) else part}]"
        return f"`{text}` of {self.node.__name__}{stage}"

    def _assigned(self, text: str) -> str:
        """Put in front of a value what stands in front of it in the author's file."""
        name, holder = [(self.path[0], None), *_steps(self.path, self.data)][-1]
        if isinstance(holder, list | tuple):
            return text
        if name == self.node.positional():
            return f"{self.node.__name__}({text})" if says.style() == "python" else text
        if says.style() == "yaml":
            return f"{name}: {text}"
        return f"{says.quoted(str(name))}: {text}" if isinstance(holder, Mapping) else f"{name}={text}"

    def _type(self) -> Any:
        info = self.node.model_fields.get(str(self.path[0]))
        annotation = says.type_of(info) if info else str
        for _, value in _steps(self.path, self.data):
            annotation = annotation if isinstance(value, PerStage) else says.inner(annotation) or annotation
        return annotation

    def _where(self) -> Where | None:
        if self.site is None:
            return None
        field, *inside = self.path
        value = self.data.get(str(field))
        if isinstance(value, PerStage) and inside:
            return value.where(*inside)
        if field == self.node.positional() and not self.site.has(field):
            return self.site.where_of(0)
        return self.site.where_of(field, *inside) if field in self.data else self.site.where()


def _path(one: ErrorDetails, data: Mapping[str, Any]) -> Path:
    """Walk a location through the author's own values: what leads to none of them is a name of pydantic's."""
    first, *rest = one["loc"] or ("",)
    if one["type"] in {"extra_forbidden", "missing"} or first not in data:
        return (first,)
    path: list[str | int] = [first]
    value = data[str(first)]
    for part in rest:
        below = _below(value, part)
        if below is not _NOTHING:
            path.append(part)
            value = below
    return tuple(path)


def _below(value: object, part: str | int) -> object:
    match value:
        case PerStage():
            return value.values.get(str(part), _NOTHING)
        case Mapping():
            return value.get(part, _NOTHING)
        case list() | tuple() if isinstance(part, int) and part < len(value):
            return value[part]
        case _:
            return _NOTHING


_NOTHING: Final = object()


def _steps(path: Path, data: Mapping[str, Any]) -> Iterator[tuple[str | int, object]]:
    """Yield each part of a path below the field with the value that it is a part of."""
    value: object = data.get(str(path[0]))
    for part in path[1:]:
        yield part, value
        value = _below(value, part)


def _nearest(field: str, node: type[Node]) -> str:
    return next(iter(get_close_matches(field, list(node.model_fields), n=1)), "")


def _instead_of(field: str, node: type[Node]) -> str:
    if close := _nearest(field, node):
        return f"`{close}`"
    names = ", ".join(node.model_fields)
    return f"one of {names}" if names else f"{node.__name__}() without any"


def _shown(value: object) -> str:
    from mlstage.spec.base import Node

    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    if isinstance(value, Node):
        return f"{type(value).__name__}(…)"
    text = repr(value)
    text = text if len(text) <= 60 else text[:57] + "…"
    kind = {str: "a text", int: "a number", float: "a number", bool: "", list: "a list", dict: "a dict"}
    said = kind.get(type(value), f"of type {type(value).__name__}")
    return f"{text}, {said}" if said else text
