"""Parity laid out for people and as data; what it says is decided in `parity`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, Final

from mlstage.diagnostics import Where
from mlstage.insight.blocks import Block, Table, Words
from mlstage.insight.parity import ENVIRONMENT, Difference, Parity

SHARED: Final = "(environment)"
_ROOM: Final = 60
_WHOLE_PARTS: Final = re.compile(r".*[/:,( ]")


def blocks(parities: Sequence[Parity]) -> Iterator[Block]:
    """Lay parities out: one heading for each pair, one row for each difference."""
    for one in parities:
        yield Words(heading(one), heading=2)
        yield Words(counted(one) + ".")
        if one.differences:
            headings = ("workload", "what", *_labels(one), "is", "because")
            yield Table("", headings, tuple(_row(difference) for difference in one.differences))


def heading(one: Parity) -> str:
    """Name a pair: `fraud-detection: test and prod`, or both with their environments."""
    first, second = one.first, one.second
    if first.environment == second.environment:
        return f"{first.environment}: {first.stack} and {second.stack}"
    return f"{first} and {second}"


def counted(one: Parity) -> str:
    """Count differences by verdict, what follows from others apart."""
    written = Counter(found.verdict for found in one.differences if not found.consequence)
    following = Counter(found.verdict for found in one.differences if found.consequence)
    if not one.differences:
        return "Nothing differs"
    told = [f"{written[verdict] + following[verdict]} {verdict}" for verdict in ("unmeant", "allowed", "meant")]
    return f"{len(one.differences)} differences: {', '.join(told)}; {following.total()} of them follow from others"


def as_data(parities: Sequence[Parity]) -> dict[str, Any]:
    """Give parities as plain data."""
    return {
        "version": 1,
        "pairs": [
            {
                "first": _side(one.first.environment, one.first.stack, one.first.tier, one.first.region),
                "second": _side(one.second.environment, one.second.stack, one.second.tier, one.second.region),
                "counts": {verdict: len(one.of(verdict)) for verdict in ("meant", "allowed", "unmeant")},
                "differences": [_difference(found) for found in one.differences],
            }
            for one in parities
        ],
    }


def _side(environment: str, stack: str, tier: str, region: str) -> dict[str, str]:
    return {"environment": environment, "stack": stack, "tier": tier, "region": region}


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "workload": found.workload,
        "field": found.field,
        "first": found.first,
        "second": found.second,
        "verdict": found.verdict,
        "because": found.because,
        "consequence": found.consequence,
        "wheres": [_place(where) for where in found.wheres],
    }


def _place(where: Where | None) -> dict[str, Any] | None:
    return {"file": where.file, "line": where.line} if where else None


def _labels(one: Parity) -> tuple[str, str]:
    first, second = one.first, one.second
    if first.environment == second.environment:
        return first.stack, second.stack
    return str(first), str(second)


def _row(found: Difference) -> tuple[str, ...]:
    what = f"→ {found.field}" if found.consequence else found.field or "the workload"
    workload = found.workload if found.workload != ENVIRONMENT else SHARED
    return (workload, what, *_told_apart(found.first, found.second), found.verdict, found.because)


def _told_apart(first: str, second: str) -> tuple[str, str]:
    """Shorten two values where either is long: to the part from which on they differ, as far as there is room."""
    if max(len(first), len(second)) > _ROOM:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
        shared = _WHOLE_PARTS.match("".join(letter for letter, _ in alike))
        if shared and len(shared[0]) > 1:
            first, second = (f"…{text[shared.end() - 1 :]}" for text in (first, second))
    return _short(first), _short(second)


def _short(text: str) -> str:
    return text if len(text) <= _ROOM else f"{text[: _ROOM - 1]}…"
