"""End a plugin when the engine that started it is gone, so that a killed `pulumi` leaves no process behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable


def on_orphaned(act: Callable[[], None], *, every: float = 0.5) -> None:
    """Call `act` once, from a thread of its own, as soon as the parent process has ended."""
    parent = os.getppid()

    def watch() -> None:
        # Nothing tells a child of its parent's death on every system; asking is cheap and works on Linux and macOS.
        while os.getppid() == parent:
            time.sleep(every)
        act()

    threading.Thread(target=watch, daemon=True).start()
