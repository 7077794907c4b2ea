"""What a field takes, in words and by example: for the author whose value it did not take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

from annotated_types import Ge

from mlstage.spec.per_stage import PerStage

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from mlstage.spec.base import Node

Style = Literal["python", "yaml"]
_style: ContextVar[Style] = ContextVar("style", default="python")
_SHORT: Final = 90
_QUOTE: Final = '"'


@contextmanager
def written_as(style: Style) -> Iterator[None]:
    """Have the cures of all errors inside written as Python, or as YAML for a stack's file."""
    token = _style.set(style)
    try:
        yield
    finally:
        _style.reset(token)


def style() -> Style:
    """Say in what form the author writes at present."""
    return _style.get()


@dataclass(frozen=True, slots=True)
class Says:
    """Stands in a field's type: what its values are called, and one of them as an author writes it in Python."""

    words: str
    example: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the things that a field takes. `holds` is the type of its items if it is a list or a dict."""

    words: str
    python: str
    yaml: str = ""
    type: Any = None
    holds: Any = None

    def example(self) -> str:
        """Give the example as Python, or as YAML has it in a stack's file."""
        return self.python if style() == "python" else self.yaml or self.python.strip('"')


def type_of(info: FieldInfo) -> Any:
    """Give a field's type as it was written, with what pydantic keeps beside it."""
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def kinds(annotation: Any) -> tuple[Kind, ...]:
    """List what a type takes; per_stage, which every field takes, is left out."""
    return tuple({kind.words: kind for kind in _kinds(annotation)}.values())


def words(annotation: Any) -> str:
    """Say what a type takes, as an author would: `a whole number or Autoscale(…)`."""
    listed = [kind.words for kind in kinds(annotation)]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def example(annotation: Any) -> str:
    """Give one value that a type takes, as an author writes it."""
    return next((kind.example() for kind in kinds(annotation) if kind.words != "None"), "…")


def inner(annotation: Any) -> Any:
    """Give the type of the items of a list or dict type."""
    return next((kind.holds for kind in kinds(annotation) if kind.holds is not None), None)


def cure(value: object, annotation: Any) -> str:
    """Say what to write in place of a value that a type does not take, if that follows from the value."""
    return next((made for kind in kinds(annotation) if (made := _converted(value, kind))), "")


def quoted(text: str) -> str:
    """Write a text as an author would, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _converted(value: object, kind: Kind) -> str:
    """Turn a value into what it was probably meant to be, or say nothing."""
    match value:
        case str() if kind.type is int and re.fullmatch(r"\d{1,9}", value):
            return str(int(value))
        case str() if kind.type is float and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
            return value
        case float() if kind.type is int and value.is_integer():
            return str(int(value))
        case bool() if kind.type is str:
            return quoted(str(value).lower())
        case int() | float() if kind.type is str:
            return quoted(str(value))
        case str() if kind.type is Literal and get_close_matches(value, [kind.example().strip('"')], n=1):
            return kind.example()
        case str() if value.lower() == kind.words.removesuffix("(…)").lower():
            return kind.example()
        case type() if value is kind.type:
            return kind.example()
        case _:
            return ""


_PLAIN: Final = {
    str: Kind("a text", '"…"', "…", str),
    int: Kind("a whole number", "1", type=int),
    float: Kind("a number", "1.5", type=float),
    bool: Kind("True or False", "True", "true", bool),
    type(None): Kind("None", "None", "null", type(None)),
}


def _kinds(annotation: Any) -> Iterator[Kind]:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _annotated(args[0], args[1:])
    elif annotation in _PLAIN:
        yield _PLAIN[annotation]
    elif origin is PerStage or annotation is PerStage:
        return
    elif origin is Literal:
        yield from (Kind(quoted(arg), quoted(arg), type=Literal) for arg in args)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        key = '"name"' if args[0] is str else example(args[0])
        value = example(args[1])
        yield Kind("a dict", f"{{{key}: {value}}}", f"{{{key.strip(_QUOTE)}: {value}}}", dict, args[1])
    elif isinstance(origin, type) and issubclass(origin, Sequence):
        yield Kind("a list", f"[{example(args[0])}]", type=list, holds=args[0])
    elif isinstance(annotation, type):
        yield _node_kind(annotation)
    else:
        for arg in args:
            yield from _kinds(arg)


def _annotated(annotation: Any, metadata: tuple[Any, ...]) -> Iterator[Kind]:
    said = next((one for one in reversed(metadata) if isinstance(one, Says)), None)  # the outermost says it best
    least = next((one.ge for one in metadata if isinstance(one, Ge)), None)
    if said:
        yield Kind(said.words, said.example, type=None if annotation is str else annotation)
    elif annotation is int and least is not None:
        yield Kind(f"a whole number from {least}", str(max(int(str(least)), 1)), type=int)
    else:
        yield from _kinds(annotation)


def _node_kind(node: type[Node]) -> Kind:
    name = node.__name__
    needed = {key: info for key, info in node.model_fields.items() if info.is_required()}
    given = {key: example(type_of(info)) for key, info in needed.items()}
    inside = ", ".join(text if key == node.positional() else f"{key}={text}" for key, text in given.items())
    if len(inside) > _SHORT:
        inside = f"{next(iter(given))}={next(iter(given.values()))}, …"
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    if set(given) == {node.positional()}:
        yaml = f"{{{plain}: {given[node.positional()]}}}"
    else:
        yaml = f"{{{', '.join(f'{key}: {text}' for key, text in given.items())}}}" if needed else plain
    return Kind(f"{name}(…)", f"{name}({inside})", yaml, node)
