"""`mlstage compile --target`: each format has its own folder, with the same safeties."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlstage.emit import FORMATS, CompiledProgram, EmitError, Plan, write
from mlstage.graph import Graph
from tests.project_support import Project

MAIN = "terraform/fraud/prod/main.tf.json"
README = "terraform/fraud/prod/README.md"


def generated(project: Project) -> dict[str, bytes]:
    return {path: text for path, text in project.files().items() if path.startswith(("terraform/", "programs/"))}


def test_terraform_is_written_instead_of_programs(project: Project) -> None:
    run = project.run("compile", "--target", "terraform")
    assert run.code == 0, run.err
    assert set(generated(project)) == {
        f"terraform/fraud/{stack}/{file}" for stack in ("test", "prod") for file in ("main.tf.json", "README.md")
    } | {"terraform/manifest.json"}
    assert [f"wrote {path}" in run.err for path in (MAIN, README)] == [True, True]


def test_without_a_target_what_the_project_has_is_compiled(project: Project) -> None:
    project.run("compile", "--target", "terraform")
    project.run("compile", "--target", "pulumi")
    before = generated(project)
    project.write(
        "environments/spec.py", (project.root / "environments/spec.py").read_text().replace("ml.m5", "ml.m6i")
    )
    stale = project.run("compile", "--check")
    assert stale.code == 1
    assert f"{MAIN}: error GEN112" in stale.err
    assert "programs/fraud/prod.py: error GEN112" in stale.err
    assert project.run("compile").code == 0
    changed = {path for path, text in generated(project).items() if text != before[path]}
    assert changed == {MAIN, "terraform/manifest.json", "programs/fraud/prod.py", "programs/manifest.json"}
    assert project.run("compile", "--check").code == 0


def test_a_new_project_gets_programs(project: Project) -> None:
    project.run("compile")
    assert (project.root / "programs/fraud/prod.py").is_file()
    assert not (project.root / "terraform").exists()


def test_what_people_edited_stays_and_nothing_else_is_written(project: Project) -> None:
    project.run("compile", "--target", "terraform")
    place = project.root / MAIN
    place.write_bytes(place.read_bytes() + b"\n")
    project.write(
        "environments/spec.py", (project.root / "environments/spec.py").read_text().replace("ml.m5", "ml.m6i")
    )
    before = project.files()
    run = project.run("compile")
    assert run.code == 2
    assert f"{MAIN}: error GEN101" in run.err
    assert project.files() == before
    assert project.run("compile", "--force").code == 0
    assert b"ml.m6i.xlarge" in place.read_bytes()


def test_files_beside_the_module_are_the_users(project: Project) -> None:
    project.run("compile", "--target", "terraform")
    backend = project.write("terraform/fraud/prod/backend.tf", 'terraform {\n  backend "s3" {}\n}\n')
    state = project.write("terraform/fraud/test/terraform.tfstate", "{}")
    project.write(
        "environments/spec.py", (project.root / "environments/spec.py").read_text().replace('"fraud"', '"risk"')
    )
    run = project.run("compile", "--target", "terraform")
    assert run.code == 0, run.err
    assert f"removed {MAIN}" in run.err
    assert backend.is_file() and state.is_file()
    assert not (project.root / MAIN).exists()


def test_a_module_that_mlstage_does_not_know_is_not_overwritten(project: Project) -> None:
    project.write(MAIN, "{}")
    run = project.run("compile", "--target", "terraform")
    assert run.code == 2
    assert f"{MAIN}: error GEN102" in run.err
    assert (project.root / MAIN).read_text() == "{}"


def test_a_manifest_cannot_have_files_removed_that_lie_elsewhere(project: Project) -> None:
    project.run("compile", "--target", "terraform")
    manifest = project.root / "terraform/manifest.json"
    document = json.loads(manifest.read_text())
    document["files"]["../environments/spec.py"] = "0"
    manifest.write_text(json.dumps(document))
    run = project.run("compile", "--target", "terraform")
    assert run.code == 2
    assert "terraform/manifest.json: error GEN104" in run.err
    assert project.run("compile", "--target", "terraform", "--force").code == 0
    assert (project.root / "environments/spec.py").is_file()


def test_stacks_that_differ_in_case_only_are_refused() -> None:
    def named(stack: str) -> CompiledProgram:
        graph = Graph((), environment="fraud", stack=stack, region="us-east-1")
        return CompiledProgram("fraud", stack, "environments/spec.py", {}, "us-east-1", graph, {})

    with pytest.raises(EmitError) as refused:
        FORMATS["terraform"].plan((named("prod"), named("Prod")), "1.0.0")
    assert [(one.code, one.what) for one in refused.value.diagnostics] == [
        ("GEN105", "fraud/prod and fraud/Prod would share the file terraform/fraud/Prod")
    ]


def test_a_write_that_fails_puts_everything_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run("compile", "--target", "terraform")
    before = project.files()
    files = {path: text for path, text in before.items() if path.startswith("terraform/")}
    new = {path: text + b" " for path, text in files.items() if path != "terraform/manifest.json"}
    plan = Plan("terraform", {**new, "terraform/fraud/third/main.tf.json": b"{}", "terraform/manifest.json": b"{}"})
    renames = iter(range(100))
    real = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if next(renames) == 3:
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(EmitError) as refused:
        write(plan, project.root)
    assert [one.code for one in refused.value.diagnostics] == ["GEN103"]
    assert project.files() == before
    assert not (project.root / "terraform/fraud/third").exists()


def test_a_write_that_is_killed_is_finished_by_the_next(project: Project) -> None:
    """The next compile takes the half-written files for its own, and leaves no trace of the former one."""
    project.run("compile", "--target", "terraform")
    project.write(
        "environments/spec.py", (project.root / "environments/spec.py").read_text().replace("ml.m5", "ml.m6i")
    )
    code = (
        "import os, pathlib, signal, sys\n"
        "real, count = pathlib.Path.replace, iter(range(100))\n"
        "def dying(path, target):\n"
        "    if next(count) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(path, target)\n"
        "pathlib.Path.replace = dying\n"
        "from mlstage.cli import main\n"
        "sys.argv = ['mlstage', 'compile']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project.root, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert project.run("compile", "--check").code == 1
    assert project.run("compile").code == 0
    assert project.run("compile", "--check").code == 0
    assert [path for path in project.files() if "mlstage-" in path] == []


def test_notes_say_what_terraform_does_otherwise(project: Project) -> None:
    text = (project.root / "environments/spec.py").read_text()
    project.write(
        "environments/spec.py", text.replace('model.tar.gz",\n', 'model.tar.gz",\n    environment={"A": "e\\u0301"},\n')
    )
    run = project.run("compile", "--target", "terraform", "--format", "json")
    notes = [one for one in json.loads(run.out)["diagnostics"] if one["code"].startswith("TF")]
    assert {(one["code"], one["severity"], one["stack"]) for one in notes} == {
        ("TF103", "note", "prod"),
        ("TF103", "note", "test"),
    }
    assert run.code == 0
    assert "composes accents" in (project.root / README).read_text()
