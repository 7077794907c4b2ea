"""The page of the language: whole, current, and with examples that the language takes."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlstage
from mlstage.spec import reference
from mlstage.spec.base import Node

PAGE = Path(__file__).parents[2] / reference.PAGE
NODES = [word for word in reference.words() if isinstance(getattr(mlstage, word), type)]
SHORTENED = ", …"


def test_every_word_is_on_the_page_once() -> None:
    public = {
        word for word in mlstage.__all__ if word not in ("PerStage", "__version__")
    }  # per_stage tells of PerStage
    assert sorted(reference.words()) == sorted(public)


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.language(), "run `python -m mlstage.spec.reference`"


@pytest.mark.parametrize("word", NODES)
def test_examples_are_what_the_fields_take(word: str) -> None:
    node: type[Node] = getattr(mlstage, word)
    rows = [row for row in reference.fields(node) if SHORTENED not in row.example]
    given = {row.name: eval(row.example, dict(vars(mlstage))) for row in rows}
    needed = {row.name for row in reference.fields(node) if row.default == "required"}
    if needed <= given.keys():
        made = node(**given)
        assert {name: getattr(made, name) for name in given} == {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }


def test_a_field_is_told_with_its_default_and_what_it_holds() -> None:
    rows = {row.name: row for row in reference.fields(mlstage.Autoscale)}
    assert list(rows)[:2] == ["min", "max"]
    assert rows["max"] == reference.FieldRow("max", "a whole number from 0", "4", "required", per_stack=True)
    assert rows["scale_in_cooldown"].default == '"5m"'
    assert rows["steps"].takes == "a list, each Steps(…)"
    assert rows["target"].default == "-"
    actions = {row.name: row for row in reference.fields(mlstage.ScheduledAction)}
    assert not actions["min"].per_stack


def test_words_lead_to_their_headings() -> None:
    text = reference.language()
    for word in reference.words():
        assert f"](#{word.lower()})" in text
        assert f"\n### {word}\n" in text
    assert "[Autoscale](#autoscale)" in reference.page("RealtimeEndpoint", links=True)
    assert "](#" not in reference.page("RealtimeEndpoint")


def test_what_is_stale_is_named_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "language.md"
    assert reference.main(["--check", str(path)]) == 1
    assert "language.md is stale" in capsys.readouterr().err
    assert reference.main([str(path)]) == 0
    assert reference.main(["--check", str(path)]) == 0
