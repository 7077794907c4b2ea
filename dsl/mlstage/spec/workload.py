"""What every workload has, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from mlstage.spec.base import Many, Node
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.text import Name
from mlstage.spec.waivers import Waiver

Replicas = Annotated[int, Field(ge=1), Says("a whole number from 1", "2")]


class Workload(Node):
    """What every workload has: a name that callers and stack files know it by, tags, and exceptions to rules.

    `formerly` is the name it had before: the deployed resources are kept under the new one.
    """

    name: Name
    formerly: Name | None = None
    tags: Staged[Mapping[str, str]] = Field(default_factory=dict)
    waivers: Many[Waiver] = ()
