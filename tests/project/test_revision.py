"""A project at a revision, in a folder of a repository that has submodules, links and modules beside it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.git_support import Repository, mlstage

PROJECT = "platform/ml"
SPECS = f"{PROJECT}/environments"
SPEC = """{imports}
from mlstage import Environment, Notebook, OnDemand, Training, SageMaker, XGBoost

environment = Environment(
    name="{name}",
    owner="payments",
    workloads=[Notebook(name="desk", instance={instance}, stop_when_idle="1h")],
)
"""
SIZE = 'SIZE = "ml.t3.{}"\n'
LOOKS_AROUND = (
    "from pathlib import Path\n"
    "found = len(list(Path(__file__).parent.glob('*.flag')))\n"
    "SIZE = 'ml.t3.large' if found else 'ml.t3.medium'"
)
FILES = {
    f"{PROJECT}/Pulumi.yaml": "name: acme\nruntime: python\nmain: programs/\n",
    f"{PROJECT}/Pulumi.test.yaml": "config:\n  aws:region: us-east-1\n",
    f"{PROJECT}/Pulumi.prod.yaml": "config:\n  aws:region: us-east-1\n",
    ".gitattributes": f"{SPECS}/plain.py export-ignore\n",
    "libs/linked/sizes.py": SIZE.format("medium"),
    "libs/beside/beside_sizes.py": SIZE.format("medium"),
    f"{SPECS}/one.flag": "",
    f"{SPECS}/plain.py": SPEC.format(name="plain", instance='"ml.t3.medium"', imports="import json"),
    f"{SPECS}/module.py": SPEC.format(name="module", instance="SIZE", imports="from lib.sizes import SIZE"),
    f"{SPECS}/linked.py": SPEC.format(name="linked", instance="SIZE", imports="from linked_lib.sizes import SIZE"),
    f"{SPECS}/beside.py": SPEC.format(name="beside", instance="SIZE", imports="from beside_sizes import SIZE"),
    f"{SPECS}/flagged.py": SPEC.format(name="flagged", instance="SIZE", imports=LOOKS_AROUND),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make the repository, and the library that is a submodule of it."""
    folder = tmp_path_factory.mktemp("history")
    library = Repository(folder / "library")
    library.write({"sizes.py": SIZE.format("medium")})
    library.commit("sizes")
    repository = Repository(folder / "acme")
    repository.write(FILES)
    (repository.root / SPECS / "linked_lib").symlink_to("../../../libs/linked")
    add = ("submodule", "--quiet", "add", "--name", "sizes-of-all", str(library.root), f"{SPECS}/lib")
    repository.git("-c", "protocol.file.allow=always", *add)
    repository.commit("the beginning")
    return repository


@pytest.fixture
def repository(made: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Give the repository as it began."""
    monkeypatch.chdir(made.root / PROJECT)
    monkeypatch.syspath_prepend(str(made.root / "libs/beside"))
    first = made.git("rev-parse", "main").strip()
    yield made
    made.git("checkout", "--quiet", "--force", "main")
    made.git("reset", "--quiet", "--hard", first)
    made.git("clean", "--quiet", "-d", "--force")
    made.git("submodule", "--quiet", "update", "--force")
    sys.modules.pop("beside_sizes", None)


def reviewed(base: str = "HEAD") -> dict[str, Any]:
    code, out, err = mlstage("review", "--base", base, "--format", "json")
    assert code == 0, err
    done: dict[str, Any] = json.loads(out)
    return done


def fields(done: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Give the values that change in each stack."""
    return {
        f"{stack['environment']}/{stack['stack']}": [
            (field["field"], field["before"], field["after"])
            for workload in stack["workloads"]
            for field in workload["fields"]
        ]
        for stack in done["stacks"]
        if stack["status"] != "unchanged"
    }


def touched(base: str = "HEAD") -> dict[str, str]:
    code, out, err = mlstage("list", "--changed", "--base", base, "--format", "json")
    assert code == 0, err
    return {one["environment"]: one["because"] for one in json.loads(out) if one["stack"] == "test"}


@pytest.mark.parametrize(
    ("name", "file", "because"),
    [
        ("plain", f"{SPECS}/plain.py", "environments/plain.py"),
        ("module", f"{SPECS}/lib/sizes.py", "environments/lib/sizes.py"),
        ("linked", "libs/linked/sizes.py", "environments/linked_lib/sizes.py"),
    ],
)
def test_what_a_spec_rests_on_is_as_it_was_wherever_it_lies(
    repository: Repository, name: str, file: str, because: str
) -> None:
    place = repository.root / file
    place.write_text(place.read_text().replace("medium", "xlarge"))
    change = [("instance", "ml.t3.medium", "ml.t3.xlarge")]
    assert touched() == {name: because}
    assert fields(reviewed()) == {f"{name}/prod": change, f"{name}/test": change}


def test_a_submodule_at_another_commit_is_compared_with_the_one_it_was_at(repository: Repository) -> None:
    library = repository.root / SPECS / "lib"
    (library / "sizes.py").write_text(SIZE.format("large"))
    named = ("-c", "user.name=a", "-c", "user.email=a@acme.example", "-C", str(library))
    repository.git(*named, "commit", "--quiet", "--all", "--message", "larger")
    repository.commit("larger")
    assert touched("HEAD~1") == {"module": "environments/lib/sizes.py"}
    assert fields(reviewed("HEAD~1"))["module/prod"] == [("instance", "ml.t3.medium", "ml.t3.large")]


def test_modules_beside_the_project_are_those_of_the_base(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = repository.root / "libs/beside"
    monkeypatch.setenv("PYTHONPATH", str(beside))
    (beside / "beside_sizes.py").write_text(SIZE.format("large"))
    assert touched()["beside"] == "libs/beside/beside_sizes.py"
    assert fields(reviewed())["beside/test"] == [("instance", "ml.t3.medium", "ml.t3.large")]


def test_a_file_that_is_gone_may_have_been_looked_for(repository: Repository) -> None:
    (repository.root / SPECS / "one.flag").unlink()
    assert touched()["flagged"] == "environments/one.flag"
    assert "plain" not in touched()
    assert fields(reviewed())["flagged/prod"] == [("instance", "ml.t3.large", "ml.t3.medium")]


def test_a_spec_under_another_name_is_the_same_and_a_deleted_one_is_told_of(repository: Repository) -> None:
    repository.git("mv", f"{SPECS}/plain.py", f"{SPECS}/moved.py")
    assert fields(reviewed()) == {}
    repository.git("rm", "--quiet", f"{SPECS}/linked.py")
    code, _, err = mlstage("list", "--changed", "--base", "HEAD")
    assert (code, err) == (0, "environments/linked.py is deleted; a review of all specs says what goes with it\n")
    removed = {stack["environment"] for stack in reviewed()["stacks"] if stack["status"] == "removed"}
    assert removed == {"linked"}


def test_what_others_did_since_shows_in_reverse_unless_the_base_is_where_both_parted(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "ours")
    plain = repository.root / SPECS / "plain.py"
    plain.write_text(plain.read_text().replace("medium", "large"))
    repository.commit("ours")
    repository.git("checkout", "--quiet", "main")
    repository.write({f"{SPECS}/flagged.py": FILES[f"{SPECS}/flagged.py"].replace("large", "xlarge")})
    repository.commit("theirs")
    repository.git("checkout", "--quiet", "ours")
    against_tip, against_fork = reviewed("main"), reviewed("main...")
    assert against_tip["base_ahead"] == 1
    assert {*fields(against_tip)} == {"flagged/prod", "flagged/test", "plain/prod", "plain/test"}
    assert "main has 1 commit that HEAD does not have" in mlstage("review", "--base", "main")[1]
    assert against_fork["base_ahead"] == 0
    assert {*fields(against_fork)} == {"plain/prod", "plain/test"}
    assert touched("main...") == {"plain": "environments/plain.py"}


def test_what_could_not_be_compiled_at_the_base_is_not_called_new(repository: Repository) -> None:
    plain = repository.root / SPECS / "plain.py"
    right = plain.read_text()
    plain.write_text(right.replace("medium", "mediumm"))
    repository.commit("wrong")
    plain.unlink()
    (plain.parent / "renamed.py").write_text(right)
    done = reviewed()
    statuses = {stack["status"] for stack in done["stacks"] if stack["environment"] == "plain"}
    assert statuses == {"uncompared"}
    assert "2 stacks without a base to compare with" in done["headline"]
    comment = mlstage("review", "--base", "HEAD", "--format", "markdown")[1]
    assert "plain/prod, plain/test: counted as new, as it could not be compiled at the base" in comment


def test_what_is_the_same_is_not_compiled_again(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("module", "linked", "beside", "flagged"):  # they ask for more than files of their own
        (repository.root / SPECS / f"{name}.py").unlink()
    repository.commit("one is left")
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert fields(reviewed()) == {}


def test_a_project_that_was_not_there_is_new(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "empty")
    repository.git("rm", "--quiet", "-r", "--force", "--cached", ".")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    repository.git("checkout", "--quiet", "--force", "main")
    done = reviewed("empty")
    assert {stack["status"] for stack in done["stacks"]} == {"added"}
    assert done["problems"] == ["`environments/` had no spec in this folder"]


def test_a_hook_of_git_s_disturbs_nothing_and_git_s_state_stays(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = repository.root / ".git/hooks/post-index-change"
    hook.write_text("#!/bin/sh\ntouch hook-ran\n")
    hook.chmod(0o755)
    plain = repository.root / SPECS / "plain.py"
    plain.write_text(plain.read_text().replace("medium", "large"))
    before = _state(repository.root)
    monkeypatch.setenv("GIT_DIR", ".git")  # as git sets them for its hooks
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert {*fields(reviewed())} == {"plain/prod", "plain/test"}
    assert touched() == {"plain": "environments/plain.py"}
    assert _state(repository.root) == before


def _state(folder: Path) -> dict[str, int]:
    """Give what lies in a folder, without the objects that git looks up, and when each was written."""
    found = [Path(at) / name for at, _, names in os.walk(folder) for name in names if "objects" not in at]
    return {str(path): path.lstat().st_mtime_ns for path in found}


@pytest.mark.usefixtures("repository")
def test_a_repository_that_git_refuses_is_told_of_as_such() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        patched.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        code, _, err = mlstage("review", "--base", "HEAD")
    assert code == 2
    assert "dubious ownership" in err
    assert "knows no revision" not in err


def test_a_clone_that_is_too_shallow_is_told_of(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shallow = repository.root.parent / "shallow"
    repository.git("clone", "--quiet", "--depth", "1", repository.root.as_uri(), str(shallow))
    monkeypatch.chdir(shallow / PROJECT)
    _, _, err = mlstage("list", "--changed", "--base", "main~1")
    assert "git knows no revision 'main~1'" in err
    assert "this clone is shallow" in err
    assert "`git submodule update --init environments/lib`: the folder is there, and nothing is in it" in err
