"""A diagram before it is drawn: what stands in it, what flows between, and what is only counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal[
    "caller", "serves", "works", "model", "store", "queue", "clock", "balancer", "network", "machine", "other"
]
"""What a node is to the reader: `serves` answers requests, `works` runs jobs or is worked in, `clock` starts others."""

Flow = Literal["traffic", "data", "control", "reference"]
"""`traffic` is requests, `data` what is read and written, `control` who starts or tells whom; `reference` is any other
link between two resources, and shown in detail only."""

MarkKind = Literal["spot", "accelerator", "scaling", "place"]

FLOWS: Final[Mapping[Flow, str]] = {
    "traffic": "requests",
    "data": "data",
    "control": "starts, tells or scales",
    "reference": "refers to",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A property worth seeing at a glance: `Spot`, `1 x NVIDIA A10G`, `scales to 0`, `VPC`."""

    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """One box. `id` is the logical name of the resource that it shows, or what is outside of the stack: `s3://bucket`.

    `stands_for` are the resources that it shows together; those count as shown.
    """

    id: str
    kind: Kind
    label: str
    """What it is, in AWS's words: `SageMaker endpoint`."""
    title: str
    lines: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    workload: str = ""
    stands_for: tuple[str, ...] = ()

    @property
    def outside(self) -> bool:
        """Whether it is nobody's: the callers, and buckets that the stack does not make."""
        return self.kind == "caller" or (self.kind == "store" and self.id.startswith("s3://"))


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow from one node to another. Either end may be named by any resource that the node stands for.

    `note` is what is too long to stand in the picture, such as the whole address of what is read.
    """

    source: str
    target: str
    flow: Flow
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The nodes of one workload, or with an empty name what workloads share. `badges` count what has no box."""

    name: str
    title: str
    kind: str = ""
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """A stack's architecture. `badges` count what belongs to no cluster and has no box."""

    title: str
    subtitle: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]
    badges: tuple[str, ...] = ()
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """For each resource that a node shows, the node."""

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The kinds of edges that it has, in the order of the legend."""
        used = {edge.flow for edge in self.edges}
        return tuple(flow for flow in FLOWS if flow in used)
