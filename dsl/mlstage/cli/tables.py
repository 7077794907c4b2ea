"""Tables that fit the terminal, and stay whole when they are piped."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_PIPED_WIDTH = 200


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table on stdout. Columns whose numbers are in `right` are set flush right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mlstage.cli.output import wants_colour

    colour = wants_colour(sys.stdout)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold" if colour else "")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: square brackets in a cell are not markup
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    console = Console(file=sys.stdout, width=width, no_color=not colour, highlight=False, soft_wrap=False)
    console.print(table)
