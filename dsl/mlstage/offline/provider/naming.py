"""Names that AWS needs and the author left out: made as the real provider makes them."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from mlstage.offline.provider.schema import ResourceType

# Inputs that were filled in rather than written are listed under this key, as the real provider does.
DEFAULTS: Final = "__defaults"

# Types whose own name is not called `name`.
_NAME_PROPERTIES: Final = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
}
# Types whose names AWS takes in lower case only.
_LOWER_CASE: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws:ecr/repository:Repository"})
_LONGEST: Final = 255


def name_property(kind: ResourceType) -> str | None:
    """Give the property that the provider fills in when it is left out."""
    name = _NAME_PROPERTIES.get(kind.token, "name")
    return name if name in kind.inputs else None


def with_name(
    kind: ResourceType, inputs: dict[str, Any], logical: str, old: dict[str, Any], seed: bytes, wish: Any = None
) -> dict[str, Any]:
    """Fill in the name; one that was filled in before is kept. `wish` is the project's own rule for names, if any."""
    name = name_property(kind)
    if name is None or name in inputs or f"{name}Prefix" in inputs:
        return inputs
    if name in old.get(DEFAULTS, []) and name in old:
        return {**inputs, name: old[name], DEFAULTS: [name]}
    if wish is not None and wish.mode == wish.DISABLE:
        return inputs
    if wish is not None and wish.proposed_name:
        return {**inputs, name: wish.proposed_name, DEFAULTS: [name]}
    text = f"{logical}-{_hex(seed, logical, 7)}"[-_LONGEST:]
    if kind.token in _LOWER_CASE:
        text = text.lower().replace("_", "-")
    if inputs.get("fifoTopic") is True or inputs.get("fifoQueue") is True:
        text += ".fifo"
    return {**inputs, name: text, DEFAULTS: [name]}


def _hex(seed: bytes, logical: str, digits: int) -> str:
    # The engine's seed differs for every resource and for every replacement of it, and repeats from run to run.
    return hashlib.sha256(seed + b"\0" + logical.encode()).hexdigest()[:digits]
