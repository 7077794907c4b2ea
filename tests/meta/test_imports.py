"""Data flows one way: which package may import which, and what no quick command may load."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlstage

PACKAGE = Path(mlstage.__file__).parent
# For each package, the others of ours that it may import. What is not listed is refused.
MAY_IMPORT = {
    "diagnostics": {"_version"},
    "catalog": set[str](),
    "graph": {"diagnostics"},
    "spec": {"diagnostics"},
    "resolve": {"diagnostics", "spec"},
    "passes": {"diagnostics", "graph"},
    "targets": {"catalog", "diagnostics", "graph", "passes", "resolve", "spec"},
    "emit": {"diagnostics", "graph"},
    "rules": {"catalog", "diagnostics", "graph", "insight"},
    "insight": {"catalog", "diagnostics", "graph", "rules"},
    "readers": {"_version", "diagnostics", "graph", "passes", "rules"},
    "offline": {"_version", "diagnostics", "graph"},
}
# These join the rest together.
JOINING = {"cli", "project", "__init__.py", "__main__.py", "_version.py"}
ONLY_IN = {"pulumi": {"readers", "offline"}, "grpc": {"readers", "offline"}}
# What is too slow to import where it is not used.
HEAVY = {"pulumi", "pulumi_aws", "pulumi_kubernetes", "boto3", "botocore", "matplotlib", "grpc", "rich", "playwright"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "starter" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide which package is meant"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_package_is_judged() -> None:
    assert {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()} == {
        *MAY_IMPORT,
        *JOINING,
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(PACKAGE).parts[0]
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("mlstage.")} - {package}
    assert ours <= MAY_IMPORT.get(package, ours), f"{package} imports {ours - MAY_IMPORT[package]}"
    theirs = {name.split(".")[0].split("_")[0] for name in imported(path)}
    assert not [name for name in theirs if package not in ONLY_IN.get(name, {package})]


@pytest.mark.parametrize("package", ["graph", "resolve", "targets", "passes", "emit"])
def test_the_same_spec_gives_the_same_bytes(package: str) -> None:
    """Nothing between a spec and its output reads a clock, a random number or the machine it runs on."""
    refused = {"random", "secrets", "uuid", "time", "socket", "platform", "getpass", "datetime", "os"}
    found = {
        (str(path.relative_to(PACKAGE)), name)
        for path in (PACKAGE / package).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in refused
    }
    # Files are written by the one; the other counts from a date of the spec.
    assert {name for name, _ in found} <= {"emit/writing.py", "targets/sagemaker/notebook.py"}


@pytest.mark.parametrize("command", [["--help"], ["check", "--stack", "test"], ["check", "--format", "json"]])
def test_quick_commands_import_nothing_heavy(command: list[str]) -> None:
    script = (
        "import json, sys\n"
        "from mlstage.cli.main import group\n"
        f"group({command!r}, standalone_mode=False)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PACKAGE.parents[1], capture_output=True, text=True)
    assert not HEAVY & set(json.loads(done.stderr.splitlines()[-1])), done.stderr


def test_the_public_face_is_complete_and_sorted() -> None:
    assert list(mlstage.__all__) == sorted(mlstage.__all__, key=str)
    assert [name for name in mlstage.__all__ if not getattr(mlstage, name, None)] == []
