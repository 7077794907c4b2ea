"""Infrastructure that mlstage did not write: options that name a plan or a preview, and reading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from mlstage.graph import Graph

_FILE: Final = click.Path(path_type=Path)


def foreign_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--plan` and `--preview`."""
    plan = click.option(
        "--plan", type=_FILE, metavar="FILE", help="Instead of specs: a Terraform plan (`terraform show -json`)."
    )
    preview = click.option(
        "--preview", type=_FILE, metavar="FILE", help="Instead of specs: a Pulumi preview (`pulumi preview --json`)."
    )
    return plan(preview(command))


@dataclass(frozen=True, slots=True)
class Foreign:
    """A plan or a preview, and the region that neither of them may say."""

    plan: Path | None
    preview: Path | None
    region: str | None = None

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return self.plan is not None or self.preview is not None

    def read(self) -> list[Graph]:
        """Read what there is; what cannot be read ends the command."""
        from mlstage.readers.errors import ReadError

        graphs: list[Graph] = []
        try:
            if self.plan is not None:
                from mlstage.readers.terraform_plan import read_plan_file

                graphs.append(read_plan_file(self.plan).graph)
            if self.preview is not None:
                from mlstage.readers.pulumi_preview import read_preview_file

                graphs.append(read_preview_file(self.preview).graph)
        except ReadError as error:
            raise click.ClickException(str(error)) from error
        return [replace(graph, region=self.region) if self.region is not None else graph for graph in graphs]

    def read_with_region(self) -> list[Graph]:
        """Read what there is, and insist on a region."""
        graphs = self.read()
        for graph in graphs:
            if not graph.region:
                raise click.UsageError("The file does not say which region it is for. Give it: --region us-east-1")
        return graphs
