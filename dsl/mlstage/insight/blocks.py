"""What a report is made of before it is text: tables and lists, laid out by the terminal and by markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `right` are the columns set flush right, `total` says that the last row sums the others up."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    total: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list under a title; `marks` stand before the items instead of a dash."""

    title: str
    items: tuple[str, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; `heading` makes it a title of that depth."""

    text: str
    heading: int = 0


Block = Table | Items | Words


def markdown(blocks: Iterable[Block]) -> str:
    """Lay blocks out as markdown."""
    return "\n".join(line for block in blocks for line in (*_markdown(block), "")).rstrip() + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Words(text, heading):
            yield f"{'#' * heading} {escaped(text)}" if heading else escaped(text)
        case Items(title, items, marks):
            if title:
                yield from (f"**{escaped(title)}**", "")
            for number, item in enumerate(items):
                yield f"- {f'({marks[number]}) ' if marks else ''}{escaped(item)}"
        case Table():
            yield from _markdown_table(block)


def _markdown_table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (f"**{escaped(table.title)}**", "")
    yield _row(table.headings)
    yield _row(["---:" if number in table.right else "---" for number in range(len(table.headings))], raw=True)
    for number, row in enumerate(table.rows):
        last = table.total and number == len(table.rows) - 1
        yield _row([f"**{escaped(cell)}**" if cell else "" for cell in row], raw=True) if last else _row(row)


def _row(cells: Sequence[str], *, raw: bool = False) -> str:
    return "| " + " | ".join(cell if raw else escaped(cell) for cell in cells) + " |"


def escaped(text: str) -> str:
    """Keep a name's characters from being read as markdown, and dollars from being read as formulas."""
    for character in "\\|*_<>`[]#$":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
