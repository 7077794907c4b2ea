"""The tools that mlstage is measured against, each in an environment of its own, as pinned in `requirements/`.

python -m benchmarks.support.peers checkov    installs it, once, and prints where it is
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from mlstage.offline.cache import cache_dir, locked

_REQUIREMENTS = Path(__file__).parents[2] / "requirements"


def peer(name: str) -> Path:
    """Give a peer's environment; `requirements/bench-NAME.txt` pins what is installed, outside of the checkout."""
    pins = _REQUIREMENTS / f"bench-{name}.txt"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    home = cache_dir() / "bench" / f"{name}-{digest}"
    done = home / ".installed"
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.with_suffix(".lock")):
        if not done.is_file():
            shutil.rmtree(home, ignore_errors=True)
            print(f"installing {name} into {home}", file=sys.stderr)
            _install(home, pins)
            done.touch()
    return home


def _install(home: Path, pins: Path) -> None:
    uv = shutil.which("uv") or next(map(str, sorted(cache_dir().glob("tools/uv-*/bin/uv"))), "")
    if not uv:
        sys.exit("uv is missing: `make setup` installs it")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
    python = str(home / "bin" / "python")
    # Compiled now, as pip would: what is measured is the tool, not its first start.
    command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "--require-hashes"]
    subprocess.run([*command, "--requirement", str(pins)], check=True)


if __name__ == "__main__":
    print(peer(sys.argv[1]))
