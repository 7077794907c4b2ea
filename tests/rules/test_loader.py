"""The loader: one rule per file, named after it, no id or name twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstage.rules import FAMILIES, RuleFileError, all_rules, load

RULE = '''
from mlstage.rules import in_test, resource_rule

@resource_rule(
    id="{id}", name="{name}", title="T", types=("aws.ebs.Volume",), levels=in_test(), fix="f", sources=(),
)
def check(resource, about):
    """Why."""
    yield from ()
'''


def write(folder: Path, file: str, *rules: tuple[str, str]) -> Path:
    text = "\n".join(RULE.format(id=id, name=name).replace("def check", f"def check_{n}") for n, (id, name) in
                     enumerate(rules))  # fmt: skip
    (folder / file).write_text(text, encoding="utf-8")
    return folder / file


def test_rules_come_by_id_with_their_parts() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(ids)
    assert {"ML101", "ML102", "ML103", "ML104", "ML201", "ML202", "ML401", "ML402"} <= set(ids)


def test_every_rule_is_whole() -> None:
    for rule in all_rules():
        assert rule.family in FAMILIES.values(), rule.id
        assert rule.why.endswith("."), rule.id
        assert len(rule.why) <= 120, rule.id
        assert rule.fix and rule.title and rule.sources, rule.id
        assert all(source.startswith("https://") for source in rule.sources), rule.id
        assert rule.on_resource or rule.on_stack, rule.id
        assert not rule.on_resource or rule.types, rule.id
        # A name reads after "allow".
        assert not rule.name.startswith(("no-", "require-", "disallow-", "must-")), rule.id


def test_a_folder_of_own_rules(tmp_path: Path) -> None:
    write(tmp_path, "ml901_small_volume.py", ("ML901", "small-volume"))
    write(tmp_path, "helpers.py")
    assert [rule.policy for rule in load(tmp_path, beside=all_rules())] == ["ML901-small-volume"]


def test_a_file_not_named_after_its_rule_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "ml901_tiny_volume.py", ("ML901", "small-volume"))
    with pytest.raises(RuleFileError) as refusal:
        load(tmp_path)
    assert str(path) in str(refusal.value)
    assert "ml901_small_volume.py" in str(refusal.value)


@pytest.mark.parametrize("rules", [[], [("ML901", "a"), ("ML902", "b")]])
def test_a_file_holds_exactly_one_rule(tmp_path: Path, rules: list[tuple[str, str]]) -> None:
    path = write(tmp_path, "ml901_a.py", *rules)
    with pytest.raises(RuleFileError, match="exactly one rule") as refusal:
        load(tmp_path)
    assert str(path) in str(refusal.value)


def test_two_files_with_one_id_are_refused_and_both_named(tmp_path: Path) -> None:
    one = write(tmp_path, "ml901_small_volume.py", ("ML901", "small-volume"))
    two = write(tmp_path, "ml901_large_volume.py", ("ML901", "large-volume"))
    with pytest.raises(RuleFileError) as refusal:
        load(tmp_path)
    assert str(one) in str(refusal.value) and str(two) in str(refusal.value)


def test_an_id_of_mlstage_cannot_be_taken_again(tmp_path: Path) -> None:
    path = write(tmp_path, "ml101_mine.py", ("ML101", "mine"))
    with pytest.raises(RuleFileError) as refusal:
        load(tmp_path, beside=all_rules())
    assert str(path) in str(refusal.value) and "ml101_spot_on_real_time.py" in str(refusal.value)
