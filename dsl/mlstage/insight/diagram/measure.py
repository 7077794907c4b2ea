"""How wide a text is, without asking a font: widths of a sans-serif font on the wide side, so that it always fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]/ -\N{MIDDLE DOT}")
_WIDE: Final = frozenset("mwMWQO@%<>=+~#&\N{MULTIPLICATION SIGN}")
_BREAKS: Final = re.compile(r"(?<=[ :/@_-])")
_STRANGE: Final = ("Cc", "Cs", "Co", "Cn", "So")  # most are shown as a sign for what cannot be shown
_BOLD: Final = 1.14


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of a text in points; letters of other scripts count as wide ones."""
    em = sum(_em(character) for character in text)
    return em * size * (_BOLD if bold else 1.0)


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.38
    if character in _WIDE:
        return 0.92
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if ord(character) > 0x24F or ord(character) < 0x20:
        return 1.1 if unicodedata.category(character) in _STRANGE else 0.85
    return 0.7 if character.isupper() else 0.61


def clipped(text: str, size: float, most: float, *, bold: bool = False) -> str:
    """Cut a text that is wider than it may be, and say so by an ellipsis; its end stays, by which names differ."""
    if width(text, size, bold=bold) <= most:
        return text
    for left in range(len(text) - 1, 0, -1):
        end = left // 3
        cut = f"{text[: left - end].rstrip()}\N{HORIZONTAL ELLIPSIS}{text[len(text) - end :].lstrip()}"
        if width(cut, size, bold=bold) <= most:
            return cut
    return "\N{HORIZONTAL ELLIPSIS}"


def folded(text: str, size: float, most: float, lines: int = 2, *, bold: bool = False) -> list[str]:
    """Set a text in at most so many lines, broken between words or after a dash; the last is cut if it has to be."""
    done: list[str] = []
    for part in _BREAKS.split(" ".join(text.split())):
        if done and (len(done) == lines or width((done[-1] + part).rstrip(), size, bold=bold) <= most):
            done[-1] += part
        else:
            done.append(part)
    return [clipped(line.strip(), size, most, bold=bold) for line in done]


def listed(words: Sequence[str], size: float, most: float) -> list[str]:
    """Set words in lines, separated by commas; a word is never broken."""
    lines: list[str] = []
    for number, word in enumerate(words):
        said = word if number == len(words) - 1 else f"{word},"
        if lines and width(f"{lines[-1]} {said}", size) <= most:
            lines[-1] += f" {said}"
        else:
            lines.append(said)
    return lines
