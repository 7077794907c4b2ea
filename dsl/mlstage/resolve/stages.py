"""Choose each value for one stack."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from mlstage.diagnostics import Diagnostic, Where
from mlstage.resolve.model import Origin
from mlstage.spec.base import Node
from mlstage.spec.environment import Environment
from mlstage.spec.per_stage import DEFAULT, PerStage


def unknown_stages(environment: Environment) -> Iterator[tuple[PerStage[Any], Diagnostic]]:
    """Yield each `per_stage` entry that no stack of the environment will ever use, with the error to report."""
    tiers = {stage.tier for stage in environment.stages.values()}
    known = [*environment.stages, *sorted(tiers - set(environment.stages)), DEFAULT]
    for field, staged in _staged(environment):
        for key in staged.values:
            if key not in known:
                close = get_close_matches(key, known, n=1)
                instead = f"{close[0]}=…" if close else f"one of {', '.join(known)}"
                what = f"`per_stage` of `{field}` names {key!r}, which is no stage of {environment.name!r}"
                yield staged, Diagnostic("SPEC112", what, instead, where=staged.where(key), field=field)


def _staged(node: Node) -> Iterator[tuple[str, PerStage[Any]]]:
    for field in type(node).model_fields:
        yield from _staged_in(field, getattr(node, field, None))


def _staged_in(field: str, value: object) -> Iterator[tuple[str, PerStage[Any]]]:
    match value:
        case PerStage():
            yield field, value
            for inner in value.values.values():
                yield from _staged_in(field, inner)
        case Node():
            yield from _staged(value)
        case tuple() | list():
            for item in value:
                yield from _staged_in(field, item)
        case _:
            return


class StageChoice:
    """Resolve nodes for one stack, noting origins and what is missing."""

    def __init__(self, stack: str, tier: str) -> None:
        self.stack = stack
        self.tier = tier
        self.origins: dict[str, Origin] = {}
        self.missing: list[Diagnostic] = []

    def node(self, node: Node, path: str = "", owner: Origin | None = None) -> Node:
        """Copy a node with every value chosen. `owner` is the origin of the node itself when it was chosen, too."""
        chosen: dict[str, Any] = {}
        for field in type(node).model_fields:
            below = f"{path}.{field}" if path else field
            chosen[field] = self._value(node, field, getattr(node, field, None), below, owner)
        return node.replaced(**chosen)

    def field(self, node: Node, name: str) -> Any:
        """Choose the value of one field of a node."""
        return self._value(node, name, getattr(node, name, None), name, None)

    def _value(self, node: Node, field: str, value: Any, path: str, owner: Origin | None) -> Any:
        origin = self._written(node, field, owner)
        if isinstance(value, PerStage):
            value, origin = self._choose(node, field, value, path)
        self.origins[path] = origin
        passed_on = origin if origin.kind == "per_stage" else owner
        if isinstance(value, Node):
            return self.node(value, path, passed_on)
        if isinstance(value, tuple):
            return tuple(
                self.node(item, f"{path}.{index}", passed_on) if isinstance(item, Node) else item
                for index, item in enumerate(value)
            )
        return value

    def _written(self, node: Node, field: str, owner: Origin | None) -> Origin:
        if field not in node.model_fields_set:
            return Origin("default", node.where())
        if owner is not None:
            return Origin(owner.kind, node.where(field), owner.stage)
        return Origin("spec", node.where(field))

    def _choose(self, node: Node, field: str, staged: PerStage[Any], path: str) -> tuple[Any, Origin]:
        key = staged.key_for(self.stack, self.tier)
        if key is not None:
            return staged.values[key], Origin("per_stage", staged.where(key), key)
        info = type(node).model_fields[field]
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        if not info.is_required() and default in (None, (), {}):
            return default, Origin("default", staged.where())
        self._miss(field, path, staged.where())
        return None, Origin("per_stage", staged.where())

    def _miss(self, field: str, path: str, where: Where | None) -> None:
        what = f"`per_stage` of `{path}` has no value for stack {self.stack!r}"
        tier = "" if self.tier == self.stack else f"{self.tier}=… for its tier, "
        instead = f"{self.stack}=…, {tier}or default=… for every other stack"
        self.missing.append(Diagnostic("SPEC106", what, instead, where=where, field=field, stack=self.stack))
