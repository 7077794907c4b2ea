"""Run the real Pulumi, with AWS or without it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstage.offline.engine import Engine, find_engine
from mlstage.offline.environment import ENGINE_VARIABLE, WORLD_VARIABLE, offline_environment, search_path
from mlstage.offline.errors import OfflineError, not_writable
from mlstage.offline.launchers import PYTHON_VARIABLE
from mlstage.offline.progress import Progress
from mlstage.offline.project import Project, find_project
from mlstage.offline.stacks import clear_pending_creates, ensure_stack, private_config, release_stale_locks

# Commands that read a stack's configuration and take --config-file, with Pulumi's own other names for them.
_OPERATIONS: Final = frozenset(
    {"up", "update", "preview", "pre", "destroy", "down", "dn", "refresh", "watch", "import", "logs"}
)
_CHANGING: Final = frozenset({"up", "update", "destroy", "down", "dn"})
_CONFIRMED: Final = _CHANGING | {"refresh", "import"}
# Options whose value is the next word, among those that may stand before or between the words of a command.
_WITH_VALUE: Final = frozenset(
    {"-C", "--cwd", "--color", "-s", "--stack", "--config-file", "-v", "--verbose", "--tracing"}
)


@dataclass(frozen=True, slots=True)
class _Command:
    """What must be known of a `pulumi` command line: its first words, and a few options."""

    words: tuple[str, ...]
    folder: str
    stack: str
    config_file: str
    options: frozenset[str]


def run_pulumi(
    args: Sequence[str],
    *,
    offline: bool = False,
    project_root: Path | None = None,
    engine: Engine | None = None,
    checkpoints: bool = False,
    progress: Progress | None = None,
) -> int:
    """Run `pulumi ARGS` in a project, its output passed through, and give its exit code.

    Inside an offline shell (`python -m mlstage.offline env`) every run is offline. Raises `ToolMissing` without an
    engine, `OfflineError` for what is wrong with the project or stack.
    """
    progress = progress or Progress()
    root = (project_root or Path.cwd()).resolve()
    offline = offline or bool(os.environ.get(WORLD_VARIABLE))
    command, environ = prepare(args, root, offline, engine, progress, checkpoints=checkpoints)
    sys.stdout.flush()
    sys.stderr.flush()
    with subprocess.Popen(command, env=environ, cwd=root) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the terminal has told Pulumi too, which ends in its own way and must be waited for


def prepare(
    args: Sequence[str],
    root: Path,
    offline: bool,
    engine: Engine | None,
    progress: Progress,
    *,
    checkpoints: bool = False,
) -> tuple[list[str], dict[str, str]]:
    """Give the command line and environment of a run, with what an offline one needs made ready."""
    engine = engine or _named_engine(os.environ) or find_engine(progress=progress)
    if not offline:
        environ = {**os.environ, "PATH": search_path(engine, os.environ), PYTHON_VARIABLE: sys.executable}
        return [str(engine.pulumi), *args, *_quiet_options(args)], environ
    parsed = _parse(args)
    project = find_project(root / parsed.folder)
    try:
        environ = offline_environment(project.root, engine=engine, checkpoints=checkpoints)
        extra = _offline_options(parsed, project, engine, environ, progress)
    except OSError as error:
        raise not_writable(error) from error
    if parsed.words[:2] in (("stack", "init"), ("stack", "new")) and len(parsed.words) == 3:
        # Made already, without a salt in the stack's file; what is left to do is to select it.
        return [str(engine.pulumi), "-C", str(project.root), "stack", "select", parsed.words[2]], environ
    return [str(engine.pulumi), *args, *extra, *_quiet_options(args)], environ


def _offline_options(
    parsed: _Command, project: Project, engine: Engine, environ: dict[str, str], progress: Progress
) -> list[str]:
    words = parsed.words
    if words[:1] and words[0] in _OPERATIONS:
        stack = parsed.stack or environ.get("PULUMI_STACK") or _selected(project, engine, environ)
        if not stack:
            return []
        ensure_stack(project, stack, engine.pulumi, environ)
        release_stale_locks(project, stack, progress)
        source = (project.root / parsed.config_file) if parsed.config_file else None
        config = private_config(project, stack, progress, source)
        if words[0] in _CHANGING:
            clear_pending_creates(project, stack, config, engine.pulumi, environ, progress)
        # Given last, it also takes the place of a file that the user named, of which it is a copy.
        return [f"--config-file={config}"]
    if words[:2] in (("stack", "init"), ("stack", "new")) and len(words) == 3:
        ensure_stack(project, words[2], engine.pulumi, environ)
    if words[:2] in (("stack", "rm"), ("stack", "remove")):
        return ["--preserve-config"]
    if words[:1] == ("config",) and "--secret" in parsed.options:
        raise OfflineError(
            "a secret set here would be encrypted with the offline environment's throw-away key",
            "set secrets of a real stack outside the offline environment",
        )
    return []


def _selected(project: Project, engine: Engine, environ: Mapping[str, str]) -> str:
    command = [str(engine.pulumi), "-C", str(project.root), "stack", "--show-name", "--non-interactive"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def _quiet_options(args: Sequence[str]) -> list[str]:
    # Without a terminal nobody can answer, and the display that repaints itself would fill a log.
    parsed = _parse(args)
    asks = parsed.words[:1] and parsed.words[0] in _CONFIRMED | {"preview", "pre"}
    watched = sys.stdin.isatty() and sys.stdout.isatty()
    return ["--non-interactive"] if asks and not watched and "--non-interactive" not in parsed.options else []


def _named_engine(environ: Mapping[str, str]) -> Engine | None:
    """Give the engine that an offline shell was set up with: it was run then, and need not be again."""
    named = environ.get(ENGINE_VARIABLE)
    if not named or not os.access(named, os.X_OK):
        return None
    pulumi = Path(named)
    return Engine(pulumi, "", "environment", tuple(dict.fromkeys((pulumi.parent, pulumi.resolve().parent))))


def _parse(args: Sequence[str]) -> _Command:
    words, options, values = [], set(), {}
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, equals, value = word.partition("=")
        options.add(name)
        if name in _WITH_VALUE:
            values[name] = value if equals else rest.pop(0) if rest else ""
        elif word[:2] in ("-s", "-C") and len(word) > 2 and word[2] != "-":
            values[word[:2]] = word[2:].removeprefix("=")

    def value_of(*names: str) -> str:
        return next((values[name] for name in names if name in values), "")

    return _Command(
        tuple(words),
        value_of("-C", "--cwd"),
        value_of("-s", "--stack").rpartition("/")[2],
        value_of("--config-file"),
        frozenset(options),
    )
