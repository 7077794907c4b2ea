"""A Pulumi project as it lies on disk: where it begins, its name, and its stacks' files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstage.offline.errors import OfflineError

_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True, slots=True)
class Project:
    """The folder of a `Pulumi.yaml`, the project's name, and the folder of its stacks' files."""

    root: Path
    name: str
    stack_folder: Path

    @property
    def work(self) -> Path:
        """Where everything of a run without AWS is kept; it may be deleted at any time."""
        return self.root / ".mlstage"

    @property
    def state(self) -> Path:
        """The folder that Pulumi's file backend keeps its state in."""
        return self.work / "pulumi-state"

    @property
    def scratch(self) -> Path:
        """Files made for Pulumi, so that it need not write into the project's own."""
        return self.work / "offline" / self.name

    @property
    def world(self) -> Path:
        """The stand-in's AWS accounts."""
        return self.work / "offline" / "world"

    def stack_file(self, stack: str) -> Path:
        """Give the file of a stack's configuration, there or not."""
        for ending in ("yaml", "yml"):
            if (path := self.stack_folder / f"Pulumi.{stack}.{ending}").is_file():
                return path
        return self.stack_folder / f"Pulumi.{stack}.yaml"

    def stacks(self) -> list[str]:
        """List the stacks that have a file, by name."""
        files = self.stack_folder.glob("Pulumi.*.y*ml") if self.stack_folder.is_dir() else ()
        found = (re.fullmatch(r"Pulumi\.(.+)\.ya?ml", path.name) for path in files)
        return sorted(match.group(1) for match in found if match)


def find_project(start: Path) -> Project:
    """Find the project that a folder belongs to, as Pulumi does: upwards. Raises `OfflineError`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        for name in _FILES:
            if (folder / name).is_file():
                return _read(folder / name)
    raise OfflineError(
        f"there is no Pulumi.yaml in {start} or above it",
        "run this in a Pulumi project, or start one with `mlstage init`",
    )


def _read(path: Path) -> Project:
    import yaml

    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OfflineError(f"{path} is not YAML: {error}", "correct the file") from error
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise OfflineError(f"{path} has no project name", "write `name: …` into it")
    folder = data.get("stackConfigDir") or ""
    return Project(path.parent, name, path.parent / str(folder))
