"""OpenTofu from its Go modules, for maintainers who try what is written on it: `make opentofu`. Users install it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mlstage.offline.cache import cache_dir, locked, staging
from mlstage.offline.errors import OfflineError
from mlstage.offline.progress import Progress

OPENTOFU_VERSION: Final = "1.12.6"


def find_opentofu(environ: Mapping[str, str] | None = None) -> Path | None:
    """Find `tofu` on PATH, else where `make opentofu` puts it; None if it is in neither place."""
    environ = os.environ if environ is None else environ
    if found := shutil.which("tofu", path=environ.get("PATH", "")):
        return Path(found)
    built = _built(environ)
    return built if os.access(built, os.X_OK) else None


def _built(environ: Mapping[str, str]) -> Path:
    return cache_dir(environ) / "opentofu" / OPENTOFU_VERSION / "tofu"


def main() -> int:
    """Build it unless it is there, and say where it is; its exit code is that of `mlstage` itself."""
    from mlstage.offline.gomodules import build_opentofu

    progress = Progress()
    try:
        with locked(_built(os.environ).parent.with_suffix(".lock"), progress, "building OpenTofu"):
            found = find_opentofu()
            if found is None:
                with staging(_built(os.environ).parent) as folder:
                    build_opentofu(folder / "tofu", progress)
                found = _built(os.environ)
    except OfflineError as error:
        print(f"mlstage: {error}", file=sys.stderr)
        return 3
    progress.say(f"OpenTofu is ready: MLSTAGE_TERRAFORM={found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
