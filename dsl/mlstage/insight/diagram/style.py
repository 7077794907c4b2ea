"""Colours of kinds and flows, the same in Mermaid and SVG, with marks that tell them apart without any colour.

Texts keep at least 7:1 to what they stand on, lines at least 4.5:1; flows differ in width and dashes, kinds in signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.insight.diagram.model import Flow, Kind, MarkKind

INK: Final = "#1b1f24"
QUIET: Final = "#424a53"
PAPER: Final = "#ffffff"
FRAME: Final = "#f6f8fa"


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of node is drawn: ground, border, and its sign as a path in a square of 16."""

    fill: str
    stroke: str
    sign: str


@dataclass(frozen=True, slots=True)
class Line:
    """How a flow is drawn."""

    stroke: str
    width: float
    dash: str = ""
    arrow: bool = True


KINDS: Final[Mapping[Kind, Look]] = {
    "caller": Look(PAPER, INK, "M8 7.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14.5c0-3.5 2.3-5 5.5-5s5.5 1.5 5.5 5"),
    "serves": Look("#e8f1fb", "#0b5cad", "M1.5 3h13v4h-13ZM1.5 9h13v4h-13ZM4 5h.1M4 11h.1M7 5h5M7 11h5"),
    "works": Look("#fdf3e1", "#9a5b00", "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM6.4 5v6l5-3Z"),
    "model": Look("#f3ecfb", "#6b3fa0", "M8 1.3 14 4.6v6.8L8 14.7 2 11.4V4.6ZM2 4.6 8 8l6-3.4M8 8v6.7"),
    "store": Look(
        "#e7f5ec", "#1a7340", "M2.5 3.5c0-2.6 11-2.6 11 0s-11 2.6-11 0v9c0 2.6 11 2.6 11 0v-9M2.5 8c0 2.6 11 2.6 11 0"
    ),
    "queue": Look("#e6f5f5", "#0f6e6e", "M1.5 4h4v8h-4ZM6.5 4h4v8h-4ZM11.5 8h3M13 6l2 2-2 2"),
    "clock": Look(PAPER, "#57606a", "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.5V8l2.6 1.8"),
    "balancer": Look(
        "#e8f1fb", "#0b5cad", "M1.5 8H6l4-4.5h4M6 8l4 4.5h4M6 8h8M12.5 2l1.8 1.5L12.5 5M12.5 11l1.8 1.5-1.8 1.5"
    ),
    "network": Look("#f3f4f6", "#57606a", "M8 1.5 13.5 3.5v4.3c0 3.2-2.2 5.5-5.5 6.7-3.3-1.2-5.5-3.5-5.5-6.7V3.5Z"),
    "machine": Look(
        "#fdf3e1", "#9a5b00", "M4 4h8v8H4ZM6 1.5V4M10 1.5V4M6 12v2.5M10 12v2.5M1.5 6H4M1.5 10H4M12 6h2.5M12 10h2.5"
    ),
    "other": Look(PAPER, "#5f6771", "M3 2.5h10v11H3ZM5.5 6h5M5.5 8.5h5M5.5 11h3"),
}

FLOWS: Final[Mapping[Flow, Line]] = {
    "traffic": Line("#0b5cad", 2.6),
    "data": Line("#1a7340", 1.4),
    "control": Line("#7a3e9d", 1.4, "5 3"),
    "reference": Line("#5f6771", 0.9, "1.5 2.5", arrow=False),
}

MARKS: Final[Mapping[MarkKind, tuple[str, str]]] = {
    "spot": ("#8a1f11", PAPER),
    "accelerator": ("#4c2889", PAPER),
    "scaling": ("#0f4c5c", PAPER),
    "place": (PAPER, QUIET),
}
"""For each kind of mark, its ground and its text."""
