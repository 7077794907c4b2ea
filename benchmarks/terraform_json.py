"""Measure Terraform JSON as ratios: the same resources by mlstage and by cdktn's Python; then many more by mlstage.

python -m benchmarks.terraform_json [--endpoints 200] [--rounds 3] [--flat 200 1000 4000]

Both start cold and end with a `main.tf.json` or `cdk.tf.json` of the same resources under the same names. mlstage reads
a spec, checks it against AWS's limits, asks all its rules, and writes; cdktn makes the resources by its typed classes
for AWS, and synthesises. *Writing alone* leaves out, of mlstage, everything up to the graph, and of cdktn, its start.
Memory is the peak of the largest process: of cdktn, Node's alone. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.support.peers import peer

_SUPPORT = Path(__file__).parent / "support"
_AIM_TIMES, _AIM_MEMORY = 20, 8
_SPEC = """\
from mlstage import Autoscale, DataCapture, Environment, InvocationsPerInstance, Model, RealtimeEndpoint
from mlstage import SageMaker, Stage

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1"
environment = Environment(
    name="shop",
    owner="ml",
    stages={"prod": Stage(tier="production")},
    workloads=[
        RealtimeEndpoint(
            name=f"scorer-{number}",
            model=Model(image=IMAGE, artifact=f"s3://acme-models/{number}/model.tar.gz"),
            on=SageMaker(instance="ml.m5.xlarge"),
            capture=DataCapture(to="s3://acme-data/captured/"),
            replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
        )
        for number in range(ENDPOINTS)
    ],
)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program: its wall time, its largest process, and what it printed last."""

    seconds: float
    mb: float
    said: str


def main() -> None:
    """Print the comparison, then a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=200, help="eleven resources each; 0 leaves the peer out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flat", type=int, nargs="*", default=[200, 1000, 4000], help="endpoints of the larger stacks")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, {options.rounds} rounds, medians")
    if options.endpoints:
        _against_cdktn(options.endpoints, options.rounds)
    print(f"\n{'resources':>9} {'command s':>9} {'us each':>8} {'writing s':>9} {'us each':>8} {'MB':>6}")
    for endpoints in options.flat:
        _flat(endpoints, 1 if endpoints > options.endpoints else options.rounds)


def _against_cdktn(endpoints: int, rounds: int) -> None:
    python = peer("cdktn") / "bin/python"
    with tempfile.TemporaryDirectory(prefix="mlstage-bench-") as work:
        main_tf = _project(Path(work), endpoints)
        script = [str(python), str(_SUPPORT / "cdktn_stack.py"), str(main_tf), str(Path(work) / "cdktn")]
        _run(script, Path(work))
        _written(Path(work))
        ours, writing, theirs = [], [], []
        for _ in range(rounds):  # in turn, so that a busy moment meets both
            ours.append(_compiled(Path(work)))
            writing.append(_written(Path(work)))
            theirs.append(_run(script, Path(work)))
        _same(main_tf, Path(work) / "cdktn/stacks/stack/cdk.tf.json")
    synth = [json.loads(run.said) for run in theirs]
    alone = median(one["seconds"] - one["before"] for one in synth)
    print(f"{synth[0]['resources']} resources, the same of both by type, name and property")
    _ratio("whole command", median(run.seconds for run in ours), median(run.seconds for run in theirs))
    _ratio("writing alone", median(run["seconds"] for run in writing), alone)
    ratio = max(run.mb for run in theirs) / max(run.mb for run in ours)
    print(
        f"peak memory: mlstage {max(run.mb for run in ours):.0f} MB, cdktn {max(run.mb for run in theirs):.0f} MB,",
        end=" ",
    )
    print(f"{ratio:.1f} times less (the aim is {_AIM_MEMORY})")


def _ratio(what: str, ours: float, theirs: float) -> None:
    times = theirs / ours
    print(f"{what}: mlstage {ours:.2f} s, cdktn {theirs:.2f} s, {times:.1f} times faster (the aim is {_AIM_TIMES})")


def _flat(endpoints: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mlstage-bench-") as work:
        main_tf = _project(Path(work), endpoints)
        resources = sum(map(len, json.loads(main_tf.read_text(encoding="utf-8"))["resource"].values()))
        runs = [_compiled(Path(work)) for _ in range(rounds)]
        command, writing = median(run.seconds for run in runs), _written(Path(work))["seconds"]
    each = f"{command / resources * 1e6:>8.0f} {writing:>9.2f} {writing / resources * 1e6:>8.0f}"
    print(f"{resources:>9} {command:>9.2f} {each} {max(run.mb for run in runs):>6.0f}")


def _project(root: Path, endpoints: int) -> Path:
    """Write a project with so many endpoints, compile it, and give its Terraform JSON."""
    (root / "environments").mkdir()
    (root / "environments/shop.py").write_text(_SPEC.replace("ENDPOINTS", str(endpoints)))
    (root / "Pulumi.yaml").write_text("name: bench\nruntime: python\nmain: programs/\n")
    (root / "Pulumi.prod.yaml").write_text("config:\n  aws:region: us-east-1\n")
    _compiled(root)
    return root / "terraform/shop/prod/main.tf.json"


def _compiled(root: Path) -> Run:
    return _run([sys.executable, "-m", "mlstage", "compile", "--target", "terraform"], root)


def _written(root: Path) -> dict[str, float]:
    done = _run([sys.executable, str(_SUPPORT / "write_terraform.py")], root)
    said: dict[str, float] = json.loads(done.said)
    return said


def _run(command: list[str], root: Path) -> Run:
    """Run a program cold, with a timer around it that sees its largest process."""
    environ = {**os.environ, "MLSTAGE_SPEC_CACHE": "off", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    # As installed: every program was started once before, so that compiled Python is there.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    timed = [sys.executable, str(_SUPPORT / "timed.py"), *command]
    done = subprocess.run(timed, cwd=root, env=environ, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    *said, figures = done.stdout.splitlines()
    seconds, mb = map(float, figures.split())
    return Run(seconds, mb, said[-1] if said else "")


def _same(ours: Path, theirs: Path) -> None:
    """Stop if the two files do not have the same resources with the same properties."""
    mine = json.loads(ours.read_text(encoding="utf-8"))["resource"]
    other = json.loads(theirs.read_text(encoding="utf-8"))["resource"]
    for kind, named in mine.items():
        for name, given in named.items():
            twin = other.get(kind, {}).get(name)
            wanted = {key for key in given if key != "//"}
            if twin is None or wanted - set(twin):
                sys.exit(f"cdktn's {kind}.{name} lacks {', '.join(sorted(wanted - set(twin or {})))}")


if __name__ == "__main__":
    main()
