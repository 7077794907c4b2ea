"""Exceptions to rules: with a reason, and with an end."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from mlstage.spec.base import Node
from mlstage.spec.says import Says
from mlstage.spec.text import wrong


def _rule_id(text: str) -> str:
    if not re.fullmatch(r"ML\d{3}", text):
        raise wrong("SPEC104", f"{text!r} is no rule id", 'an id from `mlstage rules`, such as "ML102"')
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise wrong("SPEC115", "the waiver gives no reason", 'reason="why this is right here", for the next reader')
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise wrong("SPEC104", f"{text!r} is no date", 'until="2027-01-31", for example') from None
    return text


class Waiver(Node):
    """A rule that does not hold here, why, and until which day (inclusive). Made with `waive`."""

    rule: Annotated[str, AfterValidator(_rule_id), Says("the id of a rule", '"ML102"')]
    reason: Annotated[str, AfterValidator(_reason), Says("a reason", '"tried on a GPU before it runs in prod"')]
    until: Annotated[str, AfterValidator(_day), Says("a date", '"2027-01-31"')]


def waive(rule: str, *, reason: str, until: str) -> Waiver:
    """Except a workload or a stage from a rule, for a reason, up to and including a day (`2027-01-31`)."""
    return Waiver(rule=rule, reason=reason, until=until)
