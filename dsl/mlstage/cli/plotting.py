"""Writing pictures: the file's name decides the format, and the library is asked for when it is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save(path: Path, draw: Callable[[], Figure]) -> None:
    """Draw into a file."""
    from mlstage.insight.plots import style
    from mlstage.offline.errors import ToolMissing

    if path.suffix not in style.FORMATS:
        raise click.UsageError(f"--plot {path} is to be a picture: name it .svg or .png.")
    try:
        figure = draw()
    except ModuleNotFoundError as error:
        what = f"pictures need matplotlib ({error.name} is not installed)"
        raise ToolMissing(what, "pip install 'mlstage[plots]'") from error
    try:
        style.save(figure, path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from error
    click.echo(f"drawn: {path}", err=True)
