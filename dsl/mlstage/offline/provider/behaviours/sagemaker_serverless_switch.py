"""An endpoint on instances cannot become a serverless one by an update, nor the other way round.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.behaviours.sagemaker_endpoints import CONFIGURATION, ENDPOINT, is_serverless
from mlstage.offline.provider.world import World


def _refuses(change: Change, world: World) -> Iterator[str]:
    if change.operation != "update" or change.token != ENDPOINT:
        return
    before = is_serverless(world, change.old.get("endpointConfigName"))
    after = is_serverless(world, change.new.get("endpointConfigName"))
    if None not in (before, after) and before != after:
        kinds = ("instance-based", "serverless")
        yield (
            f"ValidationException: Endpoint update from {kinds[bool(before)]} to {kinds[bool(after)]} configuration is"
            " not supported."
        )


BEHAVIOUR: Final = Behaviour(
    {ENDPOINT: ("endpointConfigName",), CONFIGURATION: ("productionVariants",)},
    _refuses,
)
