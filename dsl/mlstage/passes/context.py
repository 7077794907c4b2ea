"""What passes know beside the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Context:
    """One environment in one stack. `tags` are the author's for all of it, `workload_tags` those of one workload."""

    environment: str
    stack: str
    owner: str
    tier: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    workload_tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
