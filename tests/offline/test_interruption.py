"""A `pulumi up` killed in the middle: the next one goes on, loses nothing and doubles nothing."""

import signal
import subprocess
import time
from collections import Counter

import pytest

from tests.engine_support import OfflineProject

pytestmark = pytest.mark.engine

COUNT = 80
PROGRAM = f"""\
for index in range({COUNT}):
    aws.cloudwatch.LogGroup(f"log-{{index}}", name=f"/app/{{index}}")
    aws.ec2.Vpc(f"vpc-{{index}}", cidr_block="10.0.0.0/16") if index % 4 == 0 else None
"""
TOTAL = COUNT + COUNT // 4


@pytest.mark.parametrize("checkpoints", [True, False])
def test_killed_and_run_again(project: OfflineProject, checkpoints: bool) -> None:
    project.program(PROGRAM)
    environment = project.environment(checkpoints=checkpoints)
    command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "test"]
    with subprocess.Popen(command, cwd=project.root, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(project.events()) < TOTAL // 3:
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)

    said = project.up(checkpoints=checkpoints)
    assert "was killed and left its lock on stack 'test'; released it" in said

    resources = project.resources()
    assert len(resources) == TOTAL
    assert resources["LogGroup/log-7"]["outputs"]["arn"].endswith(":log-group:/app/7")
    made = Counter(event["urn"] for event in project.events() if event["operation"] == "create")
    assert {urn: count for urn, count in made.items() if count != 1} == {}
    assert len(made) == TOTAL
    ids = {event["urn"]: event["id"] for event in project.events()}
    assert {resource["urn"]: resource["id"] for resource in resources.values()} == ids
    assert f"{TOTAL + 1} unchanged" in project.up(checkpoints=checkpoints)
    assert f"{TOTAL + 1} deleted" in project.destroy()


def test_a_killed_run_leaves_no_process(project: OfflineProject) -> None:
    project.program("import time\ntime.sleep(60)\n")
    command = ["pulumi", "preview", "--stack", "test"]
    with subprocess.Popen(command, cwd=project.root, env=project.environment(), stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not running_in(project):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while left := running_in(project):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_ctrl_c_ends_quietly(project: OfflineProject) -> None:
    project.program("import time\ntime.sleep(60)\n")
    command = ["pulumi", "preview", "--stack", "test"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=project.root, env=project.environment(), stdout=pipe, stderr=pipe) as process:
        deadline = time.monotonic() + 30
        while not any("pulumi-language-python-exec" in line for line in running_in(project)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    said = out.decode() + err.decode()
    assert "preview canceled" in said
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said


def running_in(project: OfflineProject) -> list[str]:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(project.root) in line]
