"""Finding the rules: every file named `ml101_spot_on_real_time.py` holds exactly the rule of that name."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from mlstage.graph import VOCABULARY
from mlstage.rules.rule import Rule

# Where a project keeps rules of its own, beside its settings.
OWN_RULES: Final = "rules"
_OWN_FAMILY: Final = "ML9"
_KNOWN_FAMILIES: Final = ("aws.", "kubernetes.")
_HERE: Final = Path(__file__).parent
_FILE: Final = re.compile(r"ml\d{3}_\w+\.py")


class RuleFileError(ImportError):
    """A rule's file that is not named after its rule, holds none or several, repeats an id, or does not run."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Give mlstage's own rules, by id."""
    return load(_HERE, package="mlstage.rules")


def load(folder: Path, *, package: str = "", beside: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """Load the rules of a folder, by id. Raises `RuleFileError`, also where one repeats an id of the rules `beside`."""
    found = [rule for path in sorted(folder.iterdir()) if _FILE.fullmatch(path.name) for rule in _rules(path, package)]
    refuse_repeated([*beside, *found])
    return tuple(sorted(found, key=lambda rule: rule.id))


def own_rules(policies: Path) -> tuple[Rule, ...]:
    """Load the rules of a project's own, from `rules/` in its folder of policies; none if there is no such folder.

    Raises `RuleFileError`, also for an id that is not of the family ML9, and for a file that does not run.
    """
    folder = policies / OWN_RULES
    if not folder.is_dir():
        return ()
    found = load(folder, beside=all_rules())
    for rule in found:
        if not rule.id.startswith(_OWN_FAMILY):
            raise RuleFileError(
                f"{_file(rule)} holds {rule.id}; rules of your own are {_OWN_FAMILY}01 to {_OWN_FAMILY}99"
            )
        for name in sorted(rule.types):
            if name.startswith(_KNOWN_FAMILIES) and name not in VOCABULARY:
                near = "".join(f"; did you mean {one!r}?" for one in get_close_matches(name, VOCABULARY, n=1))
                raise RuleFileError(f"{_file(rule)}: {rule.id} is about {name!r}, a type that mlstage lacks{near}")
    return found


def failed(rule: Rule, error: Exception) -> Exception:
    """Say of a rule of one's own where in its file it failed; what fails in mlstage's is given back as it is."""
    if not rule.id.startswith(_OWN_FAMILY):
        return error
    file = _file(rule)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    place = f"{file}:{lines[-1]}" if lines else file
    return RuleFileError(f"{place}: the rule {rule.policy} failed: {type(error).__name__}: {error}")


def refuse_repeated(rules: Iterable[Rule]) -> None:
    """Raise `RuleFileError` naming both files if two rules share an id or a name."""
    seen: dict[str, Rule] = {}
    for rule in rules:
        for key in (rule.id, rule.name):
            if key in seen:
                raise RuleFileError(f"{_file(seen[key])} and {_file(rule)} both hold a rule {key!r}")
            seen[key] = rule


def _rules(path: Path, package: str) -> Iterator[Rule]:
    module = importlib.import_module(f"{package}.{path.stem}") if package else _import_file(path)
    held = [value for value in vars(module).values() if isinstance(value, Rule) and value.module == module.__name__]
    if len(held) != 1:
        names = ", ".join(rule.policy for rule in held) or "none"
        raise RuleFileError(f"{path} must hold exactly one rule; it holds {names}")
    (rule,) = held
    expected = f"{rule.id.lower()}_{rule.name.replace('-', '_')}.py"
    if path.name != expected:
        raise RuleFileError(f"{path} holds the rule {rule.policy}, whose file is named {path.with_name(expected)}")
    yield rule


def _import_file(path: Path) -> ModuleType:
    name = f"mlstage_rules_of_{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuleFileError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise RuleFileError(f"{path} does not run: {type(error).__name__}: {error}") from error
    return module


def _file(rule: Rule) -> str:
    return str(getattr(sys.modules.get(rule.module), "__file__", None) or rule.module)
