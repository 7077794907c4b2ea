"""What can go wrong before Pulumi runs, as typed errors with a cure."""

from __future__ import annotations


class OfflineError(Exception):
    """A problem of the user's set-up: `what` is wrong, and what to do `instead`."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"{what}\n  fix: {instead}")
        self.what = what
        self.instead = instead


class ToolMissing(OfflineError):
    """A tool that is needed is not on this machine; `instead` says how to get it. The exit code for this is 3."""


def not_writable(error: OSError) -> OfflineError:
    """Turn a failure of the file system into what the user can do about it."""
    return OfflineError(
        f"{error.filename or 'a file'}: {error.strerror or error}",
        "make it readable and writable; MLSTAGE_CACHE names another folder for the cache",
    )


class StepFailed(Exception):
    """One way of getting the engine did not work out; the next one is tried. Its text is one line."""
