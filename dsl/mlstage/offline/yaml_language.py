"""The language host for Pulumi programs in YAML: beside the engine, in the cache, or built there from Go modules."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mlstage.offline.cache import cache_dir, locked, staging
from mlstage.offline.engine import Engine
from mlstage.offline.errors import StepFailed, ToolMissing, not_writable
from mlstage.offline.progress import Progress

YAML_VERSION: Final = "1.25.0"
"""Of `pulumi-yaml`, as gomod_yaml/go.mod pins it."""

_NAME: Final = "pulumi-language-yaml"


def yaml_folder(engine: Engine, environ: Mapping[str, str]) -> Path | None:
    """Give the folder that has to be on PATH for programs in YAML; None where nobody got their language yet."""
    home = _home(environ)
    folders = (*engine.folders, home)
    return next((folder for folder in folders if os.access(folder / _NAME, os.X_OK)), None)


def find_yaml(
    engine: Engine,
    *,
    environ: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    build: Callable[[Path, Progress], None] | None = None,
) -> Path:
    """Give that folder, building the language host if need be. Raises `ToolMissing` if it cannot be had.

    Pulumi's releases bring it along; an engine that was built from its modules has none.
    """
    environ = os.environ if environ is None else environ
    progress = progress or Progress()
    home = _home(environ)
    try:
        with locked(home.with_name(f"{home.name}.lock"), progress, "building Pulumi's YAML language"):
            if found := yaml_folder(engine, environ):
                return found
            with staging(home) as folder:
                (build or _build)(folder / _NAME, progress)
    except StepFailed as error:
        raise ToolMissing(
            f"programs in YAML need {_NAME}, which could not be built: {error}",
            "install Pulumi itself (https://www.pulumi.com/docs/install/), which brings it, or Go 1.25.11 or newer"
            " (https://go.dev/dl/) with access to Go modules, and run this again",
        ) from error
    except OSError as error:
        raise not_writable(error) from error
    return home


def _home(environ: Mapping[str, str]) -> Path:
    return cache_dir(environ) / "engine" / f"yaml-{YAML_VERSION}"


def _build(target: Path, progress: Progress) -> None:
    from mlstage.offline.gomodules import build_yaml

    build_yaml(target, progress)
