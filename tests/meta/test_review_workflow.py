"""The workflow that comments on pull requests: one comment, written once, then kept current; it fails after it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.meta.workflow_support import run_step, workflow
from tests.project_support import SPEC, Project

NAME = "review.yml"
MARKER = "<!-- mlstage review of . -->"
# Stands in for GitHub's command: comments are kept in a file, and each call is noted.
GH = """#!{python}
import json, pathlib, sys
place = pathlib.Path({place!r})
comments = json.loads(place.read_text()) if place.exists() else []
given = sys.argv[1:]
path = next(one for one in given if one.startswith("repos/"))
if "--jq" in given:
    marker = given[given.index("--jq") + 1].split('startswith("')[1].split('")')[0]
    print("\\n".join(str(one["id"]) for one in comments if one["body"].startswith(marker)))
    sys.exit()
field = given[given.index("-F") + 1]
assert field.startswith("body=@"), field
body = pathlib.Path(field.removeprefix("body=@")).read_text()
if given[given.index("--method") + 1] == "POST":
    assert path == "repos/acme/ml/issues/12/comments", path
    comments.append({{"id": len(comments) + 1, "body": body}})
else:
    number = int(path.removeprefix("repos/acme/ml/issues/comments/"))
    comments[number - 1]["body"] = body
place.write_text(json.dumps(comments))
"""


def steps() -> dict[str, Any]:
    return {step["name"]: step for step in workflow(NAME)["jobs"]["review"]["steps"] if "name" in step}


class Pull:
    """One pull request: what its runs said, and the comments it has."""

    def __init__(self, project: Project, tmp_path: Path) -> None:
        self.root, self._place = project.root, tmp_path / "comments.json"
        self._bin = tmp_path / "bin"
        self._bin.mkdir()
        (self._bin / "gh").write_text(GH.format(python=sys.executable, place=str(self._place)))
        (self._bin / "gh").chmod(0o755)

    def run(self, name: str, fail_on: str = "danger") -> subprocess.CompletedProcess[str]:
        known = {"BASE": "main", "POLICIES": "", "FOLDER": ".", "NUMBER": "12", "FAIL_ON": fail_on}
        github = {"GITHUB_REPOSITORY": "acme/ml", "GITHUB_RUN_ID": "77", "PATH": str(self._bin)}
        return run_step(self.root, steps()[name], **known, **github)

    def comments(self) -> list[str]:
        return [one["body"] for one in json.loads(self._place.read_text())] if self._place.exists() else []


@pytest.fixture
def pull(project: Project, tmp_path: Path) -> Pull:
    """Keep the project in git, its sound spec merged, and open a pull request."""
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for words in (("init", "--initial-branch=main"), ("add", "--all"), ("commit", "--message", "before")):
        subprocess.run(["git", *who, *words], cwd=project.root, check=True, capture_output=True)
    return Pull(project, tmp_path)


def test_it_may_comment_and_nothing_else_and_gets_no_credentials() -> None:
    document = workflow(NAME)
    assert set(document["on"]) == {"workflow_call"}
    assert document["permissions"] == {"contents": "read", "pull-requests": "write"}
    text = json.dumps(document)
    assert "configure-aws-credentials" not in text and "secrets." not in text
    assert all("${{" not in step.get("run", "") for step in steps().values())
    inputs = document["on"]["workflow_call"]["inputs"]
    assert all("default" in one and "description" in one for one in inputs.values())
    assert {part.split()[0].split("}")[0] for part in text.split("inputs.")[1:]} == set(inputs)


def test_one_comment_is_written_and_kept_current(project: Project, pull: Pull) -> None:
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.c5.2xlarge"'))
    assert [pull.run(name).returncode for name in ("Review", "Comment", "Fail on what was asked")] == [0, 0, 0]
    [first] = pull.comments()
    assert first.startswith(MARKER) and "ml.m5.xlarge → ml.c5.2xlarge" in first
    assert "ml.m5.xlarge → ml.c5.2xlarge" in (project.root / "summary.md").read_text(encoding="utf-8")
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.c5.4xlarge"'))
    assert [pull.run(name).returncode for name in ("Review", "Comment")] == [0, 0]
    [second] = pull.comments()
    assert "ml.c5.4xlarge" in second and "ml.c5.2xlarge" not in second


def test_a_pull_request_that_changes_no_stack_gets_no_comment_unless_it_has_one(project: Project, pull: Pull) -> None:
    assert [pull.run(name).returncode for name in ("Review", "Comment")] == [0, 0]
    assert pull.comments() == []
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.c5.2xlarge"'))
    assert [pull.run(name).returncode for name in ("Review", "Comment")] == [0, 0]
    project.spec()
    assert [pull.run(name).returncode for name in ("Review", "Comment")] == [0, 0]
    [told] = pull.comments()
    assert "Nothing changes in any of 2 stacks" in told


def test_a_danger_fails_once_the_comment_is_there(project: Project, pull: Pull) -> None:
    project.spec(SPEC.replace('name="scorer"', 'name="ranker"'))
    assert pull.run("Review").returncode == 0
    assert pull.run("Comment").returncode == 0
    assert "**Dangers**" in pull.comments()[0]
    assert pull.run("Fail on what was asked").returncode == 1
    assert pull.run("Review", fail_on="").returncode == 0
    assert pull.run("Fail on what was asked").returncode == 0


def test_both_kinds_may_fail_a_run(project: Project, pull: Pull) -> None:
    project.spec(
        SPEC.replace('instance="ml.c5.xlarge"', 'instance=per_stage(test="ml.g5.xlarge", prod="ml.c5.xlarge")')
    )
    assert pull.run("Review", fail_on="danger finding").returncode == 0
    assert "ML102" in (project.root / ".mlstage/review.md").read_text(encoding="utf-8")
    assert pull.run("Fail on what was asked").returncode == 1


def test_wrong_input_stops_before_a_comment(project: Project, pull: Pull) -> None:
    project.spec("environment = Environment(\n")
    done = pull.run("Review")
    assert done.returncode == 2 and "environments/spec.py" in done.stdout + done.stderr


def test_what_could_not_be_reviewed_fails_the_run_once_the_comment_is_there(project: Project, pull: Pull) -> None:
    project.spec("environment = Environment(\n", "broken")
    assert pull.run("Review").returncode == 0
    assert pull.run("Comment").returncode == 0
    [told] = pull.comments()
    assert "1 spec with errors not reviewed" in told and "environments/broken.py" in told
    assert pull.run("Fail on what was asked").returncode == 2


def test_a_review_too_long_for_a_comment_is_told_without_its_details(project: Project, pull: Pull) -> None:
    kept = project.root / ".mlstage/review.md"
    kept.parent.mkdir()
    kept.write_text("### mlstage: much\n\n| a |\n<details>\n" + "é" * 70_000 + "\n</details>\n", encoding="utf-8")
    assert pull.run("Comment").returncode == 0
    [told] = pull.comments()
    assert "### mlstage: much" in told and "éé" not in told and "summary of run 77" in told
