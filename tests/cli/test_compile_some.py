"""`mlstage compile SPEC`: the files of these specs, and nothing of the others, in every format."""

from __future__ import annotations

import json

import pytest

from mlstage.emit import FORMATS, write
from mlstage.project.fleet import study_fleet
from mlstage.project.outputs import plan_of
from tests.project_support import Project, Run

OTHER = "environments/cards.py"
MINE = "environments/spec.py"


@pytest.fixture
def two(project: Project) -> Project:
    """Give a project of the environments `fraud` and `cards`, compiled in both formats."""
    text = (project.root / MINE).read_text(encoding="utf-8")
    project.write(OTHER, text.replace('name="fraud"', 'name="cards"'))
    assert project.run("compile", "-t", "pulumi", "-t", "terraform").code == 0
    return project


def _resize(project: Project, spec: str) -> None:
    path = project.root / spec
    path.write_text(path.read_text(encoding="utf-8").replace("ml.m5.xlarge", "ml.m6i.xlarge"), encoding="utf-8")


def _changed(project: Project, before: dict[str, bytes]) -> set[str]:
    after = {path: text for path, text in project.files().items() if not path.startswith("environments/")}
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} - {MINE, OTHER}


def _whole_afterwards(project: Project) -> Run:
    return project.run("compile", "--check")


def test_only_the_files_of_the_spec_are_written(two: Project) -> None:
    before = two.files()
    _resize(two, MINE)
    _resize(two, OTHER)
    assert two.run("compile", MINE).code == 0
    own = {"programs/fraud/prod.py", "terraform/fraud/prod/main.tf.json"}
    assert _changed(two, before) == own | {"programs/manifest.json", "terraform/manifest.json"}
    assert two.run("compile", "--check", MINE).code == 0
    stale = two.run("compile", "--check", OTHER)
    assert stale.code == 1
    assert "programs/cards/prod.py: error GEN112" in stale.err
    assert "fraud" not in stale.err


def test_one_after_the_other_is_what_all_at_once_would_be(two: Project) -> None:
    _resize(two, MINE)
    _resize(two, OTHER)
    assert [two.run("compile", spec).code for spec in (OTHER, MINE)] == [0, 0]
    assert _whole_afterwards(two).code == 0, _whole_afterwards(two).said


def test_a_broken_spec_does_not_stop_the_others(two: Project) -> None:
    _resize(two, MINE)
    (two.root / OTHER).write_text("this is no Python\n", encoding="utf-8")
    before = two.files()
    assert two.run("compile").code == 2
    run = two.run("compile", MINE)
    assert run.code == 0, run.said
    assert "wrote programs/fraud/prod.py" in run.err
    assert [path for path in _changed(two, before) if "cards" in path] == []


def test_what_a_spec_no_longer_has_is_removed_and_nothing_of_others(two: Project) -> None:
    path = two.root / MINE
    path.write_text(path.read_text(encoding="utf-8").replace('name="fraud"', 'name="payments"'), encoding="utf-8")
    run = two.run("compile", MINE)
    assert run.code == 0, run.said
    assert {line for line in run.err.splitlines() if line.startswith("removed")} == {
        "removed programs/fraud/prod.py",
        "removed programs/fraud/test.py",
        "removed terraform/fraud/prod/README.md",
        "removed terraform/fraud/prod/main.tf.json",
        "removed terraform/fraud/test/README.md",
        "removed terraform/fraud/test/main.tf.json",
    }
    assert (two.root / "programs/cards/prod.py").is_file()
    assert _whole_afterwards(two).code == 0, _whole_afterwards(two).said


def test_an_edited_file_of_another_spec_is_not_looked_at(two: Project) -> None:
    place = two.root / "programs/cards/prod.py"
    place.write_bytes(place.read_bytes() + b"\n")
    _resize(two, MINE)
    assert two.run("compile", MINE).code == 0
    assert two.run("compile").code == 2  # which would drop the edit


def test_a_name_of_another_spec_is_refused(two: Project) -> None:
    path = two.root / MINE
    path.write_text(path.read_text(encoding="utf-8").replace('name="fraud"', 'name="cards"'), encoding="utf-8")
    before = two.files()
    run = two.run("compile", MINE)
    assert run.code == 2
    assert f"{MINE}: error GEN105: the environment 'cards' of {MINE} is that of {OTHER} already" in run.err
    assert two.files() == before


def test_a_spec_that_moved_keeps_its_files(two: Project) -> None:
    (two.root / MINE).rename(two.root / "environments/moved.py")
    assert two.run("compile", "environments/moved.py").code == 0
    assert _whole_afterwards(two).code == 0, _whole_afterwards(two).said


def test_programs_of_one_stack_are_of_one_stack_file(two: Project) -> None:
    two.stack("prod", overrides="    scorer:\n      replicas: 4\n")
    before = two.files()
    run = two.run("compile", "-t", "pulumi", MINE)
    assert run.code == 2, run.said
    assert "programs: error GEN114: programs/ has programs of other specs, compiled before Pulumi.prod.yaml" in run.err
    assert two.files() == before
    assert two.run("compile", "-t", "terraform", MINE).code == 0  # root modules do not share anything


def test_programs_are_first_written_as_a_whole(two: Project) -> None:
    (two.root / "programs/manifest.json").unlink()
    run = two.run("compile", "-t", "pulumi", MINE)
    assert run.code == 2
    assert "programs: error GEN114: programs/ has not been written as a whole yet" in run.err


def test_all_specs_by_name_are_the_whole_project(project: Project) -> None:
    assert project.run("compile", MINE).code == 0
    assert project.run("compile", "--check").code == 0


def test_a_spec_that_is_a_link_is_one_of_all(project: Project) -> None:
    (project.root / "shared").mkdir()
    (project.root / MINE).rename(project.root / "shared/fraud.py")
    (project.root / MINE).symlink_to("../shared/fraud.py")
    assert project.run("compile").code == 0
    project.stack("prod", overrides="    nobody:\n      replicas: 4\n")
    assert "nobody" in project.run("check").said  # which is asked of whole projects only


def test_manifests_that_name_no_specs_are_taken_by_their_folders(two: Project) -> None:
    path = two.root / "terraform/manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["environments"]
    path.write_text(json.dumps(document), encoding="utf-8")
    _resize(two, MINE)
    assert two.run("compile", "-t", "terraform", MINE).code == 0
    assert (two.root / "terraform/cards/prod/main.tf.json").is_file()
    assert two.run("compile", "--check", OTHER).code == 1  # the manifest is older than this mlstage
    assert two.run("compile").code == 0
    assert _whole_afterwards(two).code == 0


def test_two_at_once_do_not_undo_each_other(two: Project) -> None:
    _resize(two, MINE)
    _resize(two, OTHER)
    plans = [
        plan_of(study_fleet(two.root, specs=[two.root / spec]), FORMATS[name])
        for spec in (MINE, OTHER)
        for name in ("pulumi", "terraform")
    ]
    for plan in plans:  # each was made before any other was written
        write(plan, two.root)
    assert _whole_afterwards(two).code == 0, _whole_afterwards(two).said
