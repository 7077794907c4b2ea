"""Before beside after: what a change of specs does to each stack, in the words of its workloads."""

from mlstage.insight.review.model import Review, StackReview, State, review, review_stack
from mlstage.insight.review.steps import Operation, Step, steps
from mlstage.insight.review.traps import Trap
from mlstage.insight.review.workloads import FieldChange, WorkloadChange

__all__ = [
    "FieldChange",
    "Operation",
    "Review",
    "StackReview",
    "State",
    "Step",
    "Trap",
    "WorkloadChange",
    "review",
    "review_stack",
    "steps",
]
