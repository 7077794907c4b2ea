"""An update that an alarm takes back: AWS answers as if all went well, and the former configuration still serves.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html (read 2026-11): the endpoint is
`InService` again after the rollback, which is what a provider waits for (terraform-provider-aws #46663). Which alarms
ring is told by the environment variable `MLSTAGE_OFFLINE_ALARMS`, their names separated by commas. An update without
alarms of its own is never taken back, whatever rings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.behaviours.sagemaker_endpoints import CONFIGURATION, ENDPOINT, machines
from mlstage.offline.provider.world import World

VARIABLE: Final = "MLSTAGE_OFFLINE_ALARMS"


def _answers(change: Change, world: World) -> Mapping[str, Any]:
    if change.operation != "update" or change.token != ENDPOINT:
        return {}
    before, after = (side.get("endpointConfigName") for side in (change.old, change.new))
    ringing = {name for name in os.environ.get(VARIABLE, "").split(",") if name}
    if before == after or ringing.isdisjoint(_alarms(change.new)):
        return {}
    # Without guardrails AWS updates all at once and looks at no alarm.
    if any(str(machine).startswith("ml.inf1.") for machine in machines(world, after)):
        return {}
    return {"endpointConfigName": before}


def _alarms(properties: Mapping[str, Any]) -> set[str]:
    deployment = properties.get("deploymentConfig") or {}
    listed = (deployment.get("autoRollbackConfiguration") or {}).get("alarms") or []
    return {str(alarm.get("alarmName")) for alarm in listed}


BEHAVIOUR: Final = Behaviour({CONFIGURATION: ("productionVariants",)}, answers=_answers)
