"""How an endpoint goes from one version to the next: all at once, by a canary, in steps, or machine by machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.text import Duration

# botocore 1.44.5, sagemaker: TrafficRoutingConfig.CanarySize and LinearStepSize, RollingUpdatePolicy.MaximumBatchSize.
_Percent = Annotated[int, Field(ge=5, le=50), Says("a percentage from 5 to 50", "25")]
_Half = Annotated[int, Field(ge=1, le=50), Says("a percentage from 1 to 50", "10")]
_Step = Annotated[int, Field(ge=10, le=50), Says("a percentage from 10 to 50", "25")]


class AllAtOnce(Node):
    """A new fleet beside the old one, and all traffic to it at once. `watched_for` is how long the old one stays."""

    watched_for: Staged[Duration] = "10m"


class Canary(Node):
    """A small share of the new fleet takes traffic first; the rest follows when no alarm rang for `watched_for`."""

    percent: Staged[_Half] = 10
    watched_for: Staged[Duration] = "10m"


class Linear(Node):
    """Traffic moves to the new fleet in steps of `percent`, with `watched_for` after each."""

    percent: Staged[_Step] = 25
    watched_for: Staged[Duration] = "5m"


class Rolling(Node):
    """Machines are exchanged in batches of `percent`: no second fleet is needed, which accelerators may not have."""

    percent: Staged[_Percent] = 25
    watched_for: Staged[Duration] = "5m"


Update = AllAtOnce | Canary | Linear | Rolling
