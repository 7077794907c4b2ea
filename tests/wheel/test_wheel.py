"""Somebody else's repository: the built wheel, alone in an environment of its own, outside this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with the engine's Python side into an empty environment, and give its `bin`."""
    home = tmp_path_factory.mktemp("venv")
    uv = _uv()
    if uv:
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)])
        install = [uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python")]
    else:
        _run([sys.executable, "-m", "venv", str(home)])
        install = [str(home / "bin" / "pip"), "install", "--quiet"]
    _run([*install, "--constraint", str(_constraints(home)), f"mlstage[pulumi] @ {wheel.as_uri()}"])
    return home / "bin"


def _constraints(folder: Path) -> Path:
    """Install what is pinned here, so that a new release elsewhere does not fail this test."""
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    pinned = [line.removesuffix(" \\") for line in lines if line[:1].isalnum()]
    path = folder / "constraints.txt"
    path.write_text("\n".join(pinned) + "\n")
    return path


def _uv() -> str | None:
    cache = Path(os.environ.get("MLSTAGE_CACHE") or Path.home() / ".cache" / "mlstage")
    return shutil.which("uv") or next((str(path) for path in sorted(cache.glob("tools/uv-*/bin/uv"))), None)


def _run(command: list[str], cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=cwd, env={**_clean_environ(), **environ}, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done


def _clean_environ() -> dict[str, str]:
    """Leave out what would lead the new environment back to this checkout."""
    return {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}}


def test_the_wheel_holds_what_the_package_reads(wheel: Path) -> None:
    """Every file of the package that is not ignored is in the wheel, and nothing else is."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "dsl/mlstage"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    expected = {name.removeprefix("dsl/") for name in listed if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("mlstage/")}
    assert packed == expected


@pytest.mark.engine
def test_a_new_project_checks_compiles_and_previews(bin_folder: Path, tmp_path: Path) -> None:
    """What `init` writes works at once, from the wheel alone."""
    mlstage = str(bin_folder / "mlstage")
    _run([mlstage, "init", "shop"], cwd=tmp_path)
    project = tmp_path / "shop"
    assert "no problems: example in test, prod" in _run([mlstage, "check"], cwd=project).stdout
    assert "wrote programs/example/prod.py" in _run([mlstage, "compile"], cwd=project).stderr
    assert "every generated file is current" in _run([mlstage, "compile", "--check"], cwd=project).stderr
    preview = _run([mlstage, "preview", "--stack", "prod", "--offline"], cwd=project).stdout
    assert "aws:sagemaker:Endpoint example-classifier-endpoint create" in preview
    assert "mlstage judges stack 'prod' as production" in preview


def test_init_overwrites_nothing(bin_folder: Path, tmp_path: Path) -> None:
    """A folder with files of those names is left as it is, and the files are named."""
    folder = tmp_path / "taken"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "__main__.py").write_text("mine\n")
    (folder / "Pulumi.yaml").write_text("mine\n")
    command = [str(bin_folder / "mlstage"), "init", str(folder)]
    done = subprocess.run(command, env=_clean_environ(), capture_output=True, text=True)
    assert done.returncode == 2
    assert "Pulumi.yaml" in done.stderr
    assert "policies/__main__.py" in done.stderr
    written = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert written == {"Pulumi.yaml": "mine\n", "policies/__main__.py": "mine\n"}


def test_the_starter_has_the_pack_of_this_repository() -> None:
    """A new project's policy pack is the one that is tested here."""
    starter = ROOT / "dsl" / "mlstage" / "cli" / "starter" / "policies" / "main.py"
    assert starter.read_text() == (ROOT / "policies" / "__main__.py").read_text()
