"""Many specs at once: those that did not change are not run again, and the others share the machine's processors."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from mlstage.project.cache import Cache
from mlstage.project.part import Asked, Part
from mlstage.project.root import is_whole, specs_of
from mlstage.project.stored import part_as_data, part_from_data
from mlstage.project.study import Progress, Study, joined
from mlstage.rules.settings import Settings

# Fewer specs than this for each process, and starting it takes longer than it saves (benchmarks/fleet.py).
_WORTH_A_PROCESS: Final = 12


def study_fleet(
    root: Path,
    *,
    specs: Sequence[Path] = (),
    stacks: Sequence[str] = (),
    settings: Settings | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Study:
    """Study a project's specs as `study` does; of what is kept or comes from another process, `resolved` is None.

    Raises `ProjectError` when there is nothing to study.
    """
    asked = Asked(tuple(stacks), settings or Settings(), today)
    paths = specs_of(root, specs)
    cache = Cache(root, asked)
    parts = {path: found for path in paths if (found := cache.get(path)) is not None}
    left = [path for path in paths if path not in parts]
    told = progress or (lambda _done, _all: None)
    told(len(parts), len(paths))
    for path, part in _worked_out(left, root, asked):
        cache.put(path, part)
        parts[path] = part
        told(len(parts), len(paths))
    return joined(root, [parts[path] for path in paths], asked, whole=not specs or is_whole(root, paths))


def _worked_out(paths: Sequence[Path], root: Path, asked: Asked) -> Iterator[tuple[Path, Part]]:
    """Yield each spec's part as soon as it is there."""
    if not paths:
        return
    from mlstage.project.parts import part_of

    processes = min(os.cpu_count() or 1, len(paths) // _WORTH_A_PROCESS)
    # Rules of the project's own are functions of files that were run by name: another process cannot be handed them.
    if processes < 2 or asked.settings.own:
        for path in paths:
            yield path, part_of(path, root, asked)
        return
    # A forked process has everything imported already; where forking is not safe, a new one imports it once.
    way = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(processes, multiprocessing.get_context(way)) as pool:
        chunks = [paths[start : start + _WORTH_A_PROCESS] for start in range(0, len(paths), _WORTH_A_PROCESS)]
        running = [pool.submit(_chunk, chunk, root, asked) for chunk in chunks]
        try:
            for done in as_completed(running):
                for path, data in done.result():
                    yield path, part_from_data(data)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _chunk(paths: Sequence[Path], root: Path, asked: Asked) -> list[tuple[Path, object]]:
    from mlstage.project.parts import part_of

    found: list[tuple[Path, object]] = []
    with suppress(KeyboardInterrupt):  # the user stops the run where it was started
        found += ((path, part_as_data(part_of(path, root, asked))) for path in paths)
    return found
