"""Time `pulumi preview`, `up` and `destroy` of 500 resources without AWS, on the real engine; prints, asserts nothing.

python -m benchmarks.offline_up [--resources 500] [--checkpoints]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlstage.offline import find_engine, offline_environment

# Five kinds of resource that a SageMaker environment has, with references between them.
_PROGRAM = """\
import json

import pulumi_aws as aws

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
})
ACCESS = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/*"}],
})
for index in range(COUNT):
    role = aws.iam.Role(f"role-{index}", assume_role_policy=TRUST, tags={"owner": "ml"})
    aws.iam.RolePolicy(f"access-{index}", role=role.id, policy=ACCESS)
    aws.cloudwatch.LogGroup(f"log-{index}", retention_in_days=30, tags={"owner": "ml"})
    model = aws.sagemaker.Model(
        f"model-{index}",
        execution_role_arn=role.arn,
        primary_container={"image": "image:1", "model_data_url": "s3://models/model.tar.gz"},
    )
    aws.sagemaker.EndpointConfiguration(
        f"config-{index}",
        production_variants=[{
            "variant_name": "main",
            "model_name": model.name,
            "instance_type": "ml.m5.xlarge",
            "initial_instance_count": 1,
        }],
    )
"""


def main() -> None:
    """Run the four commands and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=500)
    parser.add_argument("--checkpoints", action="store_true", help="save the state after each resource, as for real")
    options = parser.parse_args()
    engine = find_engine()
    with tempfile.TemporaryDirectory(prefix="mlstage-bench-") as folder:
        root = Path(folder)
        (root / "Pulumi.yaml").write_text("name: bench\nruntime: python\nmain: programs/\n")
        (root / "Pulumi.test.yaml").write_text("config:\n  aws:region: us-east-1\n")
        (root / "programs").mkdir()
        program = _PROGRAM.replace("COUNT", str(options.resources // 5))
        (root / "programs" / "__main__.py").write_text(program)
        environ = offline_environment(root, engine=engine, checkpoints=options.checkpoints)
        print(f"Pulumi {engine.version}, {options.resources} resources, {os.cpu_count()} processors")
        _time("preview, new", root, environ, "preview")
        _time("up, new", root, environ, "up", "--yes", "--skip-preview")
        _time("up, unchanged", root, environ, "up", "--yes", "--skip-preview")
        _time("destroy", root, environ, "destroy", "--yes", "--skip-preview")


def _time(label: str, root: Path, environ: dict[str, str], *command: str) -> None:
    start = time.perf_counter()
    done = subprocess.run(
        ["pulumi", *command, "--stack", "test"], cwd=root, env=environ, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{label}: pulumi failed\n{done.stdout}{done.stderr}")
    print(f"{label:16} {seconds:6.1f} s")


if __name__ == "__main__":
    main()
