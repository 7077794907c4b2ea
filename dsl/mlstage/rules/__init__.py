"""Policy rules over the graph: what AWS allows and a good engineer does not, one small file each."""

from mlstage.rules.judge import Objection, Open, Verdict, Waived, judge
from mlstage.rules.levels import TIERS, Level, Levels, Tier, tier_of
from mlstage.rules.loader import RuleFileError, all_rules, load
from mlstage.rules.report import diagnostics
from mlstage.rules.rule import FAMILIES, About, Change, Example, Rule, in_production, in_test, resource_rule, stack_rule
from mlstage.rules.settings import DEFAULT, PRESETS, Settings, SettingsError, load_settings, parse_settings, preset
from mlstage.rules.truth import Answer, Field, Finding, Truth, Undecided, when
from mlstage.rules.waivers import Waiver, waivers_of

__all__ = [
    "DEFAULT",
    "FAMILIES",
    "PRESETS",
    "TIERS",
    "About",
    "Answer",
    "Change",
    "Example",
    "Field",
    "Finding",
    "Level",
    "Levels",
    "Objection",
    "Open",
    "Rule",
    "RuleFileError",
    "Settings",
    "SettingsError",
    "Tier",
    "Truth",
    "Undecided",
    "Verdict",
    "Waived",
    "Waiver",
    "all_rules",
    "diagnostics",
    "in_production",
    "in_test",
    "judge",
    "load",
    "load_settings",
    "parse_settings",
    "preset",
    "resource_rule",
    "stack_rule",
    "tier_of",
    "waivers_of",
    "when",
]
