"""How capacity is bought."""

from __future__ import annotations

from typing import Literal

from mlstage.spec.base import Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.text import S3


class OnDemand(Node):
    """Capacity at the list price, kept until you give it back. The default."""


class Spot(Node):
    """Spare capacity at a discount, which AWS takes back with two minutes' notice.

    `checkpoint` is the S3 prefix that the job saves to and restarts from; without one, an interrupted job starts again
    from nothing.
    """

    checkpoint: Staged[S3 | None] = None


class SavingsPlan(Node):
    """A commitment that AWS applies at billing: it changes what is paid, not what is created."""

    term: Staged[Literal["1y", "3y"]]


Purchase = OnDemand | Spot | SavingsPlan
