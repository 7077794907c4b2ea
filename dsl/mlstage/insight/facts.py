"""What an author expects, read from the facts of a graph's groups; the keys are those of `targets.facts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlstage.graph import Graph, Group, Value

HOURS_A_DAY = 24
_DAYS_A_MONTH = 730 / 24


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much an endpoint is asked."""

    requests_per_month: float
    day: tuple[float, ...] = (1.0,) * HOURS_A_DAY
    """Shares of a day's requests, hour by hour from midnight on (UTC)."""
    duration_ms: float | None = None
    request_kb: float | None = None
    response_kb: float | None = None

    @property
    def per_second(self) -> float:
        """Requests a second on average over the day."""
        return self.requests_per_month / (730 * 3600)

    @property
    def peak_per_second(self) -> float:
        """Requests a second in the busiest hour."""
        return self.per_second * HOURS_A_DAY * max(self.day) / sum(self.day)

    def per_minute(self, minute: int) -> float:
        """Give the requests in a minute of the day: the hours' shares, joined by straight lines between middles."""
        place = (minute / 60 - 0.5) % HOURS_A_DAY
        hour, part = int(place), place % 1
        share = self.day[hour] * (1 - part) + self.day[(hour + 1) % HOURS_A_DAY] * part
        return self.requests_per_month / _DAYS_A_MONTH * share / sum(self.day) / 60


@dataclass(frozen=True, slots=True)
class Runs:
    """How long a job runs each time; `per_month` where the author says how often."""

    seconds: float
    per_month: float | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model needs of a machine; what the author did not say is None."""

    model: str | None = None
    task: str | None = None
    parameters_m: float | None = None
    precision: str | None = None
    sequence_length: int | None = None
    batch: int = 1
    memory_mb: float | None = None
    items: int | None = None


def group_of(graph: Graph, workload: str) -> Group | None:
    """Give a workload's group; a graph from elsewhere has none."""
    return graph.group_by_name.get(workload)


def traffic_of(graph: Graph, workload: str) -> Traffic | None:
    """Give the traffic that a workload expects."""
    facts = _part(graph, workload, "traffic")
    if facts is None:
        return None
    day = facts.get("day")
    shares = tuple(_plain(share) or 0.0 for share in day) if isinstance(day, tuple) else (1.0,) * HOURS_A_DAY
    return Traffic(
        _plain(facts.get("requests_per_month")) or 0.0,
        shares,
        _plain(facts.get("duration_ms")),
        _plain(facts.get("request_kb")),
        _plain(facts.get("response_kb")),
    )


def runs_of(graph: Graph, workload: str) -> Runs | None:
    """Give how long a workload's jobs run."""
    facts = _part(graph, workload, "runs")
    return None if facts is None else Runs(_plain(facts.get("seconds")) or 0.0, _plain(facts.get("per_month")))


def needs_of(graph: Graph, workload: str) -> Needs | None:
    """Give what a workload's model needs."""
    facts = _part(graph, workload, "needs")
    if facts is None:
        return None
    length, items = _plain(facts.get("sequence_length")), _plain(facts.get("items"))
    return Needs(
        _text(facts.get("model")),
        _text(facts.get("task")),
        _plain(facts.get("parameters_m")),
        _text(facts.get("precision")),
        None if length is None else int(length),
        int(_plain(facts.get("batch")) or 1),
        _plain(facts.get("memory_mb")),
        None if items is None else int(items),
    )


def number_of(graph: Graph, workload: str, key: str) -> float | None:
    """Give a fact that is a number, such as `p95_latency_ms`."""
    group = group_of(graph, workload)
    return _plain(group.facts.get(key)) if group else None


def text_of(graph: Graph, workload: str, key: str) -> str | None:
    """Give a fact that is a text, such as `savings_plan`."""
    group = group_of(graph, workload)
    return _text(group.facts.get(key)) if group else None


def _part(graph: Graph, workload: str, key: str) -> Mapping[str, Value] | None:
    group = group_of(graph, workload)
    found = group.facts.get(key) if group else None
    return found if isinstance(found, Mapping) else None


def _plain(value: Value) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
