"""Tasks on Fargate, and what one of them costs while it runs."""

from __future__ import annotations

import re
from typing import Final

from mlstage.catalog.prices import HOME, price
from mlstage.graph import Graph
from mlstage.rules.truth import Field, Truth, any_of, field
from mlstage.rules.views.containers import TASK
from mlstage.rules.views.links import follow
from mlstage.rules.views.services import Service, strategies

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?(vcpu|gb)?", re.IGNORECASE)
_UNITS: Final = 1024
"""ECS counts a vCPU as 1024 units of CPU, and a gigabyte as 1024 MiB."""


def on_fargate(service: Service) -> Truth:
    """Say whether a service's tasks run on Fargate on demand."""
    chosen = any_of(one.is_used & one.provider.is_one_of("FARGATE") for one in strategies(service.strategy))
    return chosen | field(service.resource, "launch_type").is_one_of("FARGATE")


def hourly(graph: Graph, service: Service) -> float | None:
    """Give the US dollars an hour of one task of a service; None where its size or price is not known."""
    tasks = follow(graph, field(service.resource, "task_definition"), TASK).resources
    if not tasks:
        return None
    arm = field(tasks[0], "runtime_platform")["cpu_architecture"].text == "ARM64"
    total = 0.0
    for name, part in (("cpu", "vcpu"), ("memory", "memory")):
        size, found = _size(field(tasks[0], name)), _price(f"fargate-{part}-{'arm64' if arm else 'x86_64'}", graph)
        if size is None or found is None:
            return None
        total += size * found
    return total


def _price(item: str, graph: Graph) -> float | None:
    found = price("AmazonECS", item, graph.region or HOME, "OnDemand") or price("AmazonECS", item, HOME, "OnDemand")
    return None if found is None else found.usd


def _size(at: Field) -> float | None:
    """Read `2048`, `2 vCPU` or `8 GB`."""
    if at.number is not None:
        return at.number / _UNITS
    found = _SIZE.fullmatch((at.text or "").strip())
    return None if found is None else float(found[1]) / (1 if found[2] else _UNITS)
