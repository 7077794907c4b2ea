"""Many specs: together, in other processes, and kept from run to run, they come to what each comes to alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mlstage.graph import dump
from mlstage.project import Study, parts, study
from mlstage.project.fleet import study_fleet
from mlstage.rules.settings import Settings
from mlstage.rules.waivers import Waiver
from mlstage.spec import load
from tests.project_support import SPEC, Project

TODAY = date(2026, 11, 1)
MANY = 30


@pytest.fixture
def fleet(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project of thirty environments, a broken one among them, with a cache of its own."""
    monkeypatch.setenv("MLSTAGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MLSTAGE_SPEC_CACHE", "on")
    (project.root / "environments/spec.py").unlink()
    for number in range(MANY):
        text = SPEC.replace('name="fraud"', f'name="fraud-{number}"')
        if number == 7:
            text = text.replace("ml.c5.xlarge", "ml.c5.xlrage")
        project.spec(text, f"spec_{number}")
    return project


def told(done: Study) -> list[str]:
    return [dump(one.graph) for one in done.stacks] + sorted(map(repr, done.diagnostics))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which specs are run in this process."""
    run: list[str] = []
    theirs: Callable[[Path, Path], load.LoadedSpec] = load.load_spec

    def noted(path: Path, root: Path) -> load.LoadedSpec:
        run.append(path.stem)
        return theirs(path, root)

    monkeypatch.setattr(parts, "load_spec", noted)
    return run


def test_they_come_to_what_each_comes_to_alone(fleet: Project) -> None:
    alone = study(fleet.root, today=TODAY)
    together = study_fleet(fleet.root, today=TODAY)
    assert told(together) == told(alone)
    assert [one.code for one in together.diagnostics if one.severity == "error"] == ["AWS101"]
    assert {one.graph.environment for one in together.stacks} == {f"fraud-{n}" for n in range(MANY) if n != 7}


def test_kept_they_come_to_the_same_again_with_the_lines_of_their_values(
    fleet: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = study_fleet(fleet.root, today=TODAY)
    run = counting(monkeypatch)
    again = study_fleet(fleet.root, today=TODAY)
    assert run == []
    assert told(again) == told(first)
    assert again.stacks[0].graph.groups[0].places == first.stacks[0].graph.groups[0].places


def test_progress_is_told_up_to_the_last(fleet: Project) -> None:
    steps: list[tuple[int, int]] = []
    study_fleet(fleet.root, progress=lambda done, of: steps.append((done, of)))
    assert steps[0] == (0, MANY)
    assert steps[-1] == (MANY, MANY)
    assert steps == sorted(steps)


@pytest.fixture
def few(fleet: Project, monkeypatch: pytest.MonkeyPatch) -> tuple[Project, list[str]]:
    """Leave three specs, which are worked out in this process, and note which are run; one run is done."""
    for number in range(3, MANY):
        (fleet.root / f"environments/spec_{number}.py").unlink()
    study_fleet(fleet.root, today=TODAY)
    return fleet, counting(monkeypatch)


def test_a_changed_spec_alone_is_run(few: tuple[Project, list[str]]) -> None:
    fleet, run = few
    path = fleet.root / "environments/spec_1.py"
    path.write_text(path.read_text().replace("max=8", "max=9"))
    study_fleet(fleet.root, today=TODAY)
    assert run == ["spec_1"]


def test_a_changed_helper_runs_the_specs_that_import_it(few: tuple[Project, list[str]]) -> None:
    fleet, run = few
    helper = fleet.write("environments/_shared.py", 'SIZE = "ml.m5.xlarge"\n')
    path = fleet.root / "environments/spec_1.py"
    path.write_text("from _shared import SIZE\n" + path.read_text().replace('prod="ml.m5.xlarge"', "prod=SIZE"))
    study_fleet(fleet.root, today=TODAY)
    run.clear()
    study_fleet(fleet.root, today=TODAY)
    assert run == []
    helper.write_text('SIZE = "ml.m5.2xlarge"\n')
    done = study_fleet(fleet.root, today=TODAY)
    assert run == ["spec_1"]
    graphs = {(one.graph.environment, one.graph.stack): one.graph for one in done.stacks}
    assert "ml.m5.2xlarge" in dump(graphs["fraud-1", "prod"])


def test_a_changed_stack_file_runs_all_that_have_the_stack(few: tuple[Project, list[str]]) -> None:
    fleet, run = few
    fleet.stack("prod", region="eu-west-1")
    done = study_fleet(fleet.root, today=TODAY)
    assert sorted(run) == ["spec_0", "spec_1", "spec_2"]
    assert {one.graph.region for one in done.stacks if one.graph.stack == "prod"} <= {"eu-west-1"}


def test_another_day_is_another_question(few: tuple[Project, list[str]]) -> None:
    """A waiver may have lapsed."""
    fleet, run = few
    study_fleet(fleet.root, today=date(2026, 11, 2))
    assert sorted(run) == ["spec_0", "spec_1", "spec_2"]


def test_other_settings_are_another_question(few: tuple[Project, list[str]]) -> None:
    fleet, run = few
    waiver = Waiver("ML102", "a try", date(2027, 1, 1), "nobody-s", "")
    done = study_fleet(fleet.root, today=TODAY, settings=Settings(waivers=(waiver,)))
    assert sorted(run) == ["spec_0", "spec_1", "spec_2"]
    assert [one.code for one in done.diagnostics if "answers nothing" in one.what] == ["ML102"]


UNSTEADY = [
    "import os",
    "import datetime",
    "from time import time",
    "eval('1')",
    "from pathlib import Path; Path('weights').exists()",
    "try: open('sizes.json')\nexcept OSError: pass",
]


@pytest.mark.parametrize("line", UNSTEADY)
def test_what_could_tell_something_else_tomorrow_is_never_kept(few: tuple[Project, list[str]], line: str) -> None:
    fleet, run = few
    path = fleet.root / "environments/spec_1.py"
    text = path.read_text()
    path.write_text(text.replace("from mlstage import (", f"{line}\nfrom mlstage import (", 1))
    study_fleet(fleet.root, today=TODAY)
    study_fleet(fleet.root, today=TODAY)
    assert run == ["spec_1", "spec_1"]


def test_an_entry_that_is_not_whole_is_worked_out_anew(few: tuple[Project, list[str]], tmp_path: Path) -> None:
    fleet, run = few
    entries = sorted((tmp_path / "cache/specs").rglob("*.json"))
    entries[0].write_text(entries[0].read_text()[:100])
    entries[1].write_text("{}")
    study_fleet(fleet.root, today=TODAY)
    assert len(run) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="this user may write everywhere")
def test_a_cache_that_cannot_be_written_keeps_nothing(few: tuple[Project, list[str]], tmp_path: Path) -> None:
    fleet, run = few
    (tmp_path / "cache").chmod(0o500)
    study_fleet(fleet.root, today=date(2026, 11, 3))
    assert len(run) == 3


def test_many_environments_are_counted_and_not_named_in_the_last_line(fleet: Project) -> None:
    assert fleet.run("check").err.splitlines()[-1].endswith(f"free of errors: {MANY - 1} environments in test, prod")
