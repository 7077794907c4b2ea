"""How every picture looks: colours that colour-blind people can tell apart, and the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette (jfly.uni-koeln.de/color), in the order in which it is used; yellow is too light on white.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
SKY: Final = "#56B4E9"
BLACK: Final = "#000000"
GREY: Final = "#767676"
PALETTE: Final = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK)
HATCHES: Final = ("", "//", "..", "xx", "\\\\", "--", "++")

FORMATS: Final = (".svg", ".png")

_SETTINGS: Final[Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that it is the same everywhere
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "mlstage",
    "figure.dpi": 120,
    "hatch.linewidth": 0.6,
}


@contextmanager
def figure(width: float, height: float, **layout: Any) -> Iterator[tuple[Figure, Any]]:
    """Give a figure and its axes; nothing of it is kept in matplotlib's global state."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS):
        drawn = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(drawn)
        yield drawn, drawn.subplots(**layout)


def footnote(drawn: Figure, *said: str) -> None:
    """Say below the axes what the figures rest on, one text to a line; empty texts are left out."""
    if text := "\n".join(one for one in said if one):
        drawn.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")


def save(drawn: Figure, path: Path) -> None:
    """Write a figure as SVG or PNG, by the name of the file; without dates, so that it is the same every time."""
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        drawn.savefig(path, format=path.suffix.removeprefix("."), metadata=_metadata(path.suffix))


def svg(drawn: Figure) -> str:
    """Give a figure as the text of an `<svg>` element, to stand in a page by itself or within others.

    Letters are drawn as shapes, so that it looks the same everywhere; it refers to nothing outside of itself.
    """
    from io import StringIO

    import matplotlib as mpl

    text = StringIO()
    with mpl.rc_context(_SETTINGS):
        drawn.savefig(text, format="svg", metadata=_metadata(".svg"))
    whole = text.getvalue()
    return whole[whole.index("<svg") :]  # without the XML declaration and the document type, which a page has itself


def _metadata(suffix: str) -> dict[str, str | None]:
    return {"Date": None, "Creator": "mlstage"} if suffix == ".svg" else {"Software": "mlstage"}
