"""For tests of workflows: a step of theirs, run as GitHub's shell runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

WORKFLOWS = Path(__file__).parents[2] / ".github/workflows"


def workflow(name: str) -> dict[str, Any]:
    # YAML 1.1 takes the key `on` for true.
    document: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in document.items()}


def run_step(folder: Path, step: Mapping[str, Any], **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a step in a folder, without any credentials; `PATH` begins with what stands in for programs of a runner."""
    ours = os.pathsep.join([environ.pop("PATH", ""), str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key != "MLSTAGE_DEBUG"}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**kept, "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **environ, "PATH": ours.lstrip(os.pathsep)},
        capture_output=True,
        text=True,
    )
