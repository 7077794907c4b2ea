"""The policy settings that a command judges by."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from mlstage.rules.loader import all_rules
from mlstage.rules.settings import Settings, SettingsError, load_settings

_USUAL: Final = Path("policies/recommended.json")


def settings_for(root: Path, chosen: Path | None) -> Settings:
    """Read the settings chosen, else the project's own, else those that the rules come with."""
    path = chosen or root / _USUAL
    if chosen is None and not path.is_file():
        return Settings()
    try:
        return load_settings(path, all_rules())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
