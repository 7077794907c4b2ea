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
    "development": "test",
    "sandbox": "test",
    "prod": "production",
    "prd": "production",
    "production": "production",
    "live": "production",
}
# `pre-prod` and `non-prod` are not production, and nobody says what they are instead.
_OPPOSITES: Final = frozenset(("pre", "non", "not", "no"))
TIER_TAG: Final = "mlstage:tier"
# What people tag their resources with, in this order of preference.
TIER_TAGS: Final = (TIER_TAG, "environment", "env", "stage", "tier")


def tier_of(
    stack: str,
    *,
    configured: str = "",
    by_stack: Mapping[str, str] | None = None,
    config: str = "",
    tags: Mapping[str, str] | None = None,
) -> Tier:
    """Find a stack's tier: the policies' settings, the stack's `mlstage:tier`, its name, then a tag on its resources.

    `tags` are those on which the resources agree; of foreign ones, `Environment: prod` says as much as our own.
    """
    if stack in (by_stack or {}):
        return Tier((by_stack or {})[stack], f"the policies' settings say so of stack {stack!r}")
    if configured:
        return Tier(configured, "the policies' settings say so")
    if config in TIERS[:2]:
        return Tier(config, f"the stack's configuration has {TIER_TAG}")
    if named := tier_in(stack):
        return Tier(named, f"the stack is named {stack!r}")
    by_key = {key.casefold(): (key, value) for key, value in (tags or {}).items()}
    for wanted in TIER_TAGS:
        key, value = by_key.get(wanted, (wanted, ""))
        if named := tier_in(value):
            return Tier(named, f"resources are tagged {key}={value}")
    return Tier("", f"nothing says what stack {stack!r} is" if stack else "nothing says what they are for")


def tier_in(name: str) -> str:
    """Find the one tier that a name speaks of; empty if it speaks of none, or of both."""
    words = re.split(r"[^a-z]+", name.lower())
    found = {_WORDS[word] for word in words if word in _WORDS}
    return found.pop() if len(found) == 1 and _OPPOSITES.isdisjoint(words) else ""
