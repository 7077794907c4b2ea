"""Stacks of a run without AWS: made when they are first used, without touching the files that are committed.

Facts, tried with Pulumi 3.259: `pulumi up --stack x` does not make a stack that the backend lacks; `pulumi stack init`
does, and writes an `encryptionsalt` into `Pulumi.x.yaml`; every later `up` writes one if it finds none. A salt of a
throw-away backend in a committed file would lock the real stack's secrets. So stacks are made from a scratch project of
the same name, and operations get `--config-file` with a copy of the stack's file that has the scratch salt in it.
"""

from __future__ import annotations

import difflib
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any, Final

from mlstage.offline.cache import locked, write_atomic
from mlstage.offline.errors import OfflineError
from mlstage.offline.progress import Progress
from mlstage.offline.project import Project

# What a program gets for a secret of the stack's: only the real stack's key could tell the secret itself.
SECRET_PLACEHOLDER: Final = "offline-placeholder-for-a-secret"
# Keys of a stack's file that belong to the real backend.
_REAL_BACKEND: Final = frozenset({"secretsprovider", "encryptedkey", "encryptionsalt"})


def require_stack_file(project: Project, stack: str) -> None:
    """Raise `OfflineError` where a stack has no file, with the names of those that have."""
    if not project.stack_file(stack).is_file():
        raise _no_such_stack(project, stack)


def ensure_stack(project: Project, stack: str, pulumi: Path, environ: dict[str, str]) -> None:
    """Make a stack of the project in the offline backend, unless it is there."""
    require_stack_file(project, stack)
    with locked(project.scratch / f"{stack}.lock"):
        if _state_file(project, stack).is_file():
            return
        write_atomic(project.scratch / "Pulumi.yaml", f"name: {json.dumps(project.name)}\nruntime: python\n")
        project.state.mkdir(parents=True, exist_ok=True)
        command = [str(pulumi), "-C", str(project.scratch), "stack", "init", stack, "--no-select", "--non-interactive"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True)
        if done.returncode != 0:
            raise OfflineError(
                f"stack {stack!r} could not be made in {project.state}: {done.stderr.strip() or done.stdout.strip()}",
                f"delete {project.work} and run this again; it holds only what offline runs left there",
            )


def private_config(project: Project, stack: str, progress: Progress, source: Path | None = None) -> Path:
    """Write the copy of a stack's file that an offline operation reads, and give its path."""
    import yaml

    source = source or project.stack_file(stack)
    try:
        node = yaml.compose(source.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise _no_such_stack(project, stack) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OfflineError(f"{source} is not YAML: {error}", "correct the file") from error
    if node is None:
        node = yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(node, yaml.MappingNode):
        raise OfflineError(f"{source} is not a stack's file: its top level is no mapping", "see Pulumi's documentation")
    kept = []
    for key, value in node.value:
        if key.value == "environment":
            progress.say(f"{source.name} imports Pulumi ESC environments; they are not read offline")
        elif key.value not in _REAL_BACKEND:
            kept.append((key, _without_secrets(value)))
    kept.append((_scalar("encryptionsalt"), _scalar(_salt(project, stack))))
    node.value = kept
    path = project.scratch / f"config.{stack}.yaml"
    write_atomic(path, yaml.serialize(node, Dumper=yaml.SafeDumper, allow_unicode=True, width=10**6))
    return path


def release_stale_locks(project: Project, stack: str, progress: Progress) -> None:
    """Remove the locks of runs that were killed on this machine; those of runs that live are left to Pulumi.

    What such a run was about to write is mended, too.
    """
    folder = project.state / ".pulumi" / "locks" / "organization" / project.name / stack
    released = False
    for path in sorted(folder.glob("*.json")):
        try:
            lock: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            pid, host = int(lock["pid"]), lock["hostname"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if host == socket.gethostname() and not _is_pulumi(pid):
            path.unlink(missing_ok=True)
            path.with_name(path.name + ".attrs").unlink(missing_ok=True)
            progress.say(f"an earlier run (process {pid}) was killed and left its lock on stack {stack!r}; released it")
            released = True
    if released and not any(folder.glob("*.json")):
        _mend(_state_file(project, stack), progress)


def _mend(state: Path, progress: Progress) -> None:
    """Mend what a run was killed in the middle of writing.

    Pulumi's backend writes a state in one go, and beside it a file of attributes in two; it does not read a state whose
    attributes are empty, and does not miss them. Of a state that is torn all the same it keeps the one before.
    """
    for attributes in sorted(state.parent.glob(f"{state.name}*.attrs")):
        if not _is_json(attributes):
            attributes.unlink(missing_ok=True)
    former = state.with_name(f"{state.name}.bak")
    if state.is_file() and not _is_json(state) and _is_json(former):
        write_atomic(state, former.read_text(encoding="utf-8"))
        progress.say(f"it was killed while it wrote the state of stack {state.stem!r}; going on from the one before")


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def clear_pending_creates(
    project: Project, stack: str, config: Path, pulumi: Path, environ: dict[str, str], progress: Progress
) -> None:
    """Forget the creations that a killed run left open, which Pulumi would warn of for ever after.

    With AWS one must first look whether the thing exists. The stand-in looks for itself: asked to create the same thing
    again, it gives the one that it made.
    """
    try:
        latest = _latest_state(project, stack)
    except (OSError, ValueError, KeyError, TypeError):
        return
    names = [str(entry["resource"]["urn"]).rpartition("::")[2] for entry in latest.get("pending_operations") or ()]
    if not names:
        return
    listed = ", ".join(sorted(names)[:5]) + (", …" if len(names) > 5 else "")
    progress.say(f"an earlier run of stack {stack!r} was interrupted in the middle of {listed}; clearing that first")
    command = [str(pulumi), "-C", str(project.root), "refresh", "--stack", stack, f"--config-file={config}", "--yes"]
    command += ["--clear-pending-creates", "--skip-preview", "--non-interactive"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    if done.returncode != 0:
        progress.say("that did not work; Pulumi says below what is open")


def _latest_state(project: Project, stack: str) -> dict[str, Any]:
    state = json.loads(_state_file(project, stack).read_text(encoding="utf-8"))
    latest: dict[str, Any] = state["checkpoint"]["latest"]
    return latest


def _state_file(project: Project, stack: str) -> Path:
    return project.state / ".pulumi" / "stacks" / project.name / f"{stack}.json"


def _salt(project: Project, stack: str) -> str:
    try:
        return str(_latest_state(project, stack)["secrets_providers"]["state"]["salt"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OfflineError(
            f"the state of stack {stack!r} in {project.state} cannot be read ({error!r})",
            f"delete {project.work} and run this again; it holds only what offline runs left there",
        ) from error


def _without_secrets(node: Any) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        if [key.value for key, _ in node.value] == ["secure"]:
            return _scalar(SECRET_PLACEHOLDER)
        node.value = [(key, _without_secrets(value)) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        node.value = [_without_secrets(item) for item in node.value]
    return node


def _scalar(text: str) -> Any:
    import yaml

    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _is_pulumi(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # The number may have been given to another program since; in a container that happens at once.
    done = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True)
    return done.returncode != 0 or "pulumi" in done.stdout


def _no_such_stack(project: Project, stack: str) -> OfflineError:
    known = project.stacks()
    near = difflib.get_close_matches(stack, known, n=1)
    cure = f"did you mean {near[0]}? " if near else ""
    listed = f"the project has {', '.join(known)}; " if known else ""
    return OfflineError(
        f"there is no stack {stack!r}: {project.stack_file(stack)} does not exist",
        f"{cure}{listed}to add one, write its file",
    )
