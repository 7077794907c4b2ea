"""Measure policy as ratios: a Terraform plan against checkov, and a Pulumi preview with the pack against one without.

python -m benchmarks.policy [--resources 2000] [--preview 500] [--rounds 3] [--plan FILE]

Both tools judge the same file from a cold start, in turn, each on its fastest settings that still judge all; so do the
previews. Every program was started once before, so that compiled Python is there. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.support.peers import peer
from benchmarks.support.plans import PREVIEW_PROGRAM, REFUSED_PROGRAM, planned

ROOT = Path(__file__).parents[1]
TARGET = 20


def main() -> None:
    """Measure both, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, default=2000, help="in the plan; 0 leaves it out")
    parser.add_argument("--preview", type=int, default=500, help="resources in the preview; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plan", type=Path, help="a plan that is there already, as JSON")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, {options.rounds} rounds, medians of wall time")
    with tempfile.TemporaryDirectory(prefix="mlstage-bench-") as work:
        if options.plan or options.resources:
            plan = options.plan or planned(options.resources, Path(work) / "plan")
            _against_checkov(plan, options.rounds)
        if options.preview:
            for kind, program in (("sound", PREVIEW_PROGRAM), ("refused", REFUSED_PROGRAM)):
                written = program.replace("COUNT", str(options.preview // 10))
                _with_pack(f"{options.preview} {kind} resources", options.rounds, Path(work) / kind, written)


def _against_checkov(plan: Path, rounds: int) -> None:
    mlstage = [
        sys.executable,
        "-m",
        "mlstage",
        "check",
        "--plan",
        str(plan),
        "--tier",
        "production",
        "--format",
        "json",
    ]
    checkov = [
        str(peer("checkov") / "bin/checkov"),
        "--file",
        str(plan),
        "--framework",
        "terraform_plan",
        "--output",
        "json",
    ]
    checkov += ["--compact", "--quiet", "--skip-download"]
    ours, theirs = _in_turn(rounds, lambda: _run(mlstage), lambda: _run(checkov))
    judged = json.loads(_run(mlstage))["judged"][0]["judged"]
    said = json.loads(_run(checkov))
    reports = said if isinstance(said, list) else [said]
    checked = sum(report["summary"]["resource_count"] for report in reports)
    print(f"plan: mlstage judged {judged} resources in {ours}, checkov {checked} in {theirs}")
    print(f"plan: {theirs.wall / ours.wall:.1f} times faster than checkov (at least {TARGET} is the aim)")


def _with_pack(what: str, rounds: int, root: Path, program: str) -> None:
    from mlstage.offline import find_engine, offline_environment

    (root / "programs").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: bench\nruntime: python\nmain: programs/\n")
    (root / "Pulumi.prod.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (root / "programs" / "__main__.py").write_text(program)
    environ = offline_environment(root, engine=find_engine())
    preview = ["pulumi", "preview", "--stack", "prod", "--non-interactive"]
    # `learning` only advises, so that the preview goes to its end.
    pack = [f"--policy-pack={ROOT / 'policies'}", f"--policy-pack-config={ROOT / 'policies' / 'learning.json'}"]
    bare, judged = _in_turn(
        rounds, lambda: _run(preview, root, environ), lambda: _run([*preview, *pack], root, environ)
    )
    said = len(re.findall(r"^ +- \[\w+\]", _run([*preview, *pack], root, environ), re.MULTILINE))
    print(f"preview of {what}: {bare} without the pack, {judged} with it, which says {said} things")
    added = judged.wall - bare.wall
    print(
        f"preview: {judged.wall / bare.wall:.2f} times as long with the pack; {added:+.2f} s (at most +1.5 is the aim)"
    )


@dataclass(frozen=True)
class Taken:
    """How long a command took: by the clock, and of processors."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.processor:.2f} s of processors)"


def _in_turn(rounds: int, *runs: Callable[[], str]) -> tuple[Taken, ...]:
    """Time runs in turn, so that whatever slows the machine slows all of them; the first of each does not count."""
    for run in runs:
        run()
    times: list[list[Taken]] = [[] for _ in runs]
    for _ in range(rounds):
        for taken, run in zip(times, runs, strict=True):
            start, used = time.perf_counter(), _processors()
            run()
            taken.append(Taken(time.perf_counter() - start, _processors() - used))
    return tuple(Taken(median(one.wall for one in many), median(one.processor for one in many)) for many in times)


def _processors() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _run(command: list[str], folder: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    clean = {key: value for key, value in (environ or os.environ).items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)
    # 1 says that something was found.
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
