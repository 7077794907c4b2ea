"""The cache folder that all checkouts of a user share: where it is, how two processes share it, how files get there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlstage.offline.progress import Progress


def cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Find the cache: `$MLSTAGE_CACHE`, else `$XDG_CACHE_HOME/mlstage`, else `~/.cache/mlstage`."""
    environ = os.environ if environ is None else environ
    if named := environ.get("MLSTAGE_CACHE"):
        return Path(named).expanduser().absolute()
    if xdg := environ.get("XDG_CACHE_HOME"):
        return Path(xdg).expanduser().absolute() / "mlstage"
    return Path("~/.cache/mlstage").expanduser()


@contextmanager
def locked(path: Path, progress: Progress | None = None, waiting_for: str = "") -> Iterator[None]:
    """Hold the lock file `path`; a second process waits here, and says what for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _try_lock(file.fileno()):
            if progress and waiting_for:
                with progress.step(f"waiting for another process that is {waiting_for}"):
                    _lock(file.fileno())
            else:
                _lock(file.fileno())
        try:
            yield
        finally:
            _unlock(file.fileno())


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """Give a fresh folder beside `target` that becomes `target` if the block ends well, and vanishes otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
        folder.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
            target.replace(old / "was")
            folder.replace(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            folder.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_atomic(path: Path, text: str, *, executable: bool = False) -> None:
    """Write a whole file or nothing; a reader never sees half of it. An equal file is left alone."""
    mode = 0o755 if executable else 0o644
    try:
        if path.read_text(encoding="utf-8") == text and (not executable or os.access(path, os.X_OK)):
            return
    except (OSError, UnicodeDecodeError):
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _try_lock(fd: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl; there two set-ups at once are the user's to avoid.
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(fd: int) -> None:
    import fcntl

    fcntl.flock(fd, fcntl.LOCK_EX)


def _unlock(fd: int) -> None:
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(fd, fcntl.LOCK_UN)
