"""How much a rule weighs in each tier, and how the tier of a stack is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """What a finding does: stop the run, be shown, be ignored, or be repaired where that is mechanical."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"
    REMEDIATE = "remediate"


# A stack that is neither is `other`: nobody said what it is, so rules about production can only advise.
TIERS: Final = ("test", "production", "other")


@dataclass(frozen=True, slots=True)
class Levels:
    """A rule's own level in each tier."""

    test: Level
    production: Level
    other: Level

    def at(self, tier: str) -> Level:
        """Give the level in a tier; every tier that is not test or production is `other`."""
        match tier:
            case "test":
                return self.test
            case "production":
                return self.production
            case _:
                return self.other

    @property
    def strongest(self) -> Level:
        """The level that the engine is told the rule has."""
        return Level.MANDATORY if Level.MANDATORY in (self.test, self.production, self.other) else Level.ADVISORY


@dataclass(frozen=True, slots=True)
class Tier:
    """A stack's tier (empty when nothing says) and what said so."""

    name: str
    because: str


_WORDS: Final[Mapping[str, str]] = {
    "test": "test",
    "dev": "test",
    "sandbox": "test",
    "prod": "production",
    "production": "production",
    "live": "production",
}


def tier_of(
    stack: str, *, configured: str = "", by_stack: Mapping[str, str] | None = None, config: str = "", tag: str = ""
) -> Tier:
    """Find a stack's tier: the policies' settings, the stack's `mlstage:tier`, its name, then a `mlstage:tier` tag."""
    if stack in (by_stack or {}):
        return Tier((by_stack or {})[stack], f"the policies' settings say so of stack {stack!r}")
    if configured:
        return Tier(configured, "the policies' settings say so")
    if config in TIERS[:2]:
        return Tier(config, "the stack's configuration has mlstage:tier")
    words = {_WORDS[word] for word in re.split(r"[^a-z]+", stack.lower()) if word in _WORDS}
    if len(words) == 1:
        return Tier(words.pop(), f"the stack is named {stack!r}")
    if tag in TIERS[:2]:
        return Tier(tag, "resources are tagged mlstage:tier")
    return Tier("", f"nothing says what stack {stack!r} is")
