"""What the engine's own state knows, read from the file backend: the other half of what happened before a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

_BACKEND_VARIABLE: Final = "PULUMI_BACKEND_URL"


def known_ids(project: str, stack: str, environ: Mapping[str, str] | None = None) -> dict[str, set[str]] | None:
    """Map each URN of the saved state to the ids it has there; `None` if the state cannot be read."""
    environ = os.environ if environ is None else environ
    address = urlsplit(environ.get(_BACKEND_VARIABLE, ""))
    if address.scheme != "file":
        return None
    path = Path(unquote(address.path)) / ".pulumi" / "stacks" / project / f"{stack}.json"
    try:
        latest: Any = json.loads(path.read_text(encoding="utf-8"))["checkpoint"]["latest"]
        found: dict[str, set[str]] = {}
        for resource in (latest or {}).get("resources") or ():
            found.setdefault(resource["urn"], set()).add(resource.get("id", ""))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found
