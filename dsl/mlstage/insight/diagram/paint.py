"""What every painter is given, and what painters share.

A painter says how resources of one type are shown: nodes, and edges by the names of resources. It knows nothing of the
picture; an edge to something without a box is left out, and what no node stands for is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mlstage.catalog.instances import instance
from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.insight.cost.scaling import Bounds, ScalingIndex
from mlstage.insight.diagram.model import Edge, Mark, Node
from mlstage.insight.diagram.words import plural
from mlstage.rules.truth import Field, field
from mlstage.rules.views.links import Pointers, follow

Piece = Node | Edge
CALLERS = "callers"
VPC = Mark("place", "in VPC")
SPOT = Mark("spot", "Spot")
_METRICS = {
    "invocations": "on {} requests/min each",
    "concurrency": "on {} requests at once each",
    "utilisation": "on {} % utilisation",
    "backlog": "on {} waiting requests each",
}


@dataclass(frozen=True)
class Context:
    """The graph, and what is found out about it only once."""

    graph: Graph

    @cached_property
    def scaling(self) -> ScalingIndex:
        """What scales what."""
        return ScalingIndex(self.graph)

    @cached_property
    def policies(self) -> Pointers:
        """The policies of roles."""
        return Pointers(self.graph.of("aws.iam.RolePolicy"), "role")

    def first(self, at: Field, *types: str) -> Resource | None:
        """Give the resource of these types that a field names."""
        return next(iter(follow(self.graph, at, *types).resources), None)

    def naming(self, resource: Resource, type_name: str, key: str) -> tuple[Resource, ...]:
        """Give the resources of a type that name this one by a property."""
        return Pointers(self.graph.of(type_name), key).to(resource)

    def scalers(self, resource: Resource) -> tuple[str, ...]:
        """Name what scales a resource, which is shown by what it does."""
        return tuple(one.name for one in self.scaling.all_of(resource))


Painter = Callable[[Resource, Context], Iterator[Piece]]
Painters = Mapping[str, Painter]


def number(at: Field) -> float | None:
    """Give a number, which AWS has as text in places."""
    if isinstance(at.value, str) and at.value.replace(".", "", 1).isdecimal():
        return float(at.value)
    return at.number


def accelerator(name: str | None) -> tuple[Mark, ...]:
    """Mark what has GPUs or other accelerators, by the instance type's name."""
    machine = instance(name) if name else None
    if machine is None or machine.accelerator is None:
        return ()
    return (Mark("accelerator", f"{machine.accelerator.count} \N{MULTIPLICATION SIGN} {machine.accelerator.name}"),)


def marks(*found: Mark | tuple[Mark, ...] | None) -> tuple[Mark, ...]:
    """Put marks together, each once."""
    flat = [mark for one in found if one for mark in ((one,) if isinstance(one, Mark) else one)]
    return tuple(dict.fromkeys(flat))


def span(bounds: Bounds) -> str:
    """Say between how many and how many: `2-8`."""
    low, high = (bounds.scaling.minimum, bounds.scaling.maximum) if bounds.scaling else (bounds.low, bounds.high)
    return f"{low:g}" if low == high else f"{low:g}\N{EN DASH}{high:g}"


def machines(bounds: Bounds, name: str) -> str:
    """Say how many there are of a machine: `2-8 x ml.m5.xlarge`."""
    return f"{span(bounds)} \N{MULTIPLICATION SIGN} {name}"


def scaled_on(bounds: Bounds) -> Iterator[str]:
    """Say what moves the number."""
    scaling = bounds.scaling
    if scaling is None:
        return
    if scaling.metric is not None:
        yield f"scales {_METRICS[scaling.metric].format(f'{scaling.target:g}')}"
    elif scaling.minimum != scaling.maximum:
        yield "scales by a metric of its own"
    if scaling.changes:
        yield f"{plural('time', len(scaling.changes))} of day move the bounds"


def to_zero(bounds: Bounds) -> Mark | None:
    """Mark what may have no machine at all."""
    return Mark("scaling", "scales to 0") if bounds.scaling and bounds.scaling.minimum == 0 else None


def given(resource: Resource, *path: str) -> bool:
    """Say whether something stands at a path of properties, known or not."""
    at = field(resource, path[0])
    for key in path[1:]:
        at = at[key]
    return at.value not in (None, "", (), {})


def referred(value: Value) -> str | None:
    """Name the resource that a value is taken from, if it is one."""
    return value.resource if isinstance(value, Ref) else None
