"""A few rules that tests of judging itself are made with, so that a new rule does not change what those say."""

from __future__ import annotations

from mlstage.rules import all_rules

_IDS = ("ML101", "ML102", "ML103", "ML104", "ML201", "ML202", "ML401", "ML402")
FEW = tuple(rule for rule in all_rules() if rule.id in _IDS)
