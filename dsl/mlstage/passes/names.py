"""Names in AWS: readable, bounded, and never cut off silently."""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from typing import Final

from mlstage.graph import Value
from mlstage.graph.dump import dump_value

HASH_LENGTH: Final = 8
# SageMaker's form for endpoints, models and most else (botocore 1.43, shape `EndpointName`), but for its length.
SAGEMAKER: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


def physical_name(*parts: str, limit: int = 63, pattern: re.Pattern[str] = SAGEMAKER) -> str:
    """Join parts with hyphens into a name of at most `limit` characters that matches `pattern`.

    A character that the pattern does not take becomes a hyphen (or its small letter, if that is taken), and a name that
    is too long loses letters from its longest parts. Either way the name then ends in a hash of the whole: two
    different names stay different, and the same name is shortened the same way everywhere.
    """
    whole = "-".join(part for part in parts if part)
    cleaned = ["".join(_taken(letter, pattern) for letter in part).strip("-") for part in parts]
    name = "-".join(part for part in cleaned if part)
    if name != whole or len(name) > limit:
        room = limit - HASH_LENGTH - 1
        name = "-".join([*_shortened([part for part in cleaned if part], room), _digest(whole)])
    if len(name) > limit or name == _digest(whole) or not pattern.fullmatch(name):
        raise ValueError(f"no name of at most {limit} characters and the form {pattern.pattern} comes from {whole!r}")
    return name


def content_hash(value: Value) -> str:
    """Give eight hexadecimal digits for a value of the graph; the order of a mapping's keys does not matter."""
    return _digest(json.dumps(dump_value(value), sort_keys=True))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def _taken(letter: str, pattern: re.Pattern[str]) -> str:
    fitting = (shape for shape in (letter, letter.lower()) if _fits(shape, pattern))
    return next(fitting, "-")


@cache
def _fits(letter: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(f"a{letter}a") is not None


def _shortened(parts: list[str], room: int) -> list[str]:
    """Take letters from the longest part until the parts and their hyphens fit."""
    excess = sum(map(len, parts)) + len(parts) - 1 - room
    for _ in range(excess):
        longest = max(range(len(parts)), key=lambda index: len(parts[index]))
        parts[longest] = parts[longest][:-1]
    return [stripped for part in parts if (stripped := part.rstrip("-"))]
