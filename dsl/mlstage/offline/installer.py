"""Get Pulumi the way its own installer does: the vendor's release archive."""

from __future__ import annotations

import platform
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Final

from mlstage.offline.errors import StepFailed
from mlstage.offline.progress import Progress

# The address that Pulumi's install script reads (https://www.pulumi.com/docs/install/, seen 2026-11-24).
_RELEASE: Final = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{system}-{machine}.tar.gz"
_SYSTEMS: Final = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
# Where it cannot be reached, the next way must begin at once.
_TIMEOUT_SECONDS: Final = 5.0


def download(folder: Path, progress: Progress) -> None:
    """Put the release's programs into `folder`."""
    from mlstage.offline.engine import ENGINE_VERSION

    system, machine = _SYSTEMS.get(platform.system()), _MACHINES.get(platform.machine().lower())
    if not system or not machine:
        raise StepFailed(f"there is no release for {platform.system()} on {platform.machine()}")
    address = _RELEASE.format(version=ENGINE_VERSION, system=system, machine=machine)
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer, tempfile.TemporaryFile() as file:
            with progress.step(f"downloading Pulumi {ENGINE_VERSION} (about 100 MB)"):
                shutil.copyfileobj(answer, file)
            file.seek(0)
            _unpack(file, folder)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise StepFailed(f"not reachable ({reason})") from error
    except (OSError, tarfile.TarError, EOFError) as error:
        raise StepFailed(f"the archive could not be unpacked ({error})") from error


def _unpack(file: IO[bytes], folder: Path) -> None:
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            name = Path(member.name).name
            source = archive.extractfile(member) if member.isfile() else None
            if source is None or not name.startswith("pulumi"):
                continue
            target = folder / name
            with target.open("wb") as out:
                shutil.copyfileobj(source, out)
            target.chmod(0o755)
