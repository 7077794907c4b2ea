"""The answers that moto 5.2.5 lacks, or gives otherwise than AWS: each says what it is and why.

docs/terraform.md lists `ADDED`, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

ADDED: Final[dict[str, str]] = {}
_INSTALLERS: Final[list[Callable[[], None]]] = []


def added(answer: str, why: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Note a function that puts an answer of AWS's into moto."""

    def note(install: Callable[[], None]) -> Callable[[], None]:
        assert answer not in ADDED, answer
        ADDED[answer] = why
        _INSTALLERS.append(install)
        return install

    return note


def note_all() -> None:
    """Fill `ADDED`."""
    from tests.terraform.answers import batch, containers, functions, kubernetes, others, sagemaker, scaling  # noqa: F401 - importing notes


def install_all() -> None:
    """Put them all in, in the order in which they were noted."""
    note_all()
    for install in _INSTALLERS:
        install()


def wrap(cls: type, name: str, around: Callable[..., Any]) -> None:
    """Put `around(theirs, self, ...)` in place of a method; `theirs` is None where moto has no such method."""
    theirs = getattr(cls, name, None)
    setattr(cls, name, lambda self, *args, **options: around(theirs, self, *args, **options))
