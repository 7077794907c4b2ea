"""`mlstage list`: what there is, and what a change may have touched."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.project_support import SPEC, Project

IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@example.com"]


@pytest.fixture
def committed(project: Project) -> Project:
    """Commit a project of two environments, one of which reads a helper."""
    project.write("environments/_sizes.py", 'BIG = "ml.m5.xlarge"\n')
    other = SPEC.replace('name="fraud"', 'name="churn"').replace('prod="ml.m5.xlarge"', "prod=BIG")
    project.spec(other.replace("model = Model(", "from _sizes import BIG\n\nmodel = Model(", 1), "churn")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"]):
        subprocess.run(["git", *IDENTITY, *command], cwd=project.root, check=True)
    return project


def changed(project: Project) -> dict[str, str]:
    """Give each stack that is listed, and what changed it."""
    done = project.run("list", "--changed", "--base", "HEAD", "--format", "json")
    assert done.code == 0, done.err
    return {f"{one['environment']}/{one['stack']}": one["because"] for one in json.loads(done.out)}


def test_all_are_listed(committed: Project) -> None:
    listed = json.loads(committed.run("list", "--format", "json").out)
    assert [(one["environment"], one["stack"], one["spec"]) for one in listed] == [
        ("churn", "test", "environments/churn.py"),
        ("churn", "prod", "environments/churn.py"),
        ("fraud", "test", "environments/spec.py"),
        ("fraud", "prod", "environments/spec.py"),
    ]


def test_nothing_has_changed(committed: Project) -> None:
    assert changed(committed) == {}
    done = committed.run("list", "--changed", "--base", "HEAD")
    assert (done.code, done.out, done.err) == (0, "", "no stack has changed\n")


def test_a_spec_touches_its_own_stacks(committed: Project) -> None:
    committed.spec(SPEC.replace("max=8", "max=9"))
    assert changed(committed) == {f"fraud/{stack}": "environments/spec.py" for stack in ("test", "prod")}


def test_a_helper_touches_those_that_read_it(committed: Project) -> None:
    committed.write("environments/_sizes.py", 'BIG = "ml.m5.2xlarge"\n')
    assert changed(committed) == {f"churn/{stack}": "environments/_sizes.py" for stack in ("test", "prod")}


def test_a_stack_s_file_touches_that_stack(committed: Project) -> None:
    committed.stack("prod", "fraud/scorer:\n  replicas: 3")
    committed.write("environments/_unrelated.py", "")
    assert changed(committed) == {f"{name}/prod": "Pulumi.prod.yaml" for name in ("churn", "fraud")}


def test_policies_touch_all_even_before_they_are_committed(committed: Project) -> None:
    committed.write("policies/strict.json", "{}")
    assert set(changed(committed).values()) == {"policies/strict.json"}
    assert len(changed(committed)) == 4


def test_a_matrix_is_json_for_a_workflow(committed: Project) -> None:
    committed.spec(SPEC.replace("max=8", "max=9"))
    done = committed.run("list", "--changed", "--base", "HEAD", "--format", "github-matrix")
    assert json.loads(done.out)["include"][0] == {
        "environment": "fraud",
        "stack": "test",
        "region": "us-east-1",
        "spec": "environments/spec.py",
    }
    assert done.out.count("\n") == 1


def test_specs_are_shared_out_between_jobs(committed: Project) -> None:
    done = committed.run("list", "--format", "github-matrix", "--jobs", "1")
    assert json.loads(done.out) == {"include": [{"specs": "environments/churn.py environments/spec.py"}]}
    done = committed.run("list", "--format", "github-matrix", "--jobs", "9")
    assert [one["specs"] for one in json.loads(done.out)["include"]] == [
        "environments/churn.py",
        "environments/spec.py",
    ]


def test_more_jobs_than_github_runs_are_refused(committed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlstage.cli.list_command._MOST_JOBS", 3)
    done = committed.run("list", "--format", "github-matrix")
    assert (done.code, done.out) == (2, "")
    assert "here are 4 stacks. --jobs 20 shares" in done.err


def test_a_broken_spec_is_told_of_and_hides_no_other(committed: Project) -> None:
    committed.spec("import nothing_of_the_kind\n")
    done = committed.run("list", "--format", "json")
    assert done.code == 2
    assert "environments/spec.py:1" in done.err
    assert {one["environment"] for one in json.loads(done.out)} == {"churn"}
    done = committed.run("list", "--changed", "--base", "HEAD", "--format", "github-matrix", "--jobs", "2")
    assert json.loads(done.out) == {"include": [{"specs": "environments/spec.py"}]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--changed"], "--changed needs --base"),
        (["--base", "HEAD"], "--base goes with --changed"),
        (["--jobs", "2"], "--jobs goes with --format github-matrix"),
        (["--changed", "--base", "mian"], "git knows no revision 'mian'"),
    ],
)
def test_what_is_wrong_is_said(committed: Project, arguments: list[str], told: str) -> None:
    done = committed.run("list", *arguments)
    assert (done.code, told in done.err) == (2, True), done.err
