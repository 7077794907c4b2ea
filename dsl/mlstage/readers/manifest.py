"""Waivers as they reach an engine: through the manifest that `mlstage compile` leaves beside the programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from mlstage.readers.errors import ReadError
from mlstage.rules.waivers import Waiver, waivers_of

MANIFEST: Final = Path("programs/manifest.json")


def read_waivers(places: Iterable[Path], stack: str, project: str | None) -> tuple[Waiver, ...]:
    """Read a stack's waivers from its project's manifest, the first found.

    A pack may judge programs of another project than the one that it lies in: that one's waivers are not for them.
    None stands for whichever project lies there.
    Raises `ReadError`; no manifest means no waivers.
    """
    for place in places:
        path = place / MANIFEST
        if not path.is_file() or (project is not None and _project_at(place) not in ("", project)):
            continue
        try:
            stacks = json.loads(path.read_text(encoding="utf-8"))["stacks"]
            entries = stacks.get(stack, {}).get("waivers", [])
            environments = tuple(sorted({name for one in stacks.values() for name in one.get("programs", {})}))
            return tuple(replace(waiver, neighbours=environments) for waiver in waivers_of(entries))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ReadError(f"{MANIFEST.as_posix()} is not as `mlstage compile` writes it ({error})") from error
    return ()


def _project_at(place: Path) -> str:
    """Give the name of the Pulumi project in a folder; empty if there is none that can be read."""
    import yaml

    try:
        settings = yaml.safe_load((place / "Pulumi.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    return str(settings.get("name", "")) if isinstance(settings, dict) else ""
