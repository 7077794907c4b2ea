"""Watching over an environment: alarms, a dashboard, and whom to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mlstage.spec.base import Node
from mlstage.spec.says import Says
from mlstage.spec.text import Contact

Percent = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False), Says("a percentage", "5")]


class Watch(Node):
    """Alarms and a dashboard for all workloads: `watch=Watch("payments-ml@acme.example")`.

    An alarm rings when more than `errors` per cent of the requests fail, when a model is slower than its target, when a
    machine is fuller than `busy` per cent of its CPU or memory, when requests wait for too long, when a job fails; and
    when a GPU is used by less than `idle_gpu` per cent for a whole day, the sign that a CPU or Inferentia would do.
    """

    alert: Contact
    errors: Percent = 1
    busy: Percent = 90
    idle_gpu: Percent = 20
    dashboard: bool = True

    if TYPE_CHECKING:

        def __init__(
            self,
            alert: str,
            *,
            errors: float = 1,
            busy: float = 90,
            idle_gpu: float = 20,
            dashboard: bool = True,
        ) -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "alert"
