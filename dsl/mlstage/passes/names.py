"""Names in AWS: readable, bounded, and never cut off silently."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_HASH_LENGTH: Final = 8


def physical_name(*parts: str, limit: int = 63) -> str:
    """Join parts with hyphens; a name longer than `limit` is shortened and ends in a hash of the whole.

    Two different names stay different when shortened, and the same name is shortened the same way everywhere.
    """
    name = "-".join(part for part in parts if part)
    if len(name) <= limit:
        return name
    digest = sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: limit - _HASH_LENGTH - 1].rstrip('-')}-{digest}"
