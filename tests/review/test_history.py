"""`mlstage review` of every change of a history, as the comment that a reviewer reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.git_support import Repository, mlstage
from tests.review.history import HISTORY, START, states


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, dict[str, Any]]]]:
    """Make the history, and review each change before it is committed, as a comment and as data."""
    repository = Repository(tmp_path_factory.mktemp("history") / "acme")
    repository.write(START)
    repository.commit("the beginning")
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(repository.root)
        for name, _, after in states():
            repository.write(after)
            code, comment, err = mlstage("review", "--base", "HEAD", "--format", "markdown")
            assert code == 0, err
            status = repository.git("status", "--porcelain")
            _, data, _ = mlstage("review", "--base", "HEAD", "--format", "json")
            assert repository.git("status", "--porcelain") == status
            found[name] = comment, json.loads(data)
            repository.commit(name)
    yield found


@pytest.mark.parametrize("name", [change.name for change in HISTORY])
def test_the_review_of_each_change_is_one_that_its_reader_can_agree_with(
    reviews: dict[str, tuple[str, dict[str, Any]]], name: str, golden: Callable[[str, str], None]
) -> None:
    golden(f"golden/{name}.md", reviews[name][0])


def test_the_data_says_the_same_in_fields(reviews: dict[str, tuple[str, dict[str, Any]]]) -> None:
    _, data = reviews["01-resize"]
    (prod,) = [one for one in data["stacks"] if one["stack"] == "prod"]
    (scorer,) = prod["workloads"]
    assert scorer["fields"] == [{"field": "on.instance", "before": "ml.m5.xlarge", "after": "ml.c5.2xlarge"}]
    assert {step["name"]: step["operation"] for step in prod["steps"]} == {
        "fraud-scorer-config": "renew",
        "fraud-scorer-endpoint": "update",
        "fraud-scorer-scaling-target": "replace",
        "fraud-scorer-scaling-policy": "replace",
    }
    assert {trap["name"]: trap["weight"] for trap in prod["traps"]} == {
        "capacity-reset": "mind",
        "scaled-variant-update": "handled",
        "silent-rollback": "handled",
    }
    assert prod["monthly"]["after"] > prod["monthly"]["before"]
    assert scorer["in_no_sum"] == []
    _, data = reviews["03-retarget"]
    (test,) = [one for one in data["stacks"] if one["stack"] == "test"]
    assert test["workloads"][0]["in_no_sum"] == ["requests of up to 4096 MB"]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "acme")
    made.write(START)
    made.commit("the beginning")
    monkeypatch.chdir(made.root)
    return made


def test_what_loses_data_or_breaks_callers_can_fail_a_run(repository: Repository) -> None:
    files = {name: after for name, _, after in states()}
    repository.write(
        {**START, "environments/fraud.py": START["environments/fraud.py"].replace('="explore"', '="desk"')}
    )
    assert mlstage("review", "--base", "HEAD", "--fail-on", "danger")[0] == 1
    repository.write({**START, "environments/fraud.py": files["01-resize"]["environments/fraud.py"]})
    assert mlstage("review", "--base", "HEAD", "--fail-on", "danger")[0] == 0


def test_a_text_review_names_the_workload_and_what_happens(
    repository: Repository, golden: Callable[[str, str], None]
) -> None:
    repository.write(dict(states()[0][2]))
    golden("golden/resize.txt", mlstage("review", "--base", "HEAD")[1])


def test_a_base_that_does_not_compile_is_told_and_the_rest_reviewed(repository: Repository) -> None:
    repository.write({"environments/churn.py": "environment = 1\n"})
    repository.commit("broken")
    repository.write({"environments/churn.py": states()[-1][2]["environments/churn.py"]})
    code, said, _ = mlstage("review", "--base", "HEAD", "--format", "markdown")
    assert code == 0
    assert "At `HEAD`: environments/churn.py: error SPEC109" in said
    assert "| churn/prod | scores | new |" in said
    assert "fraud/prod" not in said


def test_a_spec_that_is_wrong_now_is_an_error_and_hides_no_other(repository: Repository) -> None:
    files = dict(states()[0][2])
    repository.write({**files, "environments/churn.py": states()[-1][2]["environments/churn.py"]})
    repository.commit("both")
    repository.write({name: text.replace("ml.c5.2xlarge", "ml.c5.4xlarge") for name, text in files.items()})
    repository.write({"environments/churn.py": "environment = 1\n"})
    code, out, err = mlstage("review", "--base", "HEAD", "--format", "markdown")
    assert code == 2
    assert "environments/churn.py: error SPEC109" in err
    assert "1 spec with errors not reviewed" in out.splitlines()[1]
    assert "Not reviewed, as they have errors: environments/churn.py" in out
    assert "| fraud/prod | scorer | on.instance: ml.c5.2xlarge → ml.c5.4xlarge |" in out
    assert "churn/prod" not in out  # it has not been removed


def test_with_nothing_to_review_there_is_no_review(repository: Repository) -> None:
    repository.write({"environments/fraud.py": "environment = 1\n"})
    assert mlstage("review", "--base", "HEAD")[:2] == (2, "")


@pytest.mark.usefixtures("repository")
def test_a_revision_that_git_does_not_know_is_an_error() -> None:
    code, _, err = mlstage("review", "--base", "mian")
    assert code == 2
    assert "SPEC304: git knows no revision 'mian'" in err


def test_chosen_specs_are_reviewed_alone(repository: Repository) -> None:
    files = dict(states()[-1][2])
    repository.write(files)
    code, said, _ = mlstage("review", "environments/churn.py", "--base", "HEAD", "--stack", "prod", "--format", "json")
    assert code == 0
    assert [(one["environment"], one["stack"]) for one in json.loads(said)["stacks"]] == [("churn", "prod")]
