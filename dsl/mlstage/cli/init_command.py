"""`mlstage init`."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import click

from mlstage._version import __version__
from mlstage.rules.loader import all_rules
from mlstage.rules.settings import preset

# Place in the new project, and the file of the starter that it comes from.
_FILES: Final = {
    "environments/example.py": "environments/example.py",
    "policies/PulumiPolicy.yaml": "policies/PulumiPolicy.yaml",
    "policies/__main__.py": "policies/main.py",
    "Pulumi.yaml": "Pulumi.yaml",
    "Pulumi.test.yaml": "Pulumi.test.yaml",
    "Pulumi.prod.yaml": "Pulumi.prod.yaml",
    "requirements.txt": "requirements.txt",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".github/workflows/mlstage.yml": "workflows/mlstage.yml",
}
_SETTINGS: Final = "policies/recommended.json"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def command(folder: Path) -> None:
    """Write a small working project into DIR: one environment to edit, policies, a workflow for pull requests.

    Nothing is overwritten: if DIR has files of those names, they are named and nothing is written.
    """
    contents = _contents(folder)
    taken = sorted(path for path in [*contents, "programs"] if (folder / path).exists())
    if taken:
        listed = "\n  ".join(taken)
        raise click.ClickException(
            f"{folder} has files of these names already, so nothing was written:\n  {listed}\n"
            "Choose another folder, or move them out of the way."
        )
    for path, content in contents.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        click.echo(f"wrote {place.as_posix()}")
    click.echo(_next_steps(folder))


def _contents(folder: Path) -> dict[str, str]:
    starter = files("mlstage.cli").joinpath("starter")
    values = {"name": _project_name(folder), "version": __version__}
    contents = {
        path: Template(starter.joinpath(source).read_text(encoding="utf-8")).safe_substitute(values)
        for path, source in _FILES.items()
    }
    return {**contents, _SETTINGS: preset("recommended", all_rules())}


def _project_name(folder: Path) -> str:
    """Make the folder's name one that Pulumi takes for a project."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-.")[:100] or "mlstage"


def _next_steps(folder: Path) -> str:
    return f"""
Next:
  cd {folder.as_posix()}
  mlstage check                            what AWS, or a good engineer, would object to
  mlstage compile                          write programs/
  mlstage preview --stack prod --offline   the real Pulumi engine, no AWS account"""
