"""The top of the language: an environment and the stacks it comes up in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from mlstage.spec.base import Many, Node
from mlstage.spec.parity import MayDiffer
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.stages import StackName, Stage
from mlstage.spec.text import Name, wrong
from mlstage.spec.watching import Watch
from mlstage.spec.workloads import AnyWorkload


def _owner(text: str) -> str:
    if not text.strip():
        raise wrong("SPEC104", "the environment has no owner", 'owner="payments-ml": the team to call')
    return text


def _default_stages() -> dict[str, Stage]:
    return {"test": Stage(tier="test"), "prod": Stage(tier="production")}


class Environment(Node):
    """Everything that is deployed together: workloads, the team that owns them, and the stages they come up in.

    `stages` names the Pulumi stacks; by default `test` (tier `test`) and `prod` (tier `production`). `watch` has alarms
    and a dashboard made for all workloads. `may_differ` lists what `mlstage diff` need not object to.
    """

    name: Name
    owner: Annotated[str, AfterValidator(_owner), Says("the name of a team", '"payments-ml"')]
    workloads: Many[AnyWorkload]
    stages: Mapping[StackName, Stage] = Field(default_factory=_default_stages, min_length=1)
    tags: Mapping[str, str] = {}
    watch: Staged[Watch | None] = None
    may_differ: Many[MayDiffer] = ()
