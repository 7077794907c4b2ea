"""Three hundred environments in two stacks each: checked anew, checked again, and again after one spec changed.

usage: python benchmarks/fleet.py [ENVIRONMENTS ...]

Time in proportion to the number of environments shows as a steady last column; memory is the peak of all processes of
a run together, as their sum.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SPEC = (ROOT / "environments/ticket_router.py").read_text()
NAME = 'name="ticket-router"'


def project(folder: Path, environments: int) -> None:
    """Write a project with so many environments."""
    (folder / "environments").mkdir()
    (folder / "Pulumi.yaml").write_text("name: fleet\nruntime: python\nmain: programs/\n")
    for stack in ("test", "prod"):
        (folder / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: us-east-1\n")
    assert NAME in SPEC
    for number in range(environments):
        (folder / f"environments/e{number}.py").write_text(SPEC.replace(NAME, f'name="router-{number}"'))


def timed(folder: Path, *command: str) -> tuple[float, float]:
    """Run a command: seconds, and the peak of its memory in MB, all its processes together."""
    environ = {**os.environ, "MLSTAGE_CACHE": str(folder / "cache"), "MLSTAGE_SPEC_CACHE": "on"}
    started, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(
        [sys.executable, "-m", "mlstage", *command],
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0, f"{' '.join(command)}: exit code {process.returncode}"
    return time.perf_counter() - started, peak


def _memory(pid: int) -> float:
    """Sum the memory of a process and its children that is theirs alone or shared among them, in MB."""
    total = 0.0
    for one in [pid, *_children(pid)]:
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def main() -> None:
    """Print a line for each size."""
    sizes = [int(text) for text in sys.argv[1:]] or [100, 300]
    print(f"{'environments':>12} {'run':<28} {'seconds':>8} {'ms each':>8} {'MB':>6}")
    for size in sizes:
        with TemporaryDirectory() as name:
            folder = Path(name)
            project(folder, size)
            changed = folder / "environments/e0.py"
            runs = (("check", ["check"]), ("compile", ["compile"]), ("check, nothing changed", ["check"]))
            for what, command in (*runs, ("check, one spec changed", ["check"])):
                if what.endswith("spec changed"):
                    changed.write_text(changed.read_text() + "\n")
                seconds, memory = timed(folder, *command)
                print(f"{size:>12} {what:<28} {seconds:>8.2f} {1000 * seconds / size:>8.1f} {memory:>6.0f}")


if __name__ == "__main__":
    main()
