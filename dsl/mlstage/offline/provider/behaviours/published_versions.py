"""A function that publishes: every change of its code or its configuration is another version, whose number AWS gives.

The real provider knows in a preview that there will be one, and not which (terraform-provider-aws,
internal/service/lambda/function.go, updateComputedAttributesOnPublish): what names a version is unknown until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import World

FUNCTION: Final = "aws:lambda/function:Function"
_NAMING: Final = ("version", "qualifiedArn", "qualifiedInvokeArn")
# What a version does not hold.
_OUTSIDE: Final = frozenset({"tags", "tagsAll", "reservedConcurrentExecutions", "skipDestroy", "publish", "region"})


def _publishes(change: Change) -> bool:
    if change.operation != "update" or change.token != FUNCTION or change.new.get("publish") is not True:
        return False
    held = (name for name in change.new if name not in _OUTSIDE and name not in _NAMING and not name.startswith("__"))
    return any(change.new[name] != change.old.get(name) for name in held)


def _recomputes(change: Change) -> Iterable[str]:
    return _NAMING if _publishes(change) else ()


def _answers(change: Change, _: World) -> Mapping[str, Any]:
    if not _publishes(change):
        return {}
    former = str(change.old.get("version", "0"))
    version = str(int(former) + 1) if former.isdecimal() else "1"
    named = {name: change.old[name] for name in _NAMING[1:] if isinstance(change.old.get(name), str)}
    return {"version": version, **{name: _with_version(text, former, version) for name, text in named.items()}}


def _with_version(text: str, former: str, version: str) -> str:
    """Put a version in the place of the former one: `…:function:NAME:1`, alone or before `/invocations`."""
    return version.join(text.rsplit(former, 1)) if f":{former}" in text else text


BEHAVIOUR: Final = Behaviour({}, answers=_answers, recomputes=_recomputes)
