"""Build Pulumi, its YAML language and OpenTofu from their Go modules, where only package registries can be reached."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

from mlstage.offline.errors import StepFailed
from mlstage.offline.progress import Progress

_COMMAND: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_YAML_COMMAND: Final = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
_OPENTOFU_COMMAND: Final = "github.com/opentofu/opentofu/cmd/tofu"
_SDK: Final = "github.com/pulumi/pulumi/sdk/v3"
_VERSION_VARIABLE: Final = f"{_SDK}/go/common/version.Version"
# The `go` line of gomod/go.mod, which Pulumi's own modules ask for.
OLDEST_GO: Final = (1, 25, 11)


def build(folder: Path, progress: Progress) -> None:
    """Build `pulumi` into `folder` and copy Pulumi's own Python start script beside it."""
    from mlstage.offline.engine import ENGINE_VERSION, LANGUAGE_EXEC

    with _modules("gomod") as (go, work):
        flags = f"-s -w -X {_VERSION_VARIABLE}={ENGINE_VERSION}"
        with progress.step(f"building Pulumi {ENGINE_VERSION} from its Go modules, about 3 minutes the first time"):
            _go(go, work, "build", "-trimpath", "-ldflags", flags, "-o", str(folder / "pulumi"), _COMMAND)
        sdk = Path(_go(go, work, "list", "-m", "-f", "{{.Dir}}", _SDK).strip())
    script = sdk / "python" / "cmd" / LANGUAGE_EXEC
    if not script.is_file():
        raise StepFailed(f"{_SDK} has no python/cmd/{LANGUAGE_EXEC}")
    # Module files are read-only; the copy must be executable, and removable again.
    shutil.copyfile(script, folder / LANGUAGE_EXEC)
    (folder / LANGUAGE_EXEC).chmod(0o755)


def build_yaml(target: Path, progress: Progress) -> None:
    """Build the language host for programs in YAML as `target`.

    It has modules of its own: the newest that is served was written for an older engine's packages, and speaks to any
    engine.
    """
    what = "building Pulumi's YAML language from its Go modules, about a minute the first time"
    with _modules("gomod_yaml") as (go, work), progress.step(what):
        _go(go, work, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(target), _YAML_COMMAND)


def build_opentofu(target: Path, progress: Progress) -> None:
    """Build OpenTofu as `target`. Its own go.mod replaces a module, so it cannot be built without one of ours."""
    from mlstage.offline.opentofu import OPENTOFU_VERSION

    what = f"building OpenTofu {OPENTOFU_VERSION} from its Go modules, about 6 minutes the first time"
    flags = "-s -w -X github.com/opentofu/opentofu/version.dev=no"
    with _modules("gomod_opentofu") as (go, work), progress.step(what):
        _go(go, work, "build", "-trimpath", "-ldflags", flags, "-o", str(target), _OPENTOFU_COMMAND)


@contextmanager
def _modules(name: str) -> Iterator[tuple[str, str]]:
    """Give the go command and a folder with pinned modules to build from."""
    go = shutil.which("go")
    if not go:
        raise StepFailed("the go command is not on PATH")
    with tempfile.TemporaryDirectory(prefix="mlstage-go-") as work:
        for file in ("go.mod", "go.sum"):
            text = (files("mlstage.offline") / name / file).read_text(encoding="utf-8")
            (Path(work) / file).write_text(text, encoding="utf-8")
        yield go, work


def _go(go: str, work: str, *args: str) -> str:
    environ = {**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
    try:
        done = subprocess.run([go, *args], cwd=work, env=environ, capture_output=True, text=True)
    except OSError as error:
        raise StepFailed(f"{go} does not run ({error})") from error
    if done.returncode == 0:
        return done.stdout
    if (version := _go_version(go)) and version < OLDEST_GO:
        raise StepFailed(
            f"the go command is version {_dotted(version)}, too old to build Pulumi ({_dotted(OLDEST_GO)} or newer)"
        )
    last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
    raise StepFailed(f"`go {args[0]}` failed: {last}")


def _go_version(go: str) -> tuple[int, ...]:
    # GOTOOLCHAIN=local: ask what is installed, not what go could fetch.
    environ = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run([go, "version"], capture_output=True, text=True, env=environ)
    except OSError:
        return ()
    found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
