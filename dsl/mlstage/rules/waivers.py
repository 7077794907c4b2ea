"""Exceptions to rules, as every door knows them: with a reason, and with an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from mlstage.diagnostics import Where
from mlstage.graph import Graph, Resource
from mlstage.rules.words import plain_name


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that does not hold for a workload, up to and including a day, for a reason.

    Without a `workload` it holds for the whole environment, and without an `environment` for the whole stack.
    `resource` names a single resource by its logical name, for infrastructure that has no workloads. `neighbours` are
    the environments that share the stack, where names must tell one's resources from another's.
    """

    rule: str
    reason: str
    until: date
    environment: str = ""
    workload: str = ""
    resource: str = ""
    where: Where | None = None
    neighbours: tuple[str, ...] = ()

    def concerns(self, resource: Resource, graph: Graph) -> bool:
        """Say whether the waiver is about this resource, whether or not it counts."""
        if self.resource:
            return self.resource in (resource.name, plain_name(resource.name))
        if not self.workload:
            return not self.environment or self.environment == (graph.environment or self._environment(resource))
        if graph.environment:
            return resource.workload == self.workload and self.environment in ("", graph.environment)
        # Read from an engine: the workload is the component that generated programs name after both.
        return resource.workload in (self.workload, f"{self.environment}-{self.workload}")

    def _environment(self, resource: Resource) -> str:
        """Find a resource's environment by its name, which begins with it; `fraud-eu-scorer` may be one of two's."""
        name = resource.workload or resource.name
        candidates = [one for one in {self.environment, *self.neighbours} if name.startswith(f"{one}-")]
        return max(candidates, key=len, default="")

    def fault(self, today: date) -> str:
        """Say why the waiver does not count; empty if it does."""
        if not self.reason.strip():
            return "gives no reason"
        return f"ended on {self.until.isoformat()}" if today > self.until else ""

    def __str__(self) -> str:
        subject = self.resource or "/".join(part for part in (self.environment, self.workload) if part)
        return f"{self.rule} for {subject}" if subject else self.rule


_TEXTS: Final = ("rule", "reason", "environment", "workload", "resource")
_NEEDED: Final = {"rule": "ML402", "reason": "holds no data", "until": "2027-01-31"}
# One waiver in a file of settings, as the engine wants it described.
WAIVER_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in (*_TEXTS, "until")},
    "required": list(_NEEDED),
    "additionalProperties": False,
}


def waivers_of(entries: Iterable[Any]) -> tuple[Waiver, ...]:
    """Read waivers from JSON objects. Raises `ValueError` that quotes the entry."""
    return tuple(_waiver(entry) for entry in entries)


def _waiver(entry: Any) -> Waiver:
    if not isinstance(entry, Mapping):
        raise ValueError(f"a waiver must be an object, not {entry!r}")
    named = f"a waiver of {entry['rule']!r}" if entry.get("rule") else "a waiver"
    for key, example in _NEEDED.items():
        if key not in entry:
            raise ValueError(f'{named} needs "{key}": "{example}", for example')
    for key in (*_TEXTS, "until"):
        if not isinstance(entry.get(key, ""), str):
            raise ValueError(f'"{key}" of {named} is {entry[key]!r}; write a text')
    try:
        until = date.fromisoformat(entry["until"])
    except ValueError:
        raise ValueError(f'"until" of {named} is {entry["until"]!r}; write a day, such as "2027-01-31"') from None
    rule, reason, environment, workload, resource = (entry.get(key, "") for key in _TEXTS)
    return Waiver(rule, reason, until, environment, workload, resource)
