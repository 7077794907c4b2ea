"""The offline shell: what `python -m mlstage.offline env` prints makes plain `pulumi` run without AWS."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mlstage.offline import Engine, offline_environment, run_pulumi
from mlstage.offline.environment import search_path
from tests.engine_support import OfflineProject

pytestmark = pytest.mark.engine


def env(project: OfflineProject, *arguments: str, **changes: str) -> str:
    command = [sys.executable, "-m", "mlstage.offline", "env", *arguments]
    environ = {**os.environ, "MLSTAGE_ENGINE": "", **changes}
    path = search_path(project.engine, environ)
    return subprocess.run(
        command, cwd=project.root, env={**environ, "PATH": path}, capture_output=True, text=True, check=True
    ).stdout


def test_in_a_shell(project: OfflineProject) -> None:
    project.program('aws.sns.Topic("alarms")\n')
    lines = env(project)
    assert f"export PULUMI_BACKEND_URL={shlex.quote((project.root / '.mlstage/pulumi-state').as_uri())}\n" in lines
    typed = f"{lines}\npulumi up --stack test --yes && pulumi up --stack test --yes"
    done = subprocess.run(["sh", "-c", typed], cwd=project.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+ 2 created" in done.stdout
    assert "2 unchanged" in done.stdout
    assert "\x1b" not in done.stdout


def test_fish_and_awkward_values(project: OfflineProject) -> None:
    lines = env(project, "--shell", "fish", PATH="/usr/bin:/it's here\\").splitlines()
    path = next(line for line in lines if line.startswith("set -gx PATH "))
    assert path.endswith(":/it\\'s here\\\\';")
    assert all(line.startswith("set -gx ") and line.endswith("';") for line in lines)


def test_the_environment_is_stable(project: OfflineProject) -> None:
    once = offline_environment(project.root, engine=project.engine)
    assert offline_environment(project.root, engine=project.engine, environ=once) == once
    assert once["PULUMI_SKIP_CHECKPOINTS"] == "true"
    careful = offline_environment(project.root, engine=project.engine, environ=once, checkpoints=True)
    assert careful["PULUMI_SKIP_CHECKPOINTS"] == "false"


def test_run_pulumi_passes_output_and_exit_code(
    project: OfflineProject, capfd: pytest.CaptureFixture[str], engine: Engine
) -> None:
    project.program('aws.sns.Topic("alarms")\n')
    arguments = ["up", "--stack", "test", "--yes", "--skip-preview"]
    assert run_pulumi(arguments, offline=True, project_root=project.root, engine=engine) == 0
    assert "+ 2 created" in capfd.readouterr().out
    project.program("raise SystemExit(7)\n")
    assert run_pulumi(arguments, offline=True, project_root=project.root, engine=engine) != 0


def test_a_program_s_own_error_is_shown_once(project: OfflineProject) -> None:
    project.program('raise ValueError("the moon is full")\n')
    said = project.pulumi("preview", fails=True)
    diagnostics = said.partition("Diagnostics:")[2]
    assert diagnostics.count("ValueError: the moon is full") == 1
    assert "the program ended with exit code" not in diagnostics


def test_the_virtual_environment_of_the_project(project: OfflineProject) -> None:
    named = "name: demo\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\nmain: programs/\n"
    (project.root / "Pulumi.yaml").write_text(named)
    project.program('import sys\n\npulumi.export("prefix", sys.prefix)\n')
    if project.engine.source == "cache":  # Pulumi's own language host refuses here
        assert "/.venv of the runtime's options does not exist; using" in project.up()
    (project.root / ".venv").symlink_to(sys.prefix)
    project.up()
    assert project.outputs()["prefix"] == str(project.root / ".venv")


def test_a_policy_pack(project: OfflineProject, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("name: pack\nruntime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(
        "from pathlib import Path\n"
        "from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy\n"
        "def judge(args, report):\n"
        "    if 'LogGroup' in args.resource_type and 'retentionInDays' not in args.props:\n"
        "        report(f'keeps logs for ever ({Path.cwd().name})')\n"
        "policy = ResourceValidationPolicy('log-retention', 'Logs end.', judge)\n"
        "PolicyPack('pack', [policy], EnforcementLevel.MANDATORY)\n"
    )
    project.program('aws.cloudwatch.LogGroup("log")\n')
    said = project.pulumi("preview", "--policy-pack", str(pack), fails=True)
    assert "[mandatory]  log-retention  (aws:cloudwatch:LogGroup: log)" in said
    assert "keeps logs for ever (pack)" in said
    project.up("--policy-pack", str(pack), fails=True)
    assert project.events() == []
    project.program('aws.cloudwatch.LogGroup("log", retention_in_days=30)\n')
    project.up("--policy-pack", str(pack))
    assert project.done() == ["create LogGroup/log"]
