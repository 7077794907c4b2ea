"""Printing reports: blocks on the terminal or as markdown, data as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import click

from mlstage.cli.tables import print_table
from mlstage.insight.blocks import Block, Items, Table, Words, markdown

report_format_option = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to print the report.",
)


def show_report(style: str, blocks: Callable[[], Iterable[Block]], data: Callable[[], Any]) -> None:
    """Print a report in the style that was asked for."""
    if style == "json":
        click.echo(json.dumps(data(), indent=2, ensure_ascii=False))
    elif style == "markdown":
        click.echo(markdown(blocks()), nl=False)
    else:
        for block in blocks():
            _show(block)


def _show(block: Block) -> None:
    match block:
        case Words(text, heading):
            click.echo(click.style(text, bold=True) if heading else text)
        case Items(title, items, marks):
            if title:
                click.echo(f"{title}:")
            for number, item in enumerate(items):
                click.echo(f"  {f'({marks[number]})' if marks else '-'} {item}")
        case Table(title, headings, rows, right):
            if title:
                click.echo(f"{title}:")
            print_table(headings, rows, right)
            return
    click.echo()
