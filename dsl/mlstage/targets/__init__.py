"""What each target can do, and how a resolved environment becomes resources on it."""

from mlstage.targets.lowering import TARGETS, check, lower, place_of
from mlstage.targets.place import BUDGET_TAG

__all__ = ["BUDGET_TAG", "TARGETS", "check", "lower", "place_of"]
