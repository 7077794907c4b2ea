"""What each target can do, and how a resolved environment becomes resources on it."""

from mlstage.targets.lowering import TARGETS, check, lower

__all__ = ["TARGETS", "check", "lower"]
