"""The environment in which the real Pulumi runs without AWS."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mlstage.offline.engine import Engine, find_engine
from mlstage.offline.launchers import PYTHON_VARIABLE, is_launcher_folder, offline_launchers
from mlstage.offline.project import Project, find_project
from mlstage.offline.yaml_language import yaml_folder

ENGINE_VARIABLE: Final = "MLSTAGE_ENGINE"
WORLD_VARIABLE: Final = "MLSTAGE_OFFLINE_WORLD"
# It protects nothing: what an offline stack keeps secret is made up.
_PASSPHRASE: Final = "mlstage-offline"


def offline_environment(
    project_root: Path,
    *,
    engine: Engine | None = None,
    environ: Mapping[str, str] | None = None,
    checkpoints: bool = False,
) -> dict[str, str]:
    """Give the whole environment of a run without AWS, for `subprocess`; it gets an engine if there is none.

    `checkpoints` makes the engine save its state after every resource, as it does for real stacks: slow, and needed
    only to try out interruptions.
    """
    environ = os.environ if environ is None else environ
    engine = engine or find_engine(environ=environ)
    return {**environ, **offline_variables(find_project(project_root), engine, environ, checkpoints=checkpoints)}


def offline_variables(
    project: Project, engine: Engine, environ: Mapping[str, str], *, checkpoints: bool = False
) -> dict[str, str]:
    """Give only the variables that differ from the environment given."""
    variables = {
        "PATH": search_path(engine, environ, first=offline_launchers()),
        PYTHON_VARIABLE: sys.executable,
        ENGINE_VARIABLE: str(engine.pulumi),
        WORLD_VARIABLE: str(project.world),
        "PULUMI_BACKEND_URL": project.state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
        # A home of its own: the user's login, selected stacks and installed plugins have no part in this.
        "PULUMI_HOME": str(project.work / "pulumi-home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "false",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        # Skipping checkpoints is an experimental option of the engine's, right for stacks that may be thrown away.
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "false" if checkpoints else environ.get("PULUMI_SKIP_CHECKPOINTS", "true"),
    }
    return {name: value for name, value in variables.items() if environ.get(name) != value}


def search_path(engine: Engine, environ: Mapping[str, str], first: Path | None = None) -> str:
    """Give a PATH on which the engine finds its plugins, and programs find this interpreter."""
    yaml = yaml_folder(engine, environ)
    own = [*([first] if first else []), *engine.folders, *([yaml] if yaml else []), Path(sys.executable).parent]
    rest = [part for part in environ.get("PATH", os.defpath).split(os.pathsep) if part]
    rest = [part for part in rest if not is_launcher_folder(Path(part))]
    return os.pathsep.join(dict.fromkeys([*map(str, own), *rest]))
