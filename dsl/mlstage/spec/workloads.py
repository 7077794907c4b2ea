"""The kinds of workload, in AWS's own terms."""

from __future__ import annotations

from mlstage.spec.endpoints import AsyncEndpoint, RealtimeEndpoint
from mlstage.spec.jobs import BatchInference, Processing, Training
from mlstage.spec.notebooks import Notebook
from mlstage.spec.workload import Replicas, Workload

AnyWorkload = RealtimeEndpoint | AsyncEndpoint | BatchInference | Training | Processing | Notebook

__all__ = [
    "AnyWorkload",
    "AsyncEndpoint",
    "BatchInference",
    "Notebook",
    "Processing",
    "RealtimeEndpoint",
    "Replicas",
    "Training",
    "Workload",
]
