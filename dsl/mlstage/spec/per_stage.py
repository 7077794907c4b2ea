"""One value per stack: what makes a single spec serve test and production."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from mlstage.diagnostics import Where
from mlstage.spec.site import Site, author_site

T = TypeVar("T")
# So that `team = per_stage(prod="…")` fits a field that may be absent as well.
T_co = TypeVar("T_co", covariant=True)

DEFAULT = "default"


class PerStage(Generic[T_co]):
    """Values by stack name or tier, made with `per_stage`; a field that takes one says so in its type."""

    __slots__ = ("_site", "values")

    def __init__(self, values: Mapping[str, T_co], site: Site | None = None) -> None:
        self.values = dict(values)
        self._site = site

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerStage) and self.values == other.values

    def __hash__(self) -> int:
        return hash(tuple(self.values))

    def __repr__(self) -> str:
        return f"per_stage({', '.join(f'{key}={value!r}' for key, value in self.values.items())})"

    def where(self, *path: str | int) -> Where | None:
        """Give the place of the value for one stage, or of an item in it, or without a path of the whole."""
        if self._site is None:
            return None
        return self._site.where_of(*path) if path else self._site.where()

    def key_for(self, stack: str, tier: str) -> str | None:
        """Say which entry serves a stack: its name, then its tier, then `default`; None when none does."""
        return next((key for key in (stack, tier, DEFAULT) if key in self.values), None)


def per_stage(**values: T) -> PerStage[T]:
    """Give a field a value per stack, looked up by the stack's name, then by its tier, then `default=`.

    A field that may be absent needs no entry for every stack (`schedule=per_stage(prod="rate(1 day)")` schedules in
    `prod` only); any other field does, and a stack without one is an error that names it.
    """
    return PerStage(values, author_site())


class _StagedSchema:
    """Tell pydantic to check either a plain value or every value of a `per_stage`, with errors that name the stage."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = tuple(arg for arg in get_args(source) if not _is_per_stage(arg))
        inner = handler.generate_schema(Union[plain])  # noqa: UP007 - built from a tuple
        staged = core_schema.no_info_before_validator_function(
            lambda value: value.values, core_schema.dict_schema(core_schema.str_schema(), inner)
        )
        rebuilt = core_schema.no_info_wrap_validator_function(
            lambda value, check: PerStage(check(value), value._site), staged
        )
        return core_schema.tagged_union_schema(
            {"value": inner, "per_stage": rebuilt},
            discriminator=lambda value: "per_stage" if isinstance(value, PerStage) else "value",
        )


def _is_per_stage(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", annotation) is PerStage


Staged = Annotated[T | PerStage[T], _StagedSchema()]


@overload
def known(value: PerStage[T]) -> T: ...
@overload
def known(value: T) -> T: ...


def known(value: object) -> object:
    """Give a value of a resolved node, in which nothing is per stage any more.

    Raises `TypeError` if it still is: the caller was handed an unresolved node, which is a bug of ours.
    """
    if isinstance(value, PerStage):
        raise TypeError(f"{value!r} was not resolved for a stack")
    return value
