"""Where a job on Spot capacity keeps what it has done: a prefix in S3, or a volume that outlives its container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mlstage.diagnostics import Diagnostic
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Spot, Volume
from mlstage.spec.workloads import BatchInference, Processing, Training
from mlstage.targets.base import Blame, No, Yes

# SageMaker's own place for checkpoints, so that a script finds them wherever it runs.
DIRECTORY: Final = "/opt/ml/checkpoints"
IN_S3: Final = 'Spot(checkpoint="s3://bucket/checkpoints/")'
_JOBS: Final = (BatchInference, Processing, Training)


def checkpoint_of(spec: Any) -> str | Volume | None:
    """Give the S3 prefix or the volume that a workload names for its checkpoints."""
    purchase = known(getattr(spec, "purchase", None))
    return known(purchase.checkpoint) if isinstance(purchase, Spot) else None


def volume_of(spec: Any) -> Volume | None:
    """Give the volume that a workload keeps its checkpoints on, if it does."""
    found = checkpoint_of(spec)
    return found if isinstance(found, Volume) else None


def prefixes(spec: Any) -> list[str]:
    """Give the S3 prefix of a workload's checkpoints, for the statements that let it keep them there."""
    found = checkpoint_of(spec)
    return [found] if isinstance(found, str) else []


def told(spec: Any) -> dict[str, str]:
    """Tell a job where to save to and restart from."""
    match checkpoint_of(spec):
        case None:
            return {}
        case Volume():
            return {"MLSTAGE_CHECKPOINT": DIRECTORY}
        case str() as prefix:
            return {"MLSTAGE_CHECKPOINT": prefix}


def check(workload: Resolved[Any], volumes: Yes | No, blame: Blame) -> Iterator[Diagnostic]:
    """Refuse checkpoints of what has none, and a volume where the target keeps none."""
    spec = workload.workload
    if checkpoint_of(spec) is None:
        return
    if not isinstance(spec, _JOBS):
        what = "`checkpoint` is where a job saves its work; an endpoint that AWS takes away starts anew"
        yield blame("AWS248", "purchase.checkpoint", what, "purchase=Spot() without `checkpoint`")
    elif volume_of(spec) is not None and isinstance(volumes, No):
        name = type(known(spec.on)).__name__
        what = f"{name} keeps no volume for checkpoints: {volumes.because}"
        yield blame("AWS247", "purchase.checkpoint", what, volumes.instead)
