"""One environment, one stack and its overrides become a resolved environment."""

from mlstage.resolve.model import Origin, Resolved, ResolvedEnvironment
from mlstage.resolve.resolve import resolve, unknown_overrides
from mlstage.resolve.stack_file import StackFile, read_stack_file, stack_path

__all__ = [
    "Origin",
    "Resolved",
    "ResolvedEnvironment",
    "StackFile",
    "read_stack_file",
    "resolve",
    "stack_path",
    "unknown_overrides",
]
