"""The page that lies beside a Terraform root module."""

from __future__ import annotations

from collections.abc import Mapping

from mlstage.emit.pulumi_program import templates
from mlstage.emit.terraform_notes import terraform_notes
from mlstage.graph import Graph


def readme(
    graph: Graph, *, folder: str, secrets: Mapping[str, str], spec: str, version: str, bounds: tuple[str, str]
) -> str:
    """Write the page: how to run the module, where to keep its state, which secrets it needs.

    `secrets` names the variable of each secret; `bounds` are the versions of Terraform and of the provider.
    """
    terraform, provider = bounds
    return (
        templates()
        .get_template("terraform_readme.md.j2")
        .render(
            environment=graph.environment,
            stack=graph.stack,
            region=graph.region,
            folder=folder,
            secrets=dict(sorted(secrets.items())),
            notes=terraform_notes(graph),
            spec=spec,
            version=version,
            terraform=terraform,
            provider=provider,
        )
    )
