"""Telling a secret from a text that only looks like one, by its name and by its form. No secret leaves this module."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

_FORMATS: Final = Path(__file__).parents[1] / "data" / "secret_formats.tsv"

# A variable that ends in one of these is meant to hold a secret.
_SECRET_NAME: Final = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?"
    r"|(API|ACCESS|AUTH|PRIVATE|SECRET|SIGNING|ENCRYPTION|LICENSE|SERVICE|ACCOUNT|SSH|MASTER)_?KEY)$"
)
# A key of any other kind may be a column's name: only a text that looks drawn by lot counts.
_ANY_KEY: Final = re.compile(r"(^|_)KEY$")
# Tokens of text are what language models are made of.
_OF_TEXT: Final = re.compile(r"(^|_)(PAD|EOS|BOS|SEP|CLS|UNK|MASK|STOP|START|END|BEGIN|SPECIAL|IMAGE|AUDIO)_TOKEN$")
# What stands for a secret that is kept elsewhere.
_ELSEWHERE: Final = re.compile(
    r"arn:aws|\{\{|\$\{|\$\(|%\(|<|\[|(ssm|secretsmanager|secret|vault|file|env|op|gcp|projects)[:/]|/|s3://",
    re.IGNORECASE,
)
_WORDS: Final = frozenset(
    ("true", "false", "none", "null", "required", "optional", "enabled", "disabled", "default", "basic", "bearer")
)
_SHORTEST: Final = 6
_BY_LOT: Final = 3.5
"""Bits a character, from which on a text is taken for drawn by lot; English has about 2.5 in texts that short."""


def is_secret_name(name: str) -> bool:
    """Say whether a variable of this name is meant to hold a secret: `DB_PASSWORD`, `hfToken`."""
    plain = _upper(name)
    return bool(_SECRET_NAME.search(plain)) and not _OF_TEXT.search(plain)


def secret_in(name: str, text: str) -> str:
    """Say what secret a variable holds, without its value: `a token of Hugging Face`; empty where it holds none."""
    for what, pattern in _formats():
        if pattern.search(text):
            return what
    if is_secret_name(name):
        return "a secret" if _may_be_secret(text) else ""
    return "a key" if _ANY_KEY.search(_upper(name)) and _may_be_secret(text) and _is_drawn_by_lot(text) else ""


def _may_be_secret(text: str) -> bool:
    return len(text) >= _SHORTEST and text.lower() not in _WORDS and not _ELSEWHERE.match(text) and not text.isspace()


def _is_drawn_by_lot(text: str) -> bool:
    if len(text) < 16 or not re.fullmatch(r"[A-Za-z0-9+/=_-]+", text):
        return False
    if not (re.search(r"\d", text) and re.search(r"[A-Za-z]", text)):
        return False
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) >= _BY_LOT


def _upper(name: str) -> str:
    """Write `hfToken`, `hf-token` and `HF_TOKEN` alike."""
    return re.sub(r"[^A-Z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper())


@cache
def _formats() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lines = _FORMATS.read_text(encoding="utf-8").splitlines()
    _, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    # A format stands alone: nothing that may be part of it goes on before or behind it.
    return tuple((what, re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])")) for what, pattern, _ in rows)
