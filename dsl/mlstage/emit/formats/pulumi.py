"""Plain Pulumi programs in Python: `programs/<environment>/<stack>.py`."""

from __future__ import annotations

from typing import Final

from mlstage.emit import programs
from mlstage.emit.formats.base import OutputFormat

PULUMI: Final = OutputFormat(
    name="pulumi",
    folder=programs.FOLDER,
    what="Pulumi programs",
    plan=lambda compiled, version: programs.plan(compiled, version=version),
    notes=lambda _: (),
)
