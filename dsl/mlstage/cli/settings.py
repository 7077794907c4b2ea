"""The policy settings that a command judges by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from mlstage.rules.loader import OWN_RULES, RuleFileError, all_rules, own_rules
from mlstage.rules.settings import Settings, SettingsError, load_settings

POLICIES: Final = Path("policies")
_USUAL: Final = POLICIES / "recommended.json"
# What lies above these is somebody else's.
_TOPS: Final = ("Pulumi.yaml", ".git")


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
    """Read the settings chosen or the nearest upwards, where a command needs no project of mlstage's."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _USUAL).is_file() or (folder / POLICIES / OWN_RULES).is_dir():
            return settings_for(folder, chosen)
        if any((folder / name).exists() for name in _TOPS):
            break
    return settings_for(here, chosen)
