"""What moto does otherwise than AWS, and no added answer mends: by type and property, with what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# A second plan may want to change these, and only these.
DRIFTS: Final[Mapping[tuple[str, str], str]] = {}
# Not applied, and nothing of its stack: only validated and planned.
REFUSED: Final[Mapping[str, str]] = {}
