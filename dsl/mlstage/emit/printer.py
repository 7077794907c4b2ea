"""Expressions as Python text: the one place that quotes, and the one that knows how `ruff format` lays code out.

Programs must be what the formatter would leave, without a formatter at run time. That is possible because the
formatter respects a trailing comma: what is written one item per line stays so. Only three forms leave it a choice,
and `py` makes the same one: a value that fits on its line stays there, a sole dict or list argument gets no comma, and
a text that is too long stands in parentheses, in pieces if one line is still too short.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, assert_never

WIDTH: Final = 120
_STEP: Final = 4
# A text is never cut into pieces shorter than this, however deep it stands.
_SHORTEST_LINE: Final = 40
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{100,}={0,2}")


class UnprintableError(ValueError):
    """A value that no generated program can carry; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression that is Python already, such as a variable's attribute."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function; `arguments` come first, `keywords` after them. `broken`: never on one line."""

    function: str
    arguments: tuple[Expression, ...] = ()
    keywords: Mapping[str, Expression] = field(default_factory=dict)
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Extended:
    """A mapping that is another one, by name, with some entries more or other: `{**base, ...}`."""

    base: str
    entries: Mapping[str, Expression]


Expression: TypeAlias = (
    "bool | int | float | str | Code | Call | Extended | tuple[Expression, ...] | Mapping[str, Expression] | None"
)


def py(value: Expression, indent: int = 0, lead: str = "", *, trailing: int = 1) -> str:
    """Print an expression that follows `lead` on a line indented by `indent`; `trailing` characters follow it."""
    flat = _flat(value)
    if flat is not None and indent + len(lead) + len(flat) + trailing <= WIDTH:
        return flat
    match value:
        case str():
            return _long_text(value, indent)
        case tuple() if value:
            return _lines("[", (py(item, indent + _STEP) for item in value), "]", indent)
        case Mapping() if value:
            return _lines("{", _entries(value, indent + _STEP), "}", indent)
        case Extended():
            entries = [f"**{value.base}", *_entries(value.entries, indent + _STEP)]
            return _lines("{", iter(entries), "}", indent)
        case Call(function, (tuple() | Mapping() as only,), keywords) if not keywords:
            inner = py(only, indent + _STEP)
            comma = "" if "\n" in inner else ","
            return f"{function}(\n{' ' * (indent + _STEP)}{inner}{comma}\n{' ' * indent})"
        case Call() if value.arguments or value.keywords:
            return _lines(f"{value.function}(", _arguments(value, indent + _STEP), ")", indent)
        case _:
            # Nothing here can be broken: a number, a name, an empty collection.
            return flat or ""


def _lines(opening: str, items: Iterator[str], closing: str, indent: int) -> str:
    inner = " " * (indent + _STEP)
    return "".join([opening, "\n", *(f"{inner}{item},\n" for item in items), " " * indent, closing])


def _entries(value: Mapping[str, Expression], indent: int) -> Iterator[str]:
    for key, item in value.items():
        lead = f"{_quoted(key)}: "
        yield lead + py(item, indent, lead)


def _arguments(call: Call, indent: int) -> Iterator[str]:
    for item in call.arguments:
        yield py(item, indent)
    for name, item in call.keywords.items():
        yield f"{name}={py(item, indent, f'{name}=')}"


def _flat(value: Expression) -> str | None:
    """Print on one line, or give None for what is read better on several: a mapping with more than one entry."""
    match value:
        case None | bool():
            return str(value)
        case int() | float():
            return _number(value)
        case str():
            return _quoted(value)
        case Code(text):
            return text
        case tuple():
            return _flat_all("[", (_flat(item) for item in value), "]")
        case Extended(base, entries):
            return _flat_all("{", (f"**{base}", *_flat_entries(entries)), "}") if len(entries) < 2 else None
        case Mapping():
            return _flat_all("{", _flat_entries(value), "}") if len(value) < 2 else None
        case Call(broken=True) if value.arguments or value.keywords:
            return None
        case Call(function, arguments, keywords):
            named = (None if (flat := _flat(item)) is None else f"{name}={flat}" for name, item in keywords.items())
            return _flat_all(f"{function}(", (*(_flat(item) for item in arguments), *named), ")")
        case _:
            assert_never(value)


def _flat_entries(value: Mapping[str, Expression]) -> Iterator[str | None]:
    for key, item in value.items():
        flat = _flat(item)
        yield None if flat is None else f"{_quoted(key)}: {flat}"


def _flat_all(opening: str, items: Iterator[str | None] | tuple[str | None, ...], closing: str) -> str | None:
    found: list[str] = []
    for item in items:
        if item is None:
            return None
        found.append(item)
    return f"{opening}{', '.join(found)}{closing}"


def _number(value: float) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnprintableError(f"{value} is no number that AWS takes")
        return repr(value).replace("e+", "e")
    return str(value)


def _quoted(text: str) -> str:
    # Double quotes unless single ones need fewer backslashes, as the formatter has it.
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{''.join(_escaped(character, quote) for character in text)}{quote}"


_NAMED_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return f"\\{character}"
    return visible(character) if character not in _NAMED_ESCAPES else _NAMED_ESCAPES[character]


def visible(text: str) -> str:
    """Give ASCII and the letters of Western European languages as they are, everything else by its number.

    What looks like another character, or turns the reading direction, must not hide in a program under review; and
    what counts as printable differs between versions of Python.
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    number = ord(character)
    if 0x20 <= number < 0x7F or (0xC0 <= number <= 0xFF and number not in (0xD7, 0xF7)):
        return character
    if 0xD800 <= number <= 0xDFFF:
        raise UnprintableError(f"the text holds half a character (\\u{number:04x}), which no file can store")
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def docstring(text: str) -> str:
    """Quote a text as a docstring, its line ends kept."""
    escaped = (visible(line.replace("\\", "\\\\")).rstrip() for line in text.splitlines())
    body = "\n".join(escaped).replace('"""', r"\"\"\"")
    end = "\n" if text.endswith("\n") else ""
    return f'"""{body}{end}"""'


def _long_text(text: str, indent: int) -> str:
    inner = indent + _STEP
    whole = _quoted(text)
    pieces = [whole] if inner + len(whole) <= WIDTH else [_quoted(piece) for piece in _pieces(text, inner)]
    if len(pieces) < 2 and inner + len(whole) > WIDTH:
        return whole
    return "".join(["(\n", *(f"{' ' * inner}{piece}\n" for piece in pieces), " " * indent, ")"])


def _pieces(text: str, indent: int) -> Iterator[str]:
    """Cut a text at its line ends and, where a line is still too long, at the best place that fits."""
    room = max(WIDTH - indent, _SHORTEST_LINE) - len('""')
    for line in text.splitlines(keepends=True):
        start = 0
        while start < len(line):
            end = _cut(line, start, room)
            yield line[start:end]
            start = end


def _cut(line: str, start: int, room: int) -> int:
    """Find where to cut: after a space, else after a path's or ARN's separator, else as far as there is room."""
    end = start
    for character in line[start:]:
        room -= len(_escaped(character, '"'))
        if room < 0:
            break
        end += 1
    if end == len(line):
        return end
    space = line.rfind(" ", start, end) + 1
    if space > start:
        return space
    if _BASE64.fullmatch(line.rstrip()):
        return end
    separator = max(line.rfind(mark, start, end) for mark in "/:,;&") + 1
    if separator > (start + end) // 2:
        return separator
    # The {} of a format stays in one piece.
    return end - 1 if line[end - 1] == "{" and end - 1 > start else end
