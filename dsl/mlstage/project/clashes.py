"""Names that meet where they must not: of environments, of workloads, and of the resources made from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlstage.diagnostics import Diagnostic, Related, Where
from mlstage.graph import Graph

if TYPE_CHECKING:
    from mlstage.spec.environment import Environment
    from mlstage.spec.workloads import Workload


@dataclass(frozen=True, slots=True)
class Named:
    """An environment by its names: its own, where that is written, its stacks' and its workloads'."""

    name: str
    where: Where | None
    stages: tuple[str, ...]
    workloads: tuple[str, ...]
    broken: bool = False

    @classmethod
    def of(cls, environment: Environment) -> Named:
        """Take the names of an environment; one that is broken has none to meet others'."""
        if environment.broken:
            return cls("", None, (), (), broken=True)
        workloads = tuple(workload.name for workload in environment.workloads)
        return cls(environment.name, environment.where("name"), tuple(environment.stages), workloads)


def same_environments(environments: Sequence[Named]) -> Iterator[Diagnostic]:
    """Yield an error for every environment whose name another one has already."""
    seen: dict[str, Named] = {}
    for environment in (one for one in environments if not one.broken):
        first = seen.setdefault(environment.name, environment)
        if first is not environment:
            what = f"two environments are named {environment.name!r}"
            instead = f'name="{environment.name}-2" for one of them, or any other'
            yield _clash("SPEC110", what, instead, environment.where, first.where)


def same_workloads(environment: Environment) -> Iterator[Diagnostic]:
    """Yield an error for every workload whose name, present or former, another one of its environment has."""
    seen: dict[str, tuple[Workload, str]] = {}
    for field in ("name", "formerly"):
        for workload in environment.workloads:
            name = getattr(workload, field, None)
            if workload.broken or name is None:
                continue
            first, as_what = seen.setdefault(name, (workload, field))
            if first is workload and as_what == field:
                continue
            if field == "name":
                what = f"two workloads of {environment.name!r} are named {name!r}"
                instead = f'name="{name}-2" for one of them, or any other'
            elif first is workload:
                what = f"workload {name!r} is said to have had the name that it has"
                instead = "leave `formerly` out, or give the name that it had before"
            else:
                what = f"workload {workload.name!r} is said to have been {name!r}, as another one is or was"
                instead = "leave `formerly` out: the other one keeps what is deployed under that name"
            yield _clash("SPEC113", what, instead, workload.where(field), first.where(as_what))


def same_resources(graphs: Sequence[Graph]) -> Iterator[Diagnostic]:
    """Yield an error where workloads of one stack would make two resources of one type and name.

    Names are joined with hyphens, so `train` with `pipeline-role` meets `train-pipeline` with `role`.
    """
    seen: dict[tuple[str, str, str], tuple[str, str, Where | None]] = {}
    told: set[tuple[object, object]] = set()
    for graph in graphs:
        for resource in graph.resources:
            owner = (graph.environment, resource.workload, resource.source)
            first = seen.setdefault((graph.stack, resource.type, resource.name), owner)
            if first == owner or (first, owner) in told:
                continue
            told.add((first, owner))
            names = " and ".join(repr("/".join(filter(None, one[:2]))) for one in (first, owner))
            what = f"{names} would both have a {resource.type} named {resource.name!r}"
            yield _clash("SPEC113", what, f'name="{owner[1]}-2", or any other name', owner[2], first[2])


def _clash(code: str, what: str, instead: str, where: Where | None, other: Where | None) -> Diagnostic:
    return Diagnostic(code, what, instead, where=where, field="name", related=(Related("the other one", other),))
