"""Progress of long work, on a terminal only and on stderr, so that no output has it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import click

# Fewer than this are done before anybody wonders.
_WORTH_A_BAR: Final = 24


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how much is done, and of how much."""
    with ExitStack() as shown:
        bars: list[click._termui_impl.ProgressBar[int]] = []

        def tell(done: int, of: int) -> None:
            if of < _WORTH_A_BAR or not sys.stderr.isatty():
                return
            if not bars:
                bars.append(shown.enter_context(click.progressbar(length=of, label=what, file=sys.stderr)))
            bars[0].update(done - bars[0].pos)

        yield tell
