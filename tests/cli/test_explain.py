"""`mlstage explain`: rules, errors and words of the language, by whatever an author would type."""

from __future__ import annotations

import json

import pytest

from tests.project_support import Project


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("ML101", "# ML101 spot-on-real-time"),
        ("ml101", "# ML101 spot-on-real-time"),
        ("spot-on-real-time", "# ML101 spot-on-real-time"),
        ("aws103", "# AWS103 "),
        ("RealtimeEndpoint", "# RealtimeEndpoint"),
        ("autoscale", "# Autoscale"),
        ("per_stage", "# per_stage"),
    ],
)
def test_it_is_found_in_whatever_case(project: Project, asked: str, heading: str) -> None:
    run = project.run("explain", asked)
    assert run.code == 0, run.said
    assert run.out.startswith(heading)


def test_a_word_is_told_with_its_fields(project: Project) -> None:
    told = project.run("explain", "Autoscale").out
    assert "Between `min` and `max` instances, following one metric." in told
    assert "| `max` | a whole number from 0 | `4` | required | yes |" in told


def test_what_is_inherited_is_told_as_well(project: Project) -> None:
    assert "`formerly` is the name it had before" in project.run("explain", "Training").out


@pytest.mark.parametrize(
    ("asked", "meant"), [("RealtimeEndpont", "RealtimeEndpoint"), ("ML1011", "ML101"), ("ecss", "Ecs")]
)
def test_a_slip_is_told_the_nearest(project: Project, asked: str, meant: str) -> None:
    run = project.run("explain", asked)
    assert run.code == 2
    assert f"no rule, error or word '{asked}'" in run.err
    assert meant in run.err.partition("Did you mean ")[2]


def test_all_are_listed_and_each_can_be_asked_for(project: Project) -> None:
    listed = json.loads(project.run("explain", "--format", "json").out)
    pages = json.loads(project.run("explain", *(one["id"] for one in listed), "--format", "json").out)
    assert [(one["id"], one["title"]) for one in pages] == [(one["id"], one["title"]) for one in listed]
    assert [one["id"] for one in pages if not one["page"].startswith(f"# {one['id']}")] == []
