"""The order of a generated program: what is needed comes first, and a workload's resources stay together."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, GraphError, Resource


@dataclass(frozen=True, slots=True)
class Section:
    """Resources of one workload that stand together; `first` tells that none of that workload stands above."""

    workload: str
    resources: tuple[Resource, ...]
    first: bool


def sections(graph: Graph) -> Iterator[Section]:
    """Order a graph's resources by need, then by workload, then as the graph has them.

    The environment's own resources (workload "") come first, then the workloads in the graph's order. A workload that
    needs another one's resources follows it; where two need each other, one of them is continued further down.
    """
    queue = _Queue(graph)
    seen: set[str] = set()
    while (workload := queue.next_workload()) is not None:
        resources = tuple(queue.take(workload))
        if resources or workload:
            yield Section(workload, resources, first=workload not in seen)
        seen.add(workload)
    if queue.left:
        raise GraphError(f"no order exists: {', '.join(queue.left)} wait for each other")


class _Queue:
    """Which resources may come next, by workload."""

    def __init__(self, graph: Graph) -> None:
        self._order = ["", *(group.name for group in graph.groups)]
        self._rank = {name: rank for rank, name in enumerate(self._order)}
        self._position = {resource.name: position for position, resource in enumerate(graph.resources)}
        self._graph = graph
        self._needs = {name: len(needed) for name, needed in graph.needs.items()}
        self._ready: dict[str, list[int]] = {name: [] for name in self._order}
        # How often a workload's resources still need one of another workload: at 0 the whole workload can follow.
        self._foreign = dict.fromkeys(self._order, 0)
        for resource in graph.resources:
            if resource.workload not in self._rank:
                raise GraphError(f"{resource.name!r} belongs to {resource.workload!r}, which is no workload's group")
            self._foreign[resource.workload] += sum(1 for _ in self._strangers(resource))
            if not self._needs[resource.name]:
                heapq.heappush(self._ready[resource.workload], self._position[resource.name])
        self._whole = [rank for rank, name in enumerate(self._order) if not self._foreign[name]]
        self._untaken = dict.fromkeys(resource.name for resource in graph.resources)

    @property
    def left(self) -> tuple[str, ...]:
        """The resources that were not taken."""
        return tuple(self._untaken)

    def next_workload(self) -> str | None:
        """Give the first workload that can be written as a whole, else the first that can be begun."""
        if self._whole:
            return self._order[heapq.heappop(self._whole)]
        return next((name for name in self._order if self._ready[name]), None)

    def take(self, workload: str) -> Iterator[Resource]:
        """Yield the resources of a workload that can be made by now, each after what it needs."""
        ready = self._ready[workload]
        while ready:
            resource = self._graph.resources[heapq.heappop(ready)]
            del self._untaken[resource.name]
            yield resource
            for user in self._graph.users.get(resource.name, ()):
                self._satisfy(user, resource.workload)

    def _satisfy(self, user: Resource, workload: str) -> None:
        self._needs[user.name] -= 1
        if not self._needs[user.name]:
            heapq.heappush(self._ready[user.workload], self._position[user.name])
        if user.workload != workload:
            self._foreign[user.workload] -= 1
            if not self._foreign[user.workload]:
                heapq.heappush(self._whole, self._rank[user.workload])

    def _strangers(self, resource: Resource) -> Iterator[str]:
        for name in self._graph.needs[resource.name]:
            if self._graph.by_name[name].workload != resource.workload:
                yield name
