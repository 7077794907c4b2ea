"""Stacks without AWS: made on first use, with the committed files left as they are."""

import io
import json
import os
import socket
from pathlib import Path

import pytest
import yaml

from mlstage.offline.errors import OfflineError
from mlstage.offline.progress import Progress
from mlstage.offline.project import Project, find_project
from mlstage.offline.run import _parse
from mlstage.offline.stacks import SECRET_PLACEHOLDER, private_config, release_stale_locks
from tests.engine_support import OfflineProject

COMMITTED = """\
# what the team agreed on
secretsprovider: awskms://alias/team
encryptedkey: AQICAHg
environment:
  - team/shared
config:
  aws:region: us-east-1   # near the data
  demo:on: yes
  demo:account: 012345678901
  demo:day: 2026-01-31
  demo:password:
    secure: AAABAKjs
  demo:nested:
    list:
      - secure: AAABAP
      - plain
"""


@pytest.fixture
def quiet() -> tuple[Progress, io.StringIO]:
    said = io.StringIO()
    return Progress(said), said


def a_project(root: Path, stack_file: str = COMMITTED) -> Project:
    (root / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (root / "Pulumi.test.yaml").write_text(stack_file)
    found = find_project(root)
    state = found.state / ".pulumi" / "stacks" / "demo" / "test.json"
    state.parent.mkdir(parents=True)
    providers = {"type": "passphrase", "state": {"salt": "v1:salt"}}
    state.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"secrets_providers": providers}}}))
    return found


def test_the_copy_that_operations_read(tmp_path: Path, quiet: tuple[Progress, io.StringIO]) -> None:
    path = private_config(a_project(tmp_path), "test", quiet[0])
    assert path.is_relative_to(tmp_path / ".mlstage")
    # Read as text alone: `yes`, a leading zero and a date must come through as they were written.
    assert yaml.load(path.read_text(), yaml.BaseLoader) == {
        "config": {
            "aws:region": "us-east-1",
            "demo:on": "yes",
            "demo:account": "012345678901",
            "demo:day": "2026-01-31",
            "demo:password": SECRET_PLACEHOLDER,
            "demo:nested": {"list": [SECRET_PLACEHOLDER, "plain"]},
        },
        "encryptionsalt": "v1:salt",
    }
    assert "demo:on: yes\n" in path.read_text()
    assert (tmp_path / "Pulumi.test.yaml").read_text() == COMMITTED
    assert "Pulumi.test.yaml imports Pulumi ESC environments; they are not read offline" in quiet[1].getvalue()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "config: {}\n"])
def test_an_empty_stack_file(tmp_path: Path, quiet: tuple[Progress, io.StringIO], text: str) -> None:
    path = private_config(a_project(tmp_path, text), "test", quiet[0])
    assert yaml.safe_load(path.read_text())["encryptionsalt"] == "v1:salt"


@pytest.mark.parametrize("text", ["config: [", "- a\n- b\n", "\tconfig:"])
def test_a_stack_file_that_is_none(tmp_path: Path, quiet: tuple[Progress, io.StringIO], text: str) -> None:
    project = a_project(tmp_path, text)
    with pytest.raises(OfflineError, match=r"Pulumi\.test\.yaml is no"):
        private_config(project, "test", quiet[0])


def test_locks_of_killed_runs_are_released(tmp_path: Path, quiet: tuple[Progress, io.StringIO]) -> None:
    project = a_project(tmp_path)
    folder = project.state / ".pulumi" / "locks" / "organization" / "demo" / "test"
    folder.mkdir(parents=True)

    def lock(name: str, pid: int, host: str) -> None:
        (folder / name).write_text(json.dumps({"pid": pid, "username": "u", "hostname": host, "timestamp": ""}))

    nobody = 2**22 - 3
    lock("dead.json", nobody, socket.gethostname())
    lock("another-program.json", os.getpid(), socket.gethostname())  # the number was given to somebody else since
    lock("elsewhere.json", nobody, "another-machine")
    (folder / "odd.json").write_text("{")
    release_stale_locks(project, "test", quiet[0])
    assert sorted(path.name for path in folder.iterdir()) == ["elsewhere.json", "odd.json"]
    assert f"an earlier run (process {nobody}) was killed and left its lock on stack 'test'" in quiet[1].getvalue()


@pytest.mark.parametrize("live", [False, True], ids=["killed", "somebody else is at it"])
def test_what_a_killed_run_was_writing_is_mended(
    tmp_path: Path, quiet: tuple[Progress, io.StringIO], live: bool
) -> None:
    project = a_project(tmp_path)
    locks = project.state / ".pulumi" / "locks" / "organization" / "demo" / "test"
    stacks = project.state / ".pulumi" / "stacks" / "demo"
    for folder in (locks, stacks):
        folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 2**22 - 3, "username": "u", "hostname": socket.gethostname(), "timestamp": ""}
    (locks / "dead.json").write_text(json.dumps(lock))
    if live:
        (locks / "elsewhere.json").write_text(json.dumps({**lock, "hostname": "another-machine"}))
    torn = {"test.json": "", "test.json.attrs": "", "other.json": "", "other.json.attrs": ""}
    sound = {"test.json.bak": '{"version":3}', "test.json.bak.attrs": "{}"}
    for name, text in {**torn, **sound}.items():
        (stacks / name).write_text(text)
    release_stale_locks(project, "test", quiet[0])
    left = {path.name: path.read_text() for path in stacks.iterdir()}
    mended = {**torn, **sound, "test.json": '{"version":3}'}
    del mended["test.json.attrs"]
    assert left == ({**torn, **sound} if live else mended)
    assert ("going on from the one before" in quiet[1].getvalue()) is not live


def test_projects_are_found_upwards(tmp_path: Path) -> None:
    a_project(tmp_path)
    (tmp_path / "programs" / "deep").mkdir(parents=True)
    assert find_project(tmp_path / "programs" / "deep").root == tmp_path.resolve()
    assert find_project(tmp_path).stacks() == ["test"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("name: [", "is not YAML"), ("runtime: python\n", "has no project name"), ("- 1\n", "has no project name")],
)
def test_a_project_file_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(OfflineError, match=message):
        find_project(tmp_path)


@pytest.mark.parametrize(
    ("line", "words", "stack", "folder"),
    [
        ("up --stack test --yes", ("up",), "test", ""),
        ("-C /p --color never preview -s org/demo/prod", ("preview",), "prod", "/p"),
        ("stack init prod --no-select", ("stack", "init", "prod"), "", ""),
        ("preview --stack=prod --policy-pack=policies", ("preview",), "prod", ""),
        ("up -stest", ("up",), "test", ""),
        ("version", ("version",), "", ""),
    ],
)
def test_command_lines(line: str, words: tuple[str, ...], stack: str, folder: str) -> None:
    parsed = _parse(line.split())
    assert (parsed.words, parsed.stack, parsed.folder) == (words, stack, folder)


@pytest.mark.engine
def test_stacks_on_the_engine(project: OfflineProject) -> None:
    (project.root / "Pulumi.prod.yaml").write_text(COMMITTED)
    project.program(
        "config = pulumi.Config()\n"
        'pulumi.export("password", config.require_secret("password"))\n'
        'pulumi.export("nested", config.require_object("nested"))\n'
        'pulumi.export("on", config.require("on"))\n'
    )
    project.up(stack="prod")
    nested = {"list": [SECRET_PLACEHOLDER, "plain"]}
    assert project.outputs("prod") == {"password": SECRET_PLACEHOLDER, "nested": nested, "on": "yes"}
    assert (project.root / "Pulumi.prod.yaml").read_text() == COMMITTED
    assert "test*" not in project.pulumi("stack", "ls")

    said = project.pulumi("up", "--yes", stack="tset", fails=True)
    assert "there is no stack 'tset'" in said
    assert "did you mean test? the project has prod, test; to add one, write its file" in said

    said = project.pulumi("config", "set", "--secret", "password", "x", stack="prod", fails=True)
    assert "would be encrypted with the offline environment's throw-away key" in said
    project.pulumi("config", "set", "demo:on", "no", stack="prod")
    assert "demo:on: no" in (project.root / "Pulumi.prod.yaml").read_text()

    project.destroy(stack="prod")
    project.pulumi("stack", "rm", "--yes", stack="prod")
    assert (project.root / "Pulumi.prod.yaml").is_file()
