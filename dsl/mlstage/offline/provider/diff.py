"""What changed between two versions of a resource's inputs, and whether AWS replaces the resource for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from mlstage.graph.vocabulary import by_token
from mlstage.offline.provider import documents
from mlstage.offline.provider.naming import DEFAULTS, name_property
from mlstage.offline.provider.schema import ResourceType
from mlstage.offline.provider.values import camel_case, differences

# Names that AWS lets one change in place, although most names are fixed for ever.
_RENAMED_IN_PLACE: Final = frozenset({"aws:iam/user:User", "aws:iam/group:Group"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One smallest changed part: its path, `add`, `delete` or `update`, and whether it replaces the resource."""

    path: str
    kind: str
    replaces: bool


def compare(kind: ResourceType, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """List what changed, in order of path."""
    replacing = replacing_properties(kind)
    found = []
    for path, change in differences(_visible(old), _visible(new)):
        name = re.split(r"[.\[]", path, maxsplit=1)[0]
        field = kind.inputs.get(name)
        if name == "tagsAll" and kind.taggable and "tags" in new and old.get("tags") != new.get("tags"):
            continue  # follows from `tags`, which is shown
        is_document = path == name and field and documents.is_document(kind.token, name, field.shape)
        if is_document and documents.equal(old.get(name), new.get(name)):
            continue
        found.append(Difference(path, change, name in replacing))
    return found


def deletes_first(kind: ResourceType, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether a replacement must delete the old one first: the author fixed its name, and two cannot share it."""
    name = name_property(kind)
    return name is not None and name in new and name not in new.get(DEFAULTS, []) and old.get(name) == new[name]


@cache
def _replacing(token: str, documented: frozenset[str], name: str | None) -> frozenset[str]:
    known = by_token(token)
    if known is not None:
        found = {camel_case(text) for text in known.replaces}
    else:
        found = set(documented)
        if name and token not in _RENAMED_IN_PLACE:
            found |= {name, f"{name}Prefix"}
    return frozenset(found)


def replacing_properties(kind: ResourceType) -> frozenset[str]:
    """Give the properties whose change makes AWS's provider replace the resource.

    The vocabulary knows the types that mlstage emits; of the others, pulumi_aws's documentation says it of many
    properties, and a resource's own name and region are fixed by nature.
    """
    documented = frozenset(name for name, field in kind.inputs.items() if field.replaces)
    region = {"region"} & kind.inputs.keys()  # types of global services have none
    return _replacing(kind.token, documented, name_property(kind)) | region


def _visible(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}
