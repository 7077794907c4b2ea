"""Pages are made from rules: whole, runnable, and not stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstage.rules import Rule, all_rules
from mlstage.rules.pages import catalogue, generated, main, messages, page, rows, source_of

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_has_all_its_parts(rule: Rule) -> None:
    text = page(rule)
    assert text.startswith(f"# {rule.id} {rule.name}\n")
    assert " ".join(text.split()).count(rule.why) == 1
    assert rule.fix in text
    for example in (*rule.bad_examples, *rule.good_examples):
        assert source_of(example) in text
        assert "examples." in source_of(example) and "def " not in source_of(example)
    for example in rule.bad_examples:
        assert messages(rule, example)
        assert all(f"> {message}" in text for message in messages(rule, example))
    assert all(f"<{source}>" in text for source in rule.sources)


def test_the_generated_files_are_not_stale() -> None:
    for name, text in generated(all_rules()).items():
        assert (POLICIES / name).read_text(encoding="utf-8") == text, f"{name}: run `python -m mlstage.rules.pages`"


def test_check_names_what_is_stale_and_writing_cures_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(tmp_path)]) == 1
    assert "RULES.md is stale" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / "strict.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(["--check", str(tmp_path)]) == 1
    assert "strict.json is stale" in capsys.readouterr().err


def test_the_table_links_to_headings() -> None:
    text = catalogue(all_rules())
    for row in rows():
        assert f"](#{row.id.lower()}-{row.name})" in text
        assert f"## {row.id} {row.name}\n" in text


def test_rows_say_levels_under_settings() -> None:
    by_id = {row.id: row for row in rows()}
    assert (by_id["ML102"].test, by_id["ML102"].production) == ("mandatory", "disabled")
    assert by_id["ML402"].remediates and not by_id["ML401"].remediates
    assert (by_id["ML201"].scope, by_id["ML401"].scope) == ("stack", "resource")
