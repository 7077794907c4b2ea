"""Find the real Pulumi, or get it once into the cache: PATH, cache, Pulumi's own installer, its Go modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstage.offline.cache import cache_dir, locked, staging
from mlstage.offline.errors import StepFailed, ToolMissing, not_writable
from mlstage.offline.launchers import is_launcher_folder, write_language_host
from mlstage.offline.progress import Progress

ENGINE_VERSION: Final = "3.259.0"
# Older engines do not know the calls that the language host and the stand-in provider answer.
OLDEST_VERSION: Final = (3, 200, 0)
LANGUAGE_HOST: Final = "pulumi-language-python"
LANGUAGE_EXEC: Final = "pulumi-language-python-exec"


@dataclass(frozen=True, slots=True)
class Engine:
    """A Pulumi that was run and answered. `folders` must be on PATH for it to find its Python language host."""

    pulumi: Path
    version: str
    source: str
    folders: tuple[Path, ...]


Fetch = Callable[[Path, Progress], None]


def default_sources() -> tuple[tuple[str, Fetch], ...]:
    """Give the ways of getting an engine that is not there yet, in the order in which they are tried."""
    from mlstage.offline.gomodules import build
    from mlstage.offline.installer import download

    return (("Pulumi's installer", download), ("Pulumi's Go modules", build))


def find_engine(
    *,
    environ: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    sources: Sequence[tuple[str, Fetch]] | None = None,
) -> Engine:
    """Give a working engine, fetching or building it if need be. Raises `ToolMissing` if none can be had."""
    environ = os.environ if environ is None else environ
    progress = progress or Progress()
    reasons: list[str] = []
    try:
        return _on_path(environ)
    except StepFailed as error:
        reasons.append(str(error))
    home = cache_dir(environ) / "engine" / ENGINE_VERSION
    try:
        return _in_cache(home)
    except StepFailed:
        pass
    try:
        with locked(home.with_name(f"{ENGINE_VERSION}.lock"), progress, f"setting up Pulumi {ENGINE_VERSION}"):
            return _fetch(home, progress, default_sources() if sources is None else sources, reasons)
    except OSError as error:
        raise not_writable(error) from error


def run_version(pulumi: Path) -> str:
    """Run `pulumi version` and give its answer without the `v`. Raises `StepFailed` if it does not run."""
    try:
        done = subprocess.run(
            [str(pulumi), "version"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StepFailed(f"{pulumi} does not run ({error})") from error
    found = re.match(r"v?(\d+\.\d+\.\d+\S*)", done.stdout.strip())
    if done.returncode != 0 or not found:
        raise StepFailed(f"{pulumi} does not answer `pulumi version`")
    return found.group(1)


def _on_path(environ: Mapping[str, str]) -> Engine:
    search = [part for part in environ.get("PATH", "").split(os.pathsep) if part and not is_launcher_folder(Path(part))]
    found = shutil.which("pulumi", path=os.pathsep.join(search)) if search else None
    if not found:
        raise StepFailed("pulumi is not on PATH")
    pulumi = Path(found)
    version = run_version(pulumi)
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < OLDEST_VERSION:
        oldest = ".".join(map(str, OLDEST_VERSION))
        raise StepFailed(f"{pulumi} is version {version}; {oldest} or newer is needed")
    beside = pulumi.resolve().parent / LANGUAGE_HOST
    if os.access(beside, os.X_OK):
        return Engine(pulumi, version, "PATH", tuple(dict.fromkeys((pulumi.parent, beside.parent))))
    host = shutil.which(LANGUAGE_HOST, path=os.pathsep.join(search))
    if not host:
        raise StepFailed(f"{pulumi} has no {LANGUAGE_HOST} beside it or on PATH")
    return Engine(pulumi, version, "PATH", tuple(dict.fromkeys((pulumi.parent, Path(host).parent))))


def _in_cache(home: Path) -> Engine:
    folder = home / "bin"
    for name in ("pulumi", LANGUAGE_HOST, LANGUAGE_EXEC):
        if not os.access(folder / name, os.X_OK):
            raise StepFailed(f"{folder / name} is missing")
    return Engine(folder / "pulumi", run_version(folder / "pulumi"), "cache", (folder,))


def _fetch(home: Path, progress: Progress, sources: Sequence[tuple[str, Fetch]], reasons: list[str]) -> Engine:
    try:
        return _in_cache(home)  # another process has set it up while this one waited
    except StepFailed as error:
        if home.exists():
            progress.say(f"the cached Pulumi does not work and is set up again ({error})")
    for name, fetch in sources:
        try:
            with staging(home) as folder:
                (folder / "bin").mkdir()
                fetch(folder / "bin", progress)
                if not os.access(folder / "bin" / LANGUAGE_HOST, os.X_OK):
                    write_language_host(folder / "bin" / LANGUAGE_HOST)
                version = run_version(folder / "bin" / "pulumi")
            progress.say(f"Pulumi {version} is ready in {home / 'bin'}")
            return _in_cache(home)
        except StepFailed as error:
            reasons.append(f"{name}: {error}")
    raise ToolMissing(
        "Pulumi is not on this machine and could not be set up: " + "; ".join(reasons),
        f"install Pulumi {'.'.join(map(str, OLDEST_VERSION))} or newer (https://www.pulumi.com/docs/install/) so that"
        " `pulumi` and `pulumi-language-python` are on PATH, or install Go 1.25.11 or newer (https://go.dev/dl/) with"
        " access to Go modules, and run this again",
    )
