"""Who asks: one node for all callers, and how much they ask where the author said."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.insight.diagram.model import Edge, Node
from mlstage.insight.diagram.paint import CALLERS, Context, Piece
from mlstage.insight.facts import traffic_of


def asked(name: str, workload: str, context: Context, label: str = "") -> Iterator[Piece]:
    """Show that callers send requests to a resource."""
    traffic = traffic_of(context.graph, workload)
    expected = f"{_round(traffic.requests_per_month)} requests a month" if traffic else ""
    note = f"{traffic.peak_per_second:.3g} requests a second in the busiest hour" if traffic else ""
    yield Node(CALLERS, "caller", "Outside", "Callers")
    yield Edge(CALLERS, name, "traffic", ", ".join(part for part in (label, expected) if part), note)


def _round(amount: float) -> str:
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if amount >= size:
            return f"{amount / size:.3g}{unit}"
    return f"{amount:.3g}"
