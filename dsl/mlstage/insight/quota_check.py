"""What a stack needs of service quotas, held against what an account has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from mlstage.diagnostics import Diagnostic, Severity, Where
from mlstage.graph import Graph
from mlstage.insight.quotas import Need, needs


class Quota(Protocol):
    """A quota as an account has it."""

    @property
    def value(self) -> float:
        """How much of it there is."""
        ...

    @property
    def code(self) -> str:
        """The code by which Service Quotas knows it."""
        ...


class Account(Protocol):
    """Whoever knows an account's quotas in the stack's region."""

    def quotas(self, service: str) -> Mapping[str, Quota]:
        """Give a service's quotas by name."""
        ...


def quota_problems(graph: Graph, account: Account) -> Iterator[Diagnostic]:
    """Yield an error for each quota that a stack exceeds, and a warning for one that only an update would."""
    for need in needs(graph):
        found = account.quotas(need.service).get(need.quota)
        if found is None:
            what = f"Service Quotas lists no {need.quota!r} in {graph.region}, and stack {graph.stack!r} needs it"
            instead = "another type, or a region that has it"
            yield _problem("AWS161", what, instead, Severity.WARNING, need, graph)
        elif found.value < need.steady:
            what = f"stack {graph.stack!r} needs {_count(need.steady)} of {_told(need, found, graph)}"
            yield _problem("AWS160", what, _request(need, found, graph), Severity.ERROR, need, graph)
        elif found.value < need.updating:
            what = f"an update in stack {graph.stack!r} may need {_count(need.updating)} of {_told(need, found, graph)}"
            yield _problem("AWS160", what, _request(need, found, graph), Severity.WARNING, need, graph)


def _told(need: Need, found: Quota, graph: Graph) -> str:
    return f"{need.quota!r}, and the account has {_count(found.value)} in {graph.region}"


def _request(need: Need, found: Quota, graph: Graph) -> str:
    return (
        f"aws service-quotas request-service-quota-increase --service-code {need.service} --quota-code {found.code}"
        f" --desired-value {_count(need.updating)} --region {graph.region}"
    )


def _problem(code: str, what: str, instead: str, severity: Severity, need: Need, graph: Graph) -> Diagnostic:
    return Diagnostic(code, what, instead, severity=severity, where=_where(need, graph), stack=graph.stack)


def _where(need: Need, graph: Graph) -> Where | None:
    """Point at the machine of the first workload that needs the quota."""
    resource = graph.by_name[need.resources[0]]
    group = graph.group_by_name.get(resource.workload)
    for path in ("on.instance", "instance", "on") if group else ():
        if group and path in group.places:
            return group.places[path]
    return resource.source


def _count(number: float) -> str:
    return f"{number:g}"
