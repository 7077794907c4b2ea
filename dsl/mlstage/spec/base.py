"""What every node of the language has in common: frozen, typed, keyword-only, and aware of its own line.

A node that is wrong does not stop the file: while a spec is loaded (`collecting`), its problems are noted and a broken
stand-in takes its place, so that one run reports them all. Outside of that it raises `SpecError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any, Self, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mlstage.diagnostics import Diagnostic, Where, render
from mlstage.spec.says import style
from mlstage.spec.site import Site, author_site

T = TypeVar("T")
Many = Annotated[Sequence[T], AfterValidator(tuple)]

_called: ContextVar[bool] = ContextVar("called", default=False)
_collected: ContextVar[list[Diagnostic] | None] = ContextVar("collected", default=None)


class SpecError(ValueError):
    """A node was given values that cannot work; `diagnostics` says which, where and what to write instead."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n" + render(diagnostics).rstrip())
        self.diagnostics = tuple(diagnostics)


@contextmanager
def collecting() -> Iterator[list[Diagnostic]]:
    """Collect the problems of all nodes made inside, instead of raising at the first."""
    found: list[Diagnostic] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong between the values of one node, seen once they are known for a stack.

    `field` is to blame, or one of the `others` if a stack's file has overridden that one and not `field`.
    """

    code: str
    field: str
    what: str
    instead: str
    why: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """Why a node has no such field, where that takes more words than naming the fields that it has."""

    code: str
    what: str
    instead: str
    why: str = ""


class Node(BaseModel):
    """A value of the language. Two nodes are equal when their fields are, wherever they were written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    _site: Site | None = PrivateAttr(default=None)
    _broken: bool = PrivateAttr(default=False)

    def __init__(self, /, *positional: Any, **data: Any) -> None:
        site = author_site() if style() == "python" else None  # from a stack's file: there is no call to point at
        if positional:
            positional = self._take_first(positional, data)
        if positional:
            from mlstage.spec.errors import unnamed

            self._note((unnamed(type(self), positional, site),), site, data)
            return
        token = _called.set(True)
        try:
            super().__init__(**data)
        except ValidationError as error:
            from mlstage.spec.errors import explain

            self._note(explain(error, type(self), site, data), site, data, error)
        finally:
            _called.reset(token)
        self._site = site

    # As on pydantic's own `__init__`: else a dict in place of a node would call it, in the middle of another's.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="before")
    @classmethod
    def _no_dicts(cls, data: Any) -> Any:
        """Refuse a dict in place of a node, which pydantic takes even when it is strict: it has no line and no type."""
        if _called.get():  # the fields of the call itself, which come first
            _called.set(False)
        elif isinstance(data, dict):
            raise PydanticCustomError("model_type", "a dict")
        return data

    def _take_first(self, positional: tuple[Any, ...], data: dict[str, Any]) -> tuple[Any, ...]:
        """Give the first value the one name that may be left out; what is left over is without a name."""
        name = self.positional()
        if not name or name in data:
            return positional
        data[name] = positional[0]
        return positional[1:]

    def _note(
        self,
        diagnostics: Sequence[Diagnostic],
        site: Site | None,
        data: dict[str, Any],
        cause: ValidationError | None = None,
    ) -> None:
        collected = _collected.get()
        if collected is None:
            raise SpecError(diagnostics) from cause
        collected.extend(diagnostics)
        stand_in = type(self).model_construct(**data)
        object.__setattr__(self, "__dict__", stand_in.__dict__)
        object.__setattr__(self, "__pydantic_fields_set__", stand_in.__pydantic_fields_set__)
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", {"_site": site, "_broken": True})

    @property
    def site(self) -> Site | None:
        """The call that made this node, when it was made in a file."""
        return self._site

    @property
    def broken(self) -> bool:
        """Whether the node stands in for one that could not be made; its problems are already noted."""
        return self._broken

    def where(self, field: str = "") -> Where | None:
        """Give the place of the node, or of the value of one of its fields."""
        if self._site is None:
            return None
        positional = self.positional()
        if field and field == positional:
            return self._site.where_of(field if self._site.has(field) else 0)
        return self._site.where_of(field) if field else self._site.where()

    @classmethod
    def positional(cls) -> str:
        """Name the one field that may be given without its keyword, if any."""
        return ""

    @classmethod
    def foreign(cls, field: str, value: object) -> Foreign | None:
        """Explain a field that the node cannot have, when an author gives it all the same."""
        del field, value
        return None

    @classmethod
    def build(cls, fields: Mapping[str, Any]) -> Self:
        """Make a node from its fields by name, the positional one included."""
        rest, make = dict(fields), cast("Callable[..., Self]", cls)
        first = (rest.pop(name, None),) if (name := cls.positional()) else ()
        return make(*first, **rest)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong between fields; asked of resolved nodes only, so no value is per stage."""
        return iter(())

    def replaced(self, **fields: Any) -> Self:
        """Copy with some fields set to values that are known to be right; the place stays."""
        return self.model_copy(update=fields)
