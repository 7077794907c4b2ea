"""Architectures that performance figures are about: how much one inference computes, and in how many steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from mlstage.catalog import _files

MODELS_FILE: Final = "models.tsv"


@dataclass(frozen=True, slots=True)
class Architecture:
    """One architecture."""

    name: str
    task: str
    """`encoder` or `image-cls`, as the performance figures have it."""
    layers: int
    hidden: int | None
    """Width of an encoder's layers."""
    parameters: float
    """In millions."""
    image_gmac: float | None
    """Billions of multiply-adds for one 224x224 image."""
    source: str

    def gflop(self, seq_len: int | None) -> float:
        """Say how many billion floating-point operations one inference takes; encoders are asked for a length."""
        if self.image_gmac is not None:
            return 2 * self.image_gmac
        if self.hidden is None or seq_len is None:
            raise ValueError(f"{self.name} computes as much as its sequence is long")
        # Per layer and token: four projections and a feed-forward part of four times the width; then attention.
        dense = 12 * self.hidden**2 * seq_len
        attention = 2 * seq_len**2 * self.hidden
        return 2e-9 * self.layers * (dense + attention)


@cache
def architecture(name: str) -> Architecture | None:
    """Return an architecture by its name, or by one of those that model hubs and benchmarks call it."""
    asked = _plain(name)
    return next((found for found, names in _known() if asked in names), None)


def architecture_names() -> tuple[str, ...]:
    """Return the names of all architectures, sorted."""
    return tuple(sorted(found.name for found, _ in _known()))


@cache
def _known() -> tuple[tuple[Architecture, frozenset[str]], ...]:
    known = []
    for name, aliases, task, layers, hidden, parameters, gmac, source in _files.rows(MODELS_FILE):
        said_by = str(_files.sources_of(MODELS_FILE)[source])
        width, work = int(hidden) if hidden else None, float(gmac) if gmac else None
        made = Architecture(name, task, int(layers), width, float(parameters), work, said_by)
        known.append((made, frozenset(map(_plain, (name, *aliases.split())))))
    return tuple(known)


# What benchmarks add to a name: the task it was tuned for, the letter case, what it was measured with.
_ADDED: Final = re.compile(
    r"\(.*\)|encoder|squad|v1\.5|finetuned-sst-2-english|seq\d+|vanilla transformers|optimised|\bbase model\b"
)


def _plain(name: str) -> str:
    """Bring a name to the form in which names are compared: `BERT base (bert-base-cased)` is `bert-base`."""
    text = _ADDED.sub(" ", name.strip().lower())
    text = re.sub(r"[\s_]+", "-", text.strip()).strip("-")
    return re.sub(r"-(un)?cased", "", text)
