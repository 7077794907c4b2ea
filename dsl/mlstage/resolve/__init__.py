"""One environment, one stack and its overrides become a resolved environment.

What reads a stack's file needs nothing of the language, and is imported without it.
The function that resolves is in `mlstage.resolve.resolve`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from mlstage.resolve.stack_file import StackFile, read_stack_file, stack_path, unknown_overrides

if TYPE_CHECKING:
    from mlstage.resolve.model import Origin, Resolved, ResolvedEnvironment

# Where the rest is, once it is asked for: the language takes half of a command's start-up.
_HOMES: Final = {"Origin": "model", "Resolved": "model", "ResolvedEnvironment": "model"}

__all__ = [
    "Origin",
    "Resolved",
    "ResolvedEnvironment",
    "StackFile",
    "read_stack_file",
    "stack_path",
    "unknown_overrides",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
