"""What an author wanted of a stack, as plain data: every value of every workload, and where it comes from.

It is made from a resolved environment (`project.outlines`), so that parity and review can speak in the author's words
without knowing the language; and it can be written as JSON, so that a revision can be outlined in another process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast, get_args

from mlstage.diagnostics import Where

Kind = Literal["spec", "per_stage", "override", "default"]


@dataclass(frozen=True, slots=True)
class Made:
    """A node of the language: its class and fields.

    `usual` are the fields that have their default; `first` is the one that goes without its keyword.
    """

    kind: str
    fields: Mapping[str, Plain]
    usual: frozenset[str] = frozenset()
    first: str = ""


Plain: TypeAlias = "bool | int | float | str | tuple[Plain, ...] | Mapping[str, Plain] | Made | None"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from. `stage` is the entry of `per_stage` that was chosen."""

    kind: Kind
    where: Where | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class WorkloadOutline:
    """One workload in one stack. `sources` is by path (`on.instance`), and leaves out what is a default."""

    name: str
    kind: str
    formerly: str = ""
    where: Where | None = None
    fields: Mapping[str, Plain] = field(default_factory=dict)
    usual: frozenset[str] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict)

    def former(self, before: Outline | None, after: Outline | None) -> str:
        """Give the name that this workload of `after` had in `before`; nothing, if it was not there."""
        old, new = (outline.by_name if outline else {} for outline in (before, after))
        if self.name in old:
            return self.name
        return self.formerly if self.formerly in old and self.formerly not in new else ""

    def source(self, path: str) -> Source:
        """Give the source of a value, or of the nearest thing that it is part of."""
        while path and path not in self.sources:
            path = path.rpartition(".")[0]
        return self.sources.get(path, Source("default", self.where))


@dataclass(frozen=True, slots=True)
class Allowance:
    """A difference that an author allows: of a `field` (`scorer.on.instance`) or of all below it, and why."""

    field: str
    reason: str
    where: Where | None = None

    def covers(self, path: str) -> bool:
        """Say whether a field is the one allowed, or below it."""
        return path == self.field or path.startswith(f"{self.field}.")


@dataclass(frozen=True, slots=True)
class Outline:
    """One environment in one stack. `settings` are its own values and its stage's, such as `monthly_budget`."""

    environment: str
    stack: str
    tier: str
    region: str
    settings: Mapping[str, Plain]
    workloads: tuple[WorkloadOutline, ...]
    allowed: tuple[Allowance, ...] = ()

    @property
    def by_name(self) -> Mapping[str, WorkloadOutline]:
        """Every workload by its name."""
        return {one.name: one for one in self.workloads}

    def __str__(self) -> str:
        return f"{self.environment}/{self.stack}"


@dataclass(frozen=True, slots=True)
class Unlike:
    """A value that differs; None is both a value and the absence of one, which the language does not tell apart."""

    path: str
    first: Plain
    second: Plain


def differences(first: Plain, second: Plain, path: str = "") -> Iterator[Unlike]:
    """Yield what differs, as deep as both sides are of one kind, so that what is another thing is told as a whole."""
    if isinstance(first, Made) and isinstance(second, Made) and first.kind == second.kind:
        for name in dict.fromkeys((*first.fields, *second.fields)):
            yield from differences(first.fields.get(name), second.fields.get(name), _below(path, name))
    elif isinstance(first, Mapping) and isinstance(second, Mapping):
        for name in dict.fromkeys((*first, *second)):
            yield from differences(first.get(name), second.get(name), _below(path, name))
    elif _are_alike(first, second):
        yield from differences(items(first), items(second), path)
    elif first != second:
        yield Unlike(path, first, second)


def items(value: Plain) -> Mapping[str, Plain]:
    """Give the nodes of a list by their names, or by their numbers where not all have one; of other values nothing."""
    nodes = [one for one in value if isinstance(one, Made)] if isinstance(value, tuple) else []
    if not isinstance(value, tuple) or len(nodes) != len(value):
        return {}
    names = [str(one.fields.get("name") or number) for number, one in enumerate(nodes)]
    return dict(zip(names if len({*names}) == len(nodes) else map(str, range(len(nodes))), nodes, strict=True))


def _are_alike(first: Plain, second: Plain) -> bool:
    """Say whether two values are lists whose nodes can be set side by side."""
    ones, others = items(first), items(second)
    return bool({*ones} & {*others}) and (len(ones) == len(others) or not any(map(str.isdecimal, (*ones, *others))))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def text(value: Plain) -> str:
    """Write a value as its author would: `Autoscale(min=2, max=8)`; a text without quotes where it stands alone."""
    return "none" if value is None else value if isinstance(value, str) else _python(value)


def _python(value: Plain) -> str:
    match value:
        case Made(kind, fields, usual, first):
            told = [(name, one) for name, one in fields.items() if name not in usual]
            return f"{kind}({', '.join(_python(v) if name == first else f'{name}={_python(v)}' for name, v in told)})"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return f"[{', '.join(_python(item) for item in value)}]"
        case Mapping():
            return "{" + ", ".join(f"{_python(key)}: {_python(item)}" for key, item in value.items()) + "}"
        case float() if value.is_integer():
            return f"{value:.0f}"
        case _:
            return str(value)


def as_data(outline: Outline) -> dict[str, Any]:
    """Write an outline as JSON's kinds; `from_data` reads it back equal."""
    return {
        "environment": outline.environment,
        "stack": outline.stack,
        "tier": outline.tier,
        "region": outline.region,
        "settings": _mapping(outline.settings),
        "allowed": [[one.field, one.reason, _where(one.where)] for one in outline.allowed],
        "workloads": [
            {
                "name": one.name,
                "kind": one.kind,
                "formerly": one.formerly,
                "where": _where(one.where),
                "fields": _mapping(one.fields),
                "usual": sorted(one.usual),
                "sources": {path: [s.kind, s.stage, _where(s.where)] for path, s in one.sources.items()},
            }
            for one in outline.workloads
        ],
    }


def from_data(data: Mapping[str, Any]) -> Outline:
    """Read what `as_data` wrote."""
    return Outline(
        data["environment"],
        data["stack"],
        data["tier"],
        data["region"],
        _read_mapping(data["settings"]),
        tuple(_read_workload(one) for one in data["workloads"]),
        tuple(Allowance(name, reason, _read_where(where)) for name, reason, where in data["allowed"]),
    )


def _read_workload(data: Mapping[str, Any]) -> WorkloadOutline:
    return WorkloadOutline(
        data["name"],
        data["kind"],
        data["formerly"],
        _read_where(data["where"]),
        _read_mapping(data["fields"]),
        frozenset(data["usual"]),
        {
            path: Source(_kind(kind), _read_where(where), stage)
            for path, (kind, stage, where) in data["sources"].items()
        },
    )


def _kind(text: str) -> Kind:
    if text not in get_args(Kind):
        raise ValueError(f"{text!r} is no kind of source")
    return cast("Kind", text)


def _mapping(values: Mapping[str, Plain]) -> dict[str, Any]:
    return {key: _data(value) for key, value in values.items()}


def _data(value: Plain) -> Any:
    match value:
        case Made(kind, fields, usual, first):
            return {"$made": [kind, _mapping(fields), sorted(usual), first]}
        case tuple():
            return [_data(item) for item in value]
        case Mapping():
            return {"$map": _mapping(value)}
        case _:
            return value


def _read_mapping(data: Mapping[str, Any]) -> dict[str, Plain]:
    return {key: _read(value) for key, value in data.items()}


def _read(data: Any) -> Plain:
    match data:
        case {"$made": [str(kind), dict(fields), list(usual), str(first)]}:
            return Made(kind, _read_mapping(fields), frozenset(usual), first)
        case {"$map": dict(inner)}:
            return _read_mapping(inner)
        case list():
            return tuple(_read(item) for item in data)
        case None | bool() | int() | float() | str():
            return data
        case _:
            raise ValueError(f"{data!r} is no value of an outline")


def _where(where: Where | None) -> list[Any] | None:
    return [where.file, where.line, where.column, where.end_line, where.end_column] if where else None


def _read_where(data: Any) -> Where | None:
    return Where(*data) if data else None
