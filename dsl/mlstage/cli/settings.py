"""The policy settings that a command judges by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from mlstage.project import ProjectError, find_root
from mlstage.rules.loader import RuleFileError, all_rules, own_rules
from mlstage.rules.settings import Settings, SettingsError, load_settings

POLICIES: Final = Path("policies")
_USUAL: Final = POLICIES / "recommended.json"


def settings_for(root: Path, chosen: Path | None) -> Settings:
    """Read the settings chosen, else the project's own, else those that the rules come with; and the project's rules.

    Raises `ClickException` for settings, or rules, that cannot be followed.
    """
    path = chosen or root / _USUAL
    try:
        own = own_rules(root / POLICIES)
        if chosen is None and not path.is_file():
            return Settings(own=own)
        return replace(load_settings(path, (*all_rules(), *own)), own=own)
    except (SettingsError, RuleFileError) as error:
        raise click.ClickException(str(error)) from error


def settings_here(chosen: Path | None) -> Settings:
    """Read the settings chosen or the project's, where a command needs no project: they may be in this folder."""
    try:
        root = find_root(Path.cwd())
    except ProjectError:
        root = Path.cwd()
    return settings_for(root, chosen)
