"""The real formatter, linter and their settings, for what programs are compared with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def formatted(text: str) -> str:
    """Give what `ruff format` leaves of a program."""
    return _ruff("format", text)


def lint(text: str) -> str:
    """Give what `ruff check` objects to in a program; empty if nothing."""
    return _ruff("check", text, "--output-format=concise", "--quiet", "--exit-zero")


def _ruff(command: str, text: str, *options: str) -> str:
    place = ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename", str(ROOT / "programs" / "any" / "prod.py")]
    ruff = [sys.executable, "-m", "ruff", command, "--no-cache", *options, *place, "-"]
    done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=False, cwd=ROOT)
    assert not done.returncode, done.stderr
    return done.stdout
