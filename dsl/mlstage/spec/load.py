"""Run a spec file and take its environments, with every problem in it and every local file it read."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from mlstage.diagnostics import Diagnostic, Where
from mlstage.spec.base import SpecError, collecting
from mlstage.spec.environment import Environment
from mlstage.spec.mishaps import no_environment, raised, syntax_error
from mlstage.spec.site import shown_path


@dataclass(frozen=True, slots=True)
class LoadedSpec:
    """One spec file as it was run: what it defines, what is wrong with it, and the files that it rests on.

    `path` and `sources` are relative to the project's root: the spec itself, and whatever of the project it read.
    """

    path: str
    environments: tuple[Environment, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[str, ...]


def load_spec(path: Path, root: Path) -> LoadedSpec:
    """Run one spec file. Whatever goes wrong in it becomes a diagnostic; an author's mistake raises nothing."""
    path = path.resolve()
    with _files_read(root) as read, collecting() as diagnostics:
        module, failures = _run(path, root)
    read.add(path)
    environments = _environments(module, path) if module else ()
    diagnostics += failures
    if not environments and not diagnostics:
        diagnostics.append(no_environment(path))
    sources = sorted(_from_root(source, root) for source in read)
    return LoadedSpec(_from_root(path, root), environments, tuple(diagnostics), tuple(sources))


def _from_root(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _run(path: Path, root: Path) -> tuple[ModuleType | None, tuple[Diagnostic, ...]]:
    spec = importlib.util.spec_from_file_location(f"mlstage_spec_{path.stem}", path)
    if spec is None or spec.loader is None:
        where = Where(shown_path(str(path)))
        what = f"{path.name!r} is no Python file"
        return None, (Diagnostic("SPEC107", what, "a file that ends in .py", where=where),)
    module = importlib.util.module_from_spec(spec)
    with _importing_beside(path, root), redirect_stdout(sys.stderr):
        try:
            spec.loader.exec_module(module)
        except SpecError as error:  # from a thread of the spec's, where problems are not collected
            return module, error.diagnostics
        except SyntaxError as error:
            return None, (syntax_error(error, path),)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return module, (raised(error, path, root),)
    return module, ()


@contextmanager
def _importing_beside(path: Path, root: Path) -> Iterator[None]:
    """Let a spec import its neighbours, leave no byte code behind, and forget its modules afterwards."""
    before, bytecode = set(sys.modules), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(path.parent), str(root)]
    try:
        yield
    finally:
        del sys.path[:2]
        sys.dont_write_bytecode = bytecode
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(root) and not _installed(Path(file)):
                del sys.modules[name]


def _installed(path: Path) -> bool:
    return bool({"site-packages", "dist-packages"} & set(path.parts)) or path.is_relative_to(_PACKAGE)


_PACKAGE = Path(__file__).resolve().parent.parent
_reading: list[set[Path]] = []
_hooked: list[bool] = []


@contextmanager
def _files_read(root: Path) -> Iterator[set[Path]]:
    """Note every file below `root` that is opened for reading: the spec is stale when one of them changes."""
    if not _hooked:
        sys.addaudithook(_note_open)
        _hooked.append(True)
    read: set[Path] = set()
    _reading.append(read)
    try:
        yield read
    finally:
        _reading.pop()
        kept = {path for path in read if path.is_relative_to(root) and not _installed(path) and path.is_file()}
        read.clear()
        read.update(kept)


def _note_open(event: str, args: tuple[object, ...]) -> None:
    if event != "open" or not _reading:
        return
    file, mode = args[0], args[1]
    if isinstance(file, str) and (not isinstance(mode, str) or not set(mode) & set("wax+")):
        path = Path(file)
        if path.suffix == ".pyc":  # compiled elsewhere before: the source is what can change
            path = path.parent.parent / f"{path.name.partition('.')[0]}.py"
        _reading[-1].add(path if path.is_absolute() else Path.cwd() / path)


def _environments(module: ModuleType, path: Path) -> tuple[Environment, ...]:
    found = {id(value): value for value in vars(module).values() if isinstance(value, Environment)}
    return tuple(value for value in found.values() if not _belongs_to_other_spec(value, path))


def _belongs_to_other_spec(environment: Environment, path: Path) -> bool:
    """Say whether an environment was imported from another spec of the folder, where it is found anyway."""
    where = environment.where()
    if where is None:
        return False
    made_in = (Path.cwd() / where.file).resolve()
    return made_in != path and made_in.parent == path.parent and not made_in.name.startswith("_")
