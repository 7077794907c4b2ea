"""The maintainer's command: the committed data says what the installed botocore and moto say, and drift is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstage.catalog import _files
from mlstage.catalog.derive.__main__ import differences, main, write
from mlstage.catalog.instances import EC2_FILE, USES_FILE
from mlstage.catalog.limits import LIMITS_FILE


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a copy of the data to change."""
    copy = tmp_path / "data"
    shutil.copytree(_files.DATA, copy)
    monkeypatch.setattr(_files, "DATA", copy)
    _files.text.cache_clear()
    _files.sources_of.cache_clear()
    yield copy
    _files.text.cache_clear()
    _files.sources_of.cache_clear()


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_committed_data_is_what_the_installed_packages_say() -> None:
    """If this fails after an upgrade: read the lines, then `python -m mlstage.catalog.derive --write --date …`."""
    assert list(differences()) == []


def test_drift_is_named_line_by_line(data: Path) -> None:
    replace(data / USES_FILE, "ml.t2.medium\thosting notebook", "ml.t2.medium\thosting training notebook")
    shape = '"shape": "sagemaker/ServerlessMaxConcurrency",\n   "type": "integer",\n   "min": 1,\n   "max": '
    replace(data / LIMITS_FILE, f"{shape}200", f"{shape}100")
    assert list(differences()) == [
        'limits.json: -   "max": 100',
        'limits.json: +   "max": 200',
        "sagemaker_uses.tsv: -ml.t2.medium\thosting training notebook",
        "sagemaker_uses.tsv: +ml.t2.medium\thosting notebook",
    ]


def test_a_hand_fact_that_aws_no_longer_says(data: Path) -> None:
    replace(data / LIMITS_FILE, '"says": "The maximum value is 28 days"', '"says": "The maximum value is 5 days"')
    assert list(differences()) == [
        "limits.json: sagemaker.training.max_runtime_s: sagemaker/StoppingCondition.MaxRuntimeInSeconds"
        " no longer says `The maximum value is 5 days`"
    ]


def test_write_mends_what_is_derived_and_keeps_what_is_not(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in data.iterdir()}
    replace(data / USES_FILE, "ml.t2.medium\thosting notebook", "ml.t2.medium\thosting training notebook")
    replace(data / EC2_FILE, "\nt2.medium\t2\t4096\t", "\nt2.medium\t2\t8192\t")
    replace(data / LIMITS_FILE, '"note": "28 days"', '"note": "four weeks"')
    assert main(["--write", "--date", "2030-01-31"]) == 0
    assert capsys.readouterr().out == f"wrote {EC2_FILE}\nwrote {USES_FILE}\n"
    after = {path.name: path.read_text(encoding="utf-8") for path in data.iterdir()}
    changed = {file for file in committed if after[file] != committed[file]}
    # The two files that were wrong have a new date, and nothing else; the hand's word stands.
    assert changed == {EC2_FILE, USES_FILE, LIMITS_FILE}
    for file in (EC2_FILE, USES_FILE):
        assert after[file].replace("2030-01-31", "2026-11-24") == committed[file]
    assert after[LIMITS_FILE].replace("four weeks", "28 days") == committed[LIMITS_FILE]


def test_a_newer_package_that_says_the_same_is_no_difference(data: Path) -> None:
    for file in (EC2_FILE, USES_FILE, LIMITS_FILE):
        path = data / file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("botocore 1.44.5", "botocore 1.40.0").replace("moto 5.2.5", "moto 5.0.0"), "utf-8")
        assert path.read_text(encoding="utf-8") != text
    assert list(differences()) == []
    assert write("2030-01-31") == ()


def test_check_prints_and_fails(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    replace(data / EC2_FILE, "\nt2.medium\t2\t4096\t", "\nt2.medium\t2\t8192\t")
    _files.text.cache_clear()
    assert main(["--check"]) == 1
    assert "ec2_instances.tsv: +t2.medium\t2\t4096\t" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--write"], "add --date YYYY-MM-DD"),
        (["--write", "--date", "today"], "add --date YYYY-MM-DD"),
        (["--check", "--write"], "name one"),
    ],
)
def test_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
