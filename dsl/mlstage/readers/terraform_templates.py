"""Templates of Terraform's JSON syntax: text with `${…}` in it, as values of the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mlstage.graph import Join, Ref, Value, join

# Gives what an expression stands for, or None for one that is more than that.
Resolve = Callable[[str], Value]

_OPENING: Final = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_LITERAL: Final = re.compile(r'"(?:[^"\\$%]|\\.|[$%](?!\{))*"')


class Opaque(Exception):
    """A template with something in it that cannot be told without evaluating it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between `${` and `}`."""

    text: str


def value_of(data: Any, resolve: Resolve) -> Value:
    """Read JSON as Terraform would: every text in it, keys included, is a template. Raises `Opaque`."""
    match data:
        case str():
            return text_value(data, resolve)
        case list():
            return tuple(value_of(item, resolve) for item in data)
        case Mapping():
            return {_key(key, resolve): value_of(item, resolve) for key, item in data.items()}
        case None | bool() | int() | float():
            return data
        case _:
            raise Opaque(f"{type(data).__name__} is no JSON")


def text_value(text: str, resolve: Resolve) -> Value:
    """Read one template. Raises `Opaque`."""
    pieces = [_piece(part, resolve) for part in parts(text)]
    if len(pieces) == 1:
        return pieces[0]
    joined: list[str | Ref | Join] = []
    for piece in pieces:
        if not isinstance(piece, (str, Ref, Join)):
            raise Opaque(text)
        joined.append(piece)
    return join(*joined)


def _piece(part: str | Expression, resolve: Resolve) -> Value:
    if isinstance(part, str):
        return part
    if _LITERAL.fullmatch(part.text):
        return str(json.loads(part.text))
    return resolve(part.text)


def _key(text: str, resolve: Resolve) -> str:
    value = text_value(text, resolve)
    if not isinstance(value, str):
        raise Opaque(text)
    return value


def parts(text: str) -> tuple[str | Expression, ...]:
    """Split a template into text and expressions. Raises `Opaque` on a directive such as `%{ if … }`."""
    return tuple(_split(text)) or ("",)


def _split(text: str) -> Iterator[str | Expression]:
    plain, position = "", 0
    while match := _OPENING.search(text, position):
        plain += text[position : match.start()]
        if len(match[0]) == 3:  # `$${` is the text `${`
            plain, position = plain + match[0][1:], match.end()
            continue
        if match[0] == "%{":
            raise Opaque(text)
        if plain:
            yield plain
        position = _end(text, match.end())
        yield Expression(text[match.end() : position - 1].strip())
        plain = ""
    if plain := plain + text[position:]:
        yield plain


def _end(text: str, position: int) -> int:
    """Find the end of the expression that begins here: just behind its closing brace."""
    depth = 1
    while position < len(text):
        match text[position]:
            case '"':
                position = _end_of_quoted(text, position + 1)
                continue
            case "{":
                depth += 1
            case "}":
                depth -= 1
        position += 1
        if not depth:
            return position
    raise Opaque(text)


def _end_of_quoted(text: str, position: int) -> int:
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        elif text.startswith(("${", "%{"), position) and not text.startswith(("$$", "%%"), position - 1):
            position = _end(text, position + 2)
        else:
            position += 1
    raise Opaque(text)
