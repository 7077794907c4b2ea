"""Getting Pulumi: what is taken, what is refused, what is said, and that two at once do no harm."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlstage.offline.engine import ENGINE_VERSION, Engine, find_engine
from mlstage.offline.errors import StepFailed, ToolMissing
from mlstage.offline.gomodules import build
from mlstage.offline.launchers import offline_launchers, write_language_host
from mlstage.offline.progress import Progress

VERSION_SCRIPT = "#!/bin/sh\necho v{version}\n"


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def pulumi(folder: Path, version: str, *, host: bool = True) -> Path:
    if host:
        script(folder / "pulumi-language-python", "#!/bin/sh\n")
    return script(folder / "pulumi", VERSION_SCRIPT.format(version=version))


def good_source(folder: Path, _: Progress) -> None:
    pulumi(folder, ENGINE_VERSION)
    script(folder / "pulumi-language-python-exec", "#!/bin/sh\n")


def no_source(folder: Path, _: Progress) -> None:
    (folder / "half").write_text("half a download")
    raise StepFailed("not reachable")


def find(tmp_path: Path, *folders: Path, sources: tuple[object, ...] = ()) -> tuple[Engine, str]:
    said = io.StringIO()
    path = os.pathsep.join([*map(str, folders), "/usr/bin", "/bin"])
    environ = {"PATH": path, "MLSTAGE_CACHE": str(tmp_path / "cache")}
    named = [("a source", source) for source in sources]
    engine = find_engine(environ=environ, progress=Progress(said), sources=named)  # type: ignore[arg-type]
    return engine, said.getvalue()


def test_the_one_on_path_is_taken(tmp_path: Path) -> None:
    found = pulumi(tmp_path / "bin", "3.201.0")
    engine, said = find(tmp_path, tmp_path / "bin")
    assert (engine.pulumi, engine.version, engine.source) == (found, "3.201.0", "PATH")
    assert said == ""


def test_a_link_to_a_release_brings_its_language_host(tmp_path: Path) -> None:
    pulumi(tmp_path / "release", "3.250.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(tmp_path / "release" / "pulumi")
    engine, _ = find(tmp_path, tmp_path / "bin")
    assert engine.folders == (tmp_path / "bin", tmp_path / "release")


@pytest.mark.parametrize(
    ("version", "host", "reason"),
    [
        ("3.199.0", True, "is version 3.199.0; 3.200.0 or newer is needed"),
        ("3.250.0", False, "has no pulumi-language-python beside it or on PATH"),
        ("nonsense", True, "does not answer `pulumi version`"),
    ],
)
def test_one_that_will_not_do_is_passed_over(tmp_path: Path, version: str, host: bool, reason: str) -> None:
    pulumi(tmp_path / "bin", version, host=host)
    engine, _ = find(tmp_path, tmp_path / "bin", sources=(good_source,))
    assert engine.source == "cache"
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(ToolMissing, match=reason.replace("`", ".")):
        find(tmp_path, tmp_path / "bin", sources=(no_source,))


def test_our_own_launchers_are_not_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTAGE_CACHE", str(tmp_path / "cache"))
    launchers = offline_launchers()
    assert (launchers / "pulumi").is_file()
    with pytest.raises(ToolMissing, match="pulumi is not on PATH"):
        find(tmp_path, launchers)


def test_sources_are_tried_in_turn_and_cached(tmp_path: Path) -> None:
    engine, said = find(tmp_path, sources=(no_source, good_source))
    assert engine.pulumi == tmp_path / "cache" / "engine" / ENGINE_VERSION / "bin" / "pulumi"
    assert said == f"mlstage: Pulumi {ENGINE_VERSION} is ready in {engine.pulumi.parent}\n"
    again, said = find(tmp_path, sources=(no_source,))
    assert again == engine
    assert said == ""


def test_a_failed_source_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="a source: not reachable"):
        find(tmp_path, sources=(no_source,))
    assert [path.name for path in (tmp_path / "cache" / "engine").iterdir()] == [f"{ENGINE_VERSION}.lock"]


@pytest.mark.parametrize("damage", ["truncated", "not executable", "host missing"])
def test_a_broken_cache_is_set_up_again(tmp_path: Path, damage: str) -> None:
    engine, _ = find(tmp_path, sources=(good_source,))
    match damage:
        case "truncated":
            engine.pulumi.write_bytes(b"\x7fELF")
        case "not executable":
            engine.pulumi.chmod(0o644)
        case _:
            (engine.pulumi.parent / "pulumi-language-python").unlink()
    again, said = find(tmp_path, sources=(good_source,))
    assert "the cached Pulumi does not work and is set up again" in said
    assert again == engine
    assert [path.name for path in engine.pulumi.parents[2].iterdir() if path.name.startswith(".")] == []


def test_without_anything_it_says_what_to_install(tmp_path: Path) -> None:
    environ = {
        "PATH": "",
        "MLSTAGE_CACHE": str(tmp_path / "cache"),
        # Nothing listens there: no network, on a machine that has one, too.
        "https_proxy": "http://127.0.0.1:9",
        "HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "mlstage.offline", "setup"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.startswith(
        "mlstage: Pulumi is not on this machine and could not be set up: pulumi is not on PATH"
    )
    for part in ("Pulumi's installer: not reachable", "the go command is not on PATH", "  fix: install Pulumi 3.200.0"):
        assert part in done.stderr
    assert "Go 1.25.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def failing_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, says: str) -> None:
    answer = f'if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi'
    script(tmp_path / "bin" / "go", f'#!/bin/sh\n{answer}\necho "{says}" >&2\nexit 1\n')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin")


def test_an_old_go_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_go(tmp_path, monkeypatch, "1.19.4", "unknown directive")
    with pytest.raises(StepFailed, match=r"the go command is version 1\.19\.4, too old to build Pulumi \(1\.25\.11 or"):
        build(tmp_path, Progress(quiet=True))


def test_go_without_modules_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_go(tmp_path, monkeypatch, "1.26.0", "no route to host")
    with pytest.raises(StepFailed, match="`go build` failed: no route to host"):
        build(tmp_path, Progress(quiet=True))


def test_two_set_ups_at_once(tmp_path: Path) -> None:
    program = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_engine import good_source
from mlstage.offline.engine import find_engine

def slow(folder, progress):
    print("fetched", flush=True)
    time.sleep(1)
    good_source(folder, progress)

print(find_engine(sources=[("slow", slow)]).source)
"""
    environ = {"PATH": "/usr/bin:/bin", "MLSTAGE_CACHE": str(tmp_path / "cache")}
    start = [sys.executable, "-c", program]
    running = [
        subprocess.Popen(start, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    results = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], results
    assert sorted(out for out, _ in results) == ["cache\n", "fetched\ncache\n"]
    waited = next(err for out, err in results if "fetched" not in out)
    assert f"waiting for another process that is setting up Pulumi {ENGINE_VERSION}" in waited


def test_the_language_host_s_launcher_names_no_checkout(tmp_path: Path) -> None:
    write_language_host(tmp_path / "pulumi-language-python")
    text = (tmp_path / "pulumi-language-python").read_text()
    assert sys.prefix not in text
    assert os.access(tmp_path / "pulumi-language-python", os.X_OK)


@pytest.mark.engine
def test_the_real_one_runs(engine: Engine) -> None:
    done = subprocess.run([engine.pulumi, "version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip().removeprefix("v") == engine.version


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder is needed")
    environ = {"PATH": "/usr/bin:/bin", "MLSTAGE_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "mlstage.offline", "setup"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"mlstage: {tmp_path / 'cache'}" in done.stderr
    assert "MLSTAGE_CACHE names another folder" in done.stderr
    assert "Traceback" not in done.stderr
