"""Writing pictures: the file's name decides the format, and the library is asked for when it is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_option(says: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--plot FILE`; a file that is to be no picture is refused before anything is worked out."""
    return click.option(
        "--plot", type=click.Path(path_type=Path), callback=_picture, metavar="FILE", help=f"{says} (.svg or .png)."
    )


def _picture(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None:
        from mlstage.insight.plots.style import FORMATS

        if path.suffix not in FORMATS:
            raise click.BadParameter(f"{path} is to be a picture: name it .svg or .png.", context, parameter)
    return path


def save(path: Path, draw: Callable[[], Figure]) -> None:
    """Draw into a file."""
    from mlstage.insight.plots import style
    from mlstage.offline.errors import ToolMissing

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
