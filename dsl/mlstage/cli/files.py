"""Writing a file that a command was asked for: all of it or nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click


def write_file(path: Path, text: str, said: str) -> None:
    """Write a file, make its folder if need be, and say so: `drawn: fraud.svg`."""
    prepared = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            prepared.write_text(text, encoding="utf-8", newline="\n")
            prepared.replace(path)
        finally:
            with suppress(OSError):
                prepared.unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from error
    click.echo(f"{said}: {path.as_posix()}", err=True)
