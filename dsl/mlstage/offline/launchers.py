"""The small executables that Pulumi starts: they find the interpreter of the project at hand and run our modules."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mlstage.offline.cache import cache_dir, write_atomic

# Set by the environment of `mlstage`: the interpreter that has mlstage and pulumi in it.
PYTHON_VARIABLE: Final = "MLSTAGE_PLUGIN_PYTHON"
_MARKER: Final = ".mlstage-launchers"

# The cache is shared by checkouts with virtual environments of their own, so no path of one of them may stand here.
# -P keeps a file of the user's, such as programs/json.py, from shadowing a library of ours.
_SCRIPT: Final = """\
#!/bin/sh
{before}for python in "${{MLSTAGE_PLUGIN_PYTHON:-}}" "${{VIRTUAL_ENV:+$VIRTUAL_ENV/bin/python}}" python3; do
    if [ -n "$python" ] && command -v "$python" >/dev/null 2>&1; then
        exec "$python" -P -m {module} "$@"
    fi
done
echo "mlstage: no Python found; set {variable} to the interpreter that has mlstage" >&2
exit 3
"""


def write_language_host(path: Path) -> None:
    """Write the `pulumi-language-python` that runs our language host; Pulumi's start script lies beside it."""
    before = 'MLSTAGE_LANGUAGE_EXEC="$(dirname "$0")/pulumi-language-python-exec"\nexport MLSTAGE_LANGUAGE_EXEC\n'
    write_atomic(path, _script("mlstage.offline.language_plugin", before), executable=True)


def offline_launchers() -> Path:
    """Give the folder that the offline environment puts first on PATH: `pulumi` and the stand-ins `pulumi-resource-…`.

    `pulumi` hands over to the real one after the few things that a run without AWS needs (`run.py`).
    """
    folder = cache_dir() / "offline"
    write_atomic(folder / _MARKER, "Launchers of mlstage; not a Pulumi installation.\n")
    write_atomic(folder / "pulumi", _script("mlstage.offline", "", "pulumi"), executable=True)
    write_atomic(folder / "pulumi-resource-aws", _script("mlstage.offline.provider"), executable=True)
    kubernetes = _script("mlstage.offline.provider", command="kubernetes")
    write_atomic(folder / "pulumi-resource-kubernetes", kubernetes, executable=True)
    return folder


def is_launcher_folder(folder: Path) -> bool:
    """Tell whether a folder of PATH is ours, so that looking for the real Pulumi does not find our own."""
    return (folder / _MARKER).is_file()


def _script(module: str, before: str = "", command: str = "") -> str:
    script = _SCRIPT.format(module=module, before=before, variable=PYTHON_VARIABLE)
    return script.replace('"$@"', f'{command} "$@"') if command else script
