"""AWS's limits, each with its source and date: what a name may look like, how big a thing may be, what is not offered.

Bounds that AWS's API models carry are derived from botocore; what AWS says in words only is written by hand.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from mlstage.catalog import _files
from mlstage.catalog.similar import closest

LIMITS_FILE: Final = "limits.json"

LimitKind: TypeAlias = Literal["integer", "float", "string", "list", "map", "blob", "fact"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit; `min` and `max` bound a number, the length of a text, or the number of entries of a list or map."""

    key: str
    kind: LimitKind
    min: int | None
    max: int | None
    value: int | str | bool | None
    """A limit that is one figure or one statement."""
    choices: tuple[int | str, ...]
    """All values there are; empty where any value within the bounds will do."""
    pattern: str | None
    """Python's notation; the whole text has to match."""
    source: str
    date: str
    note: str
    """What surprises about it; may be empty."""

    @property
    def most(self) -> int:
        """The upper bound; asking a limit that has none is a mistake in our code."""
        return self._number("max", self.max)

    @property
    def least(self) -> int:
        """The lower bound."""
        return self._number("min", self.min)

    @property
    def number(self) -> int:
        """The value of a limit that is one figure."""
        return self._number("value", self.value)

    @property
    def holds(self) -> bool:
        """The value of a limit that is a statement."""
        if isinstance(self.value, bool):
            return self.value
        raise LookupError(f"limit {self.key} is not a yes or no")

    def allows(self, value: float | str) -> bool:
        """Say whether AWS takes `value`; for a list or a map, `value` is the number of its entries."""
        if self.choices:
            return value in self.choices
        size = len(value) if isinstance(value, str) else value
        if (self.min is not None and size < self.min) or (self.max is not None and size > self.max):
            return False
        return self.pattern is None or re.fullmatch(self.pattern, str(value)) is not None

    def _number(self, name: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise LookupError(f"limit {self.key} has no figure for `{name}`")


@dataclass(frozen=True, slots=True)
class FargateSize:
    """One pair of CPU units (1024 to the vCPU) and memory that Fargate takes."""

    cpu: int
    memory_mib: int


@cache
def limit(key: str) -> Limit:
    """Return a limit by its key, such as `sagemaker.serverless.memory_mb`; an unknown key is a mistake in our code."""
    data = _data()
    if (entry := data["hand"].get(key)) is not None:
        return _limit(key, entry)
    if (entry := data["derived"].get(key)) is not None:
        return _limit(key, entry | {"source": "botocore", "where": entry["shape"]})
    raise KeyError(f"no limit {key}; nearest: {', '.join(closest(key, limit_keys())) or 'none'}")


@cache
def limit_keys() -> tuple[str, ...]:
    """Return the keys of all limits, sorted."""
    data = _data()
    return tuple(sorted((*data["hand"], *data["derived"])))


@cache
def fargate_sizes() -> tuple[FargateSize, ...]:
    """Return every pair of CPU and memory that Fargate takes, smallest first."""
    return tuple(
        FargateSize(int(cpu), memory)
        for cpu, spans in _data()["fargate"]["cpu_memory_mib"].items()
        for low, high, step in spans
        for memory in range(low, high + 1, step)
    )


def fargate_size_for(cpu: int, memory_mib: int) -> FargateSize | None:
    """Return the smallest Fargate size with at least this much of both; None where none is big enough."""
    return next((size for size in fargate_sizes() if size.cpu >= cpu and size.memory_mib >= memory_mib), None)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_files.text(LIMITS_FILE))
    return data


def _limit(key: str, entry: Mapping[str, Any]) -> Limit:
    source = _files.sources_of(LIMITS_FILE)[entry["source"]]
    where = entry.get("where")
    return Limit(
        key=key,
        kind=entry.get("type", "fact"),
        min=entry.get("min"),
        max=entry.get("max"),
        value=entry.get("value"),
        choices=tuple(entry.get("choices", ())),
        pattern=entry.get("pattern"),
        source=f"{source.what}, {where}" if where else source.what,
        date=entry.get("date", source.date),
        note=entry.get("note", ""),
    )
