"""A role with policies cannot be deleted: they must be detached, and inline ones deleted, first.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.offline.provider.behaviours.model import Behaviour, Change
from mlstage.offline.provider.world import World

_ROLE: Final = "aws:iam/role:Role"
_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_INLINE: Final = "aws:iam/rolePolicy:RolePolicy"


def _refuses(change: Change, world: World) -> Iterator[str]:
    # `forceDetachPolicies` makes the provider detach and delete them itself before it deletes the role.
    if change.operation != "delete" or change.token != _ROLE or change.old.get("forceDetachPolicies") is True:
        return
    if any(thing.facts.get("role") == change.id for thing in world.things(_ATTACHMENT)):
        yield "DeleteConflict: Cannot delete entity, must detach all policies first."
    elif any(thing.facts.get("role") == change.id for thing in world.things(_INLINE)):
        yield "DeleteConflict: Cannot delete entity, must delete policies first."


BEHAVIOUR: Final = Behaviour({_ATTACHMENT: ("role",), _INLINE: ("role",)}, _refuses)
