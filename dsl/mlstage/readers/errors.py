"""The one way in which readers refuse a file."""

from __future__ import annotations


class ReadError(ValueError):
    """A file that cannot be read as what it should be: why, and what to do `instead`."""

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(f"{what}; {instead}" if instead else what)
        self.what = what
        self.instead = instead

    def of(self, file: str) -> ReadError:
        """Say the same of a file by its name."""
        return ReadError(f"{file}: {self.what}", self.instead)
