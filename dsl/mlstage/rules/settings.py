"""How strictly to judge: a level per rule and tier, and options; one JSON file serves mlstage and Pulumi's engine.

The file is what `pulumi preview --policy-pack-config` takes: an object with one entry per policy, either a level or an
object with `enforcementLevel` and more. Ours adds `tiers` (a level per tier) and the rule's options, and one entry
`mlstage` for what concerns no single rule. `all` sets a level for every rule, as it does for the engine.

`tiers` decides where it is given. Without it `enforcementLevel` holds in every tier in which the rule is not off.
`disabled` always switches a rule off.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from mlstage.rules.levels import TIERS, Level
from mlstage.rules.rule import Rule
from mlstage.rules.waivers import WAIVER_SCHEMA, Waiver, waivers_of

R = TypeVar("R")

GENERAL: Final = "mlstage"
_ALL: Final = "all"
_LEVEL: Final = "enforcementLevel"
_TIERS: Final = "tiers"


class SettingsError(ValueError):
    """Settings that cannot be followed: what is wrong, with the entry that it stands in, and what may stand there."""

    def __init__(self, *problems: str | tuple[str, str]) -> None:
        self.problems = tuple(("", one) if isinstance(one, str) else one for one in problems)
        super().__init__("\n".join(message for _, message in self.problems))


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What the settings say of one rule. `level` is None where they say nothing."""

    level: Level | None = None
    tiers: Mapping[str, Level] = field(default_factory=dict)
    options: Any = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings say: of each rule by id, of the stack's tier, and of what could not be decided.

    `undecided` is the level of what a mandatory rule could not decide; `mandatory` makes it fail. `waivers` are those
    of infrastructure that no spec describes, and `own` the project's own rules, which are asked beside mlstage's.
    """

    rules: Mapping[str, RuleSettings] = field(default_factory=dict)
    tier: str = ""
    stacks: Mapping[str, str] = field(default_factory=dict)
    undecided: Level = Level.ADVISORY
    waivers: tuple[Waiver, ...] = ()
    own: tuple[Rule, ...] = ()

    def level(self, rule: Rule, tier: str) -> Level:
        """Give a rule's level in a tier."""
        said = self.rules.get(rule.id, RuleSettings())
        if said.level is Level.DISABLED:
            return Level.DISABLED
        key = tier if tier in TIERS else "other"
        if key in said.tiers:
            return said.tiers[key]
        own = rule.levels.at(tier)
        # The engine reports every rule's level, also where nobody set it: the rule's strongest changes nothing.
        if said.level in (None, rule.levels.strongest) or own is Level.DISABLED:
            return own
        return said.level or own

    def strictly(self) -> Settings:
        """Make what a mandatory rule cannot decide fail."""
        return replace(self, undecided=Level.MANDATORY)

    def options(self, rule: Rule) -> Any:
        """Give a rule's options."""
        said = self.rules.get(rule.id)
        return said.options if said and said.options is not None else rule.options()


DEFAULT: Final = Settings()


def load_settings(path: Path, rules: Iterable[Rule]) -> Settings:
    """Read a file of settings. Raises `SettingsError` with the path in it; a missing file is one, too."""
    try:
        text = path.read_text(encoding="utf-8")
        return parse_settings(text, rules)
    except OSError as error:
        raise SettingsError(f"{path.as_posix()}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.as_posix()}: is not UTF-8 text") from error
    except SettingsError as error:
        told = [f"{path.as_posix()}{_line_of(entry, text)}: {message}" for entry, message in error.problems]
        raise SettingsError(*told) from error


def _line_of(entry: str, text: str) -> str:
    found = re.search(rf"{re.escape(json.dumps(entry))}\s*:", text) if entry else None
    return f":{text.count(chr(10), 0, found.start()) + 1}" if found else ""


def parse_settings(text: str, rules: Iterable[Rule]) -> Settings:
    """Read settings from JSON. Raises `SettingsError`."""
    try:
        document = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise SettingsError(f"line {error.lineno}: is not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"is no JSON that can be read ({error})") from error
    if not isinstance(document, dict):
        raise SettingsError("must be an object with one entry per rule")
    return settings_of(document, rules)


def settings_of(document: Mapping[str, Any], rules: Iterable[Rule]) -> Settings:
    """Read settings from the parsed file, or from what the engine made of it. Raises `SettingsError`."""
    by_policy = {rule.policy: rule for rule in rules}
    reading = _Reading()
    for name in document:
        # `environments` is the engine's: configuration environments of Pulumi's cloud.
        if name not in (*by_policy, GENERAL, _ALL, "environments"):
            full = next((f"; write {policy!r}" for policy, rule in by_policy.items() if rule.id == name.upper()), "")
            reading.problems.append((name, f"there is no rule {name!r}{full or _nearest(name, by_policy)}"))
    for_all = reading.of(_ALL, lambda: _for_all(document)) or {}
    found: dict[str, RuleSettings] = {}
    for policy, rule in by_policy.items():
        if for_all or policy in document:
            entry = functools.partial(_rule_entry, rule, document.get(policy, {}), for_all)
            found[rule.id] = reading.of(policy, entry) or RuleSettings()
    general = reading.of(GENERAL, lambda: _general(document.get(GENERAL, {}))) or DEFAULT
    if reading.problems:
        raise SettingsError(*reading.problems)
    return replace(general, rules=found)


class _Reading:
    """Reads entry by entry, so that everything that is wrong is told at once."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def of(self, entry: str, read: Callable[[], R]) -> R | None:
        """Read one entry; None if that failed."""
        try:
            return read()
        except SettingsError as error:
            self.problems += [(entry, message) for _, message in error.problems]
            return None


def _for_all(document: Mapping[str, Any]) -> dict[str, Any]:
    entry = _entry(_ALL, document.get(_ALL, {}))
    _refuse_unknown(_ALL, entry, (_LEVEL,))
    return entry


def _rule_entry(rule: Rule, own: Any, for_all: Mapping[str, Any]) -> RuleSettings:
    return _rule_settings(rule, {**for_all, **_entry(rule.policy, own)})


def _general(said: Any) -> Settings:
    general = _entry(GENERAL, said)
    _refuse_unknown(GENERAL, general, (_LEVEL, "tier", "stacks", "undecided", "waivers"))
    stacks = general.get("stacks", {})
    if not isinstance(stacks, Mapping):
        raise SettingsError(f"{GENERAL}.stacks must be an object: a tier for each stack by its name")
    return Settings(
        tier=_tier(f"{GENERAL}.tier", general.get("tier", "")),
        stacks={str(stack): _tier(f"{GENERAL}.stacks.{stack}", tier) for stack, tier in stacks.items()},
        undecided=_level(f"{GENERAL}.undecided", general.get("undecided", "advisory")),
        waivers=_waivers(general.get("waivers", [])),
    )


def schema_of(rule: Rule) -> dict[str, dict[str, Any]]:
    """Give the JSON schema of a rule's entry, property by property, as the engine wants it."""
    level = {"type": "string", "enum": [str(level) for level in Level]}
    tiers = {"type": "object", "properties": dict.fromkeys(TIERS, level), "additionalProperties": False}
    hints = get_type_hints(rule.options)
    return {_TIERS: tiers, **{f.name: _option_schema(hints[f.name]) for f in fields(rule.options)}}


def general_schema() -> dict[str, dict[str, Any]]:
    """Give the JSON schema of the entry `mlstage`."""
    tier = {"type": "string", "enum": ["", *TIERS]}
    return {
        "tier": tier,
        "stacks": {"type": "object", "additionalProperties": tier},
        "undecided": {"type": "string", "enum": ["advisory", "mandatory", "disabled"]},
        "waivers": {"type": "array", "items": WAIVER_SCHEMA},
    }


def _entry(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {_LEVEL: value}
    if isinstance(value, Mapping):
        return dict(value)
    raise SettingsError(f"{name} is {value!r}; write a level or an object")


def _rule_settings(rule: Rule, entry: Mapping[str, Any]) -> RuleSettings:
    level = entry.get(_LEVEL)
    tiers = entry.get(_TIERS, {})
    if not isinstance(tiers, Mapping):
        raise SettingsError(f"{rule.policy}.{_TIERS} must be an object: a level for each of {', '.join(TIERS)}")
    _refuse_unknown(f"{rule.policy}.{_TIERS}", tiers, TIERS)
    return RuleSettings(
        level=None if level is None else _level(f"{rule.policy}.{_LEVEL}", level),
        tiers={tier: _level(f"{rule.policy}.{_TIERS}.{tier}", value) for tier, value in tiers.items()},
        options=_options(rule, {key: value for key, value in entry.items() if key not in (_LEVEL, _TIERS)}),
    )


def _options(rule: Rule, given: Mapping[str, Any]) -> Any:
    hints = get_type_hints(rule.options)
    _refuse_unknown(rule.policy, given, hints)
    return rule.options(**{name: _option(f"{rule.policy}.{name}", hints[name], value) for name, value in given.items()})


def _option(place: str, kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, (list, tuple)):
            raise SettingsError(f"{place} is {value!r}; write a list")
        return tuple(_option(place, get_args(kind)[0], item) for item in value)
    # JSON numbers reach a policy pack as floats.
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise SettingsError(f"{place} is {value!r}; write {_KINDS[kind]}")
    return value


_KINDS: Final[Mapping[Any, str]] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
_JSON_TYPES: Final[Mapping[Any, str]] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def _option_schema(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _option_schema(get_args(kind)[0])}
    return {"type": _JSON_TYPES[kind]}


def _level(place: str, value: Any) -> Level:
    try:
        return Level(value)
    except ValueError:
        raise SettingsError(f"{place} is {value!r}; write one of {', '.join(Level)}") from None


def _tier(place: str, value: Any) -> str:
    if value and value not in TIERS:
        raise SettingsError(f"{place} is {value!r}; write one of {', '.join(TIERS)}")
    return str(value)


def _waivers(entries: Any) -> tuple[Waiver, ...]:
    place = f"{GENERAL}.waivers"
    if not isinstance(entries, (list, tuple)):
        raise SettingsError(f"{place} is {entries!r}; write a list of objects")
    known = WAIVER_SCHEMA["properties"]
    for index, entry in enumerate(entries):
        if isinstance(entry, Mapping):
            _refuse_unknown(f"{place}[{index}]", entry, known)
    try:
        return waivers_of(entries)
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from error


def _refuse_unknown(place: str, given: Iterable[str], known: Iterable[str]) -> None:
    known = tuple(known)
    for key in given:
        if key not in known:
            raise SettingsError(f"{place} has no {key!r}{_nearest(key, known)}")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"; did you mean {near[0]!r}?" if near else ""


PRESETS: Final = ("recommended", "strict", "learning")


def preset(name: str, rules: Iterable[Rule]) -> str:
    """Write a preset as the text of its file: every rule, its level in every tier, and its options.

    What is undecided only advises in all of them: the first preview of a stack leaves much open, and the engine asks
    again, with all values known, before each resource is made.
    """
    document: dict[str, Any] = {GENERAL: {_LEVEL: "advisory", "undecided": "advisory"}}
    for rule in rules:
        tiers = {tier: str(_preset_level(name, rule.levels.at(tier))) for tier in TIERS}
        strongest = "mandatory" if "mandatory" in tiers.values() else "advisory"
        document[rule.policy] = {_LEVEL: strongest, _TIERS: tiers, **dict(_defaults(rule))}
    return json.dumps(document, indent=2) + "\n"


def _preset_level(name: str, own: Level) -> Level:
    if own is Level.DISABLED or name == "recommended":
        return own
    return Level.MANDATORY if name == "strict" else Level.ADVISORY


def _defaults(rule: Rule) -> Iterator[tuple[str, Any]]:
    for option in fields(rule.options):
        if option.default is not MISSING:
            yield option.name, option.default
