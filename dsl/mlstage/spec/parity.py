"""What may differ between environments that are otherwise meant to be alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from mlstage.spec.base import Node
from mlstage.spec.says import Says
from mlstage.spec.text import wrong


def _path(text: str) -> str:
    if not text or any(not part for part in text.split(".")):
        raise wrong("SPEC104", f"{text!r} is no path of a field", '"scorer.on.instance": the workload, then its field')
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise wrong(
            "SPEC115", "the difference is allowed for no reason", 'reason="why it is right", for the next reader'
        )
    return text


class MayDiffer(Node):
    """A difference that `mlstage diff` counts as allowed: of a workload, of a field of it, or of all below that.

    `MayDiffer("scorer.on.instance", reason="…")`; a setting of the environment's own goes without a workload
    (`monthly_budget`).
    """

    field: Annotated[str, AfterValidator(_path), Says("the path of a field", '"scorer.on.instance"')]
    reason: Annotated[str, AfterValidator(_reason), Says("a reason", '"less traffic there"')]

    if TYPE_CHECKING:

        def __init__(self, field: str, *, reason: str) -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "field"
