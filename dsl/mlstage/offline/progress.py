"""Tell on stderr what a long set-up step does, and that it is still alive."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

# A log that nobody watches needs a sign of life now and then, a terminal needs one each second.
_TERMINAL_BEAT: Final = 1.0
_LOG_BEAT: Final = 60.0


class Progress:
    """Writes what is going on; a running step shows its seconds on a terminal, and a line a minute elsewhere."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet
        self._terminal = self._stream.isatty()

    def say(self, text: str) -> None:
        """Write one line."""
        if not self._quiet:
            self._stream.write(f"mlstage: {text}\n")
            self._stream.flush()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Say what begins, show signs of life until the block ends."""
        if self._quiet:
            yield
            return
        self.say(text)
        done = threading.Event()
        beat = threading.Thread(target=self._beat, args=(done,), daemon=True)
        beat.start()
        try:
            yield
        finally:
            done.set()
            beat.join()

    def _beat(self, done: threading.Event) -> None:
        start = time.monotonic()
        while not done.wait(_TERMINAL_BEAT if self._terminal else _LOG_BEAT):
            seconds = round(time.monotonic() - start)
            if self._terminal:
                self._stream.write(f"\rmlstage: … {seconds} s")
            else:
                self._stream.write(f"mlstage: still at it after {seconds} s\n")
            self._stream.flush()
        if self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
