"""`mlstage simulate`: a day of an endpoint for people, for programs and as a picture; what it cannot play."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.project_support import SPEC, Project

TRAFFIC = "Traffic(requests_per_second=30, duration_ms=160, day='office')"
ASKED = SPEC.replace("    Training,\n", "    Traffic,\n    Training,\n").replace(
    '            name="scorer",\n', f'            name="scorer", p95_latency="200ms", expects={TRAFFIC},\n'
)


@pytest.fixture
def asked(project: Project) -> Project:
    project.spec(ASKED)
    return project


def day_of(project: Project, *arguments: str) -> dict[str, Any]:
    run = project.run("simulate", "--stack", "prod", *arguments, "--format", "json")
    assert run.code == 0, run.err
    (day,) = json.loads(run.out)["days"]
    found: dict[str, Any] = day
    return found


def hourly(day: dict[str, Any]) -> list[float]:
    arrivals = [minute["arrivals"] for minute in day["minutes"]]
    return [sum(arrivals[hour * 60 : (hour + 1) * 60]) for hour in range(24)]


def test_a_day_is_told_hour_by_hour(asked: Project, golden: Callable[[str, str], None]) -> None:
    run = asked.run("simulate", "--stack", "prod", "--format", "markdown")
    assert (run.code, run.err) == (0, "")
    golden("golden/simulate.md", run.out)


def test_the_text_says_what_the_model_leaves_out_and_where_the_price_is_from(asked: Project) -> None:
    said = asked.run("simulate", "--stack", "prod").out
    assert "scorer: ml.m5.xlarge" in said
    assert "at $0.23 an hour" in said and "observed price of 2026-02-15: infracost" in said
    assert "Left out: failures, retries, deployments" in said
    assert "serves after 5 minutes (ours)" in said


def test_the_data_has_each_minute_and_its_sums(asked: Project) -> None:
    day = day_of(asked)
    assert (day["workload"], day["what"]) == ("scorer", "ml.m5.xlarge")
    assert len(day["minutes"]) == 1440
    assert sum(minute["arrivals"] for minute in day["minutes"]) == pytest.approx(30 * 86_400, rel=1e-3)
    assert {minute["paid"] for minute in day["minutes"]} <= set(range(2, 9))
    hours = sum(minute["paid"] for minute in day["minutes"]) / 60
    assert day["instance_hours"] == pytest.approx(hours, abs=0.01)
    assert day["monthly"] == pytest.approx(hours / 24 * 730 * 0.23, abs=0.01)


def test_more_requests_take_more_machines_until_the_maximum(asked: Project) -> None:
    most = [day_of(asked, "--requests-per-second", rate)["most"] for rate in ("1", "30", "500")]
    assert most[0] == 2 and most[0] < most[1] <= most[2] == 8


def test_a_late_start_makes_requests_wait(asked: Project) -> None:
    quick, late = (day_of(asked, "--start-minutes", minutes) for minutes in ("0", "60"))
    assert quick["minutes_late"] < late["minutes_late"]


def test_another_day_has_another_shape_and_the_same_sum(asked: Project) -> None:
    sums = [hourly(day_of(asked, "--day", day)) for day in ("flat", "evening")]
    assert sum(sums[0]) == pytest.approx(sum(sums[1]), rel=1e-3)
    assert max(sums[0]) - min(sums[0]) < 1 < max(sums[1]) - min(sums[1])


def test_what_is_not_asked_or_cannot_be_played_is_named(project: Project) -> None:
    run = project.run("simulate", "--stack", "prod")
    assert run.code == 0
    assert "Not played:\n  - scorer: nobody says what it is asked: `expects=Traffic(…)`" in run.out


def test_a_picture_is_drawn(asked: Project) -> None:
    run = asked.run("simulate", "--stack", "prod", "--plot", "day.svg")
    assert run.code == 0 and "drawn: day.svg" in run.err
    text = (asked.root / "day.svg").read_text(encoding="utf-8")
    assert text.startswith("<?xml") and "scorer in prod: ml.m5.xlarge" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '-s' / '--stack'"),
        (("--stack", "prd"), "no environment has a stack 'prd'"),
        (("--stack", "prod", "--workload", "scorr"), "No endpoint or service of stack 'prod' is named scorr"),
        (("--stack", "prod", "--requests-per-second", "0"), "--requests-per-second"),
        (("--stack", "prod", "--day", "night"), "'night' is not one of"),
        (("--stack", "prod", "--start-minutes", "-1"), "--start-minutes"),
        (("--stack", "prod", "--plot", "day.txt"), "name it .svg or .png"),
        (("--stack", "prod", "environments/spek.py"), "there is no spec 'environments/spek.py'"),
    ],
)
def test_what_is_wrong_is_said(asked: Project, arguments: tuple[str, ...], said: str) -> None:
    run = asked.run("simulate", *arguments)
    assert (run.code, run.out) == (2, "")
    assert said in run.err and "Traceback" not in run.err


def test_a_folder_that_is_not_there_is_told(asked: Project) -> None:
    run = asked.run("simulate", "--stack", "prod", "--plot", str(Path("nowhere/day.svg")))
    assert run.code == 2
    assert "nowhere/day.svg cannot be written" in run.err
