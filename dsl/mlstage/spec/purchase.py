"""How capacity is bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mlstage.spec.base import Node
from mlstage.spec.per_stage import PerStage, Staged
from mlstage.spec.text import S3, Size


class OnDemand(Node):
    """Capacity at the list price, kept until you give it back. The default."""


class Volume(Node):
    """A disk that outlives the container that writes to it: the next one finds its checkpoints where they were.

    It is an EBS volume of a cluster on EKS, mounted at /opt/ml/checkpoints. It lies in one zone, in which a restarted
    pod has to wait for a machine; a prefix in S3 is there in all of them.
    """

    size: Staged[Size]

    if TYPE_CHECKING:

        def __init__(self, size: str | PerStage[str]) -> None: ...

    @classmethod
    def positional(cls) -> str:
        return "size"


class Spot(Node):
    """Spare capacity at a discount, which AWS takes back with two minutes' notice.

    `checkpoint` is where the job saves to and restarts from: an S3 prefix, or a `Volume` on EKS. Without one, an
    interrupted job starts again from nothing.
    """

    checkpoint: Staged[S3 | Volume | None] = None


class SavingsPlan(Node):
    """A commitment that AWS applies at billing: it changes what is paid, not what is created."""

    term: Staged[Literal["1y", "3y"]]


Purchase = OnDemand | Spot | SavingsPlan
