"""What pulumi_aws can set already, and the Terraform provider that modules are verified with cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstage.diagnostics import Diagnostic
from mlstage.graph import VOCABULARY, Graph, Resource, Value

_CODE = "TF105"
_VERIFIED = "5.100"


def too_new(graph: Graph) -> Iterator[Diagnostic]:
    """Yield an error for each resource with properties that only a later Terraform provider has."""
    for resource in graph.resources:
        newer = VOCABULARY[resource.type].newer
        if asked := {path: version for path, version in newer.items() if _set(resource.props, path.split("."))}:
            yield _refused(resource, asked, graph)


def _set(value: Value | Mapping[str, Value], path: list[str]) -> bool:
    """Say whether a path leads to something, in any item of the lists on its way."""
    match value:
        case tuple():
            return any(_set(item, path) for item in value)
        case Mapping() if path:
            return path[0] in value and _set(value[path[0]], path[1:])
        case _:
            return not path and value is not None


def _refused(resource: Resource, asked: Mapping[str, str], graph: Graph) -> Diagnostic:
    kind = VOCABULARY[resource.type].terraform
    last = max(asked.values(), key=lambda version: [int(part) for part in re.findall(r"\d+", version)])
    deepest = [path for path in asked if not any(other.startswith(f"{path}.") for other in asked)]
    names = " and ".join(f"`{path}`" for path in deepest)
    what = (
        f"{resource.name!r} sets {names} of {kind}, which Terraform's AWS provider has from {last} on; modules are"
        f" verified with {_VERIFIED}"
    )
    return Diagnostic(
        _CODE,
        what,
        "the Pulumi program, which has all of it, or what needs none of it: update=Rolling() for a service",
        where=resource.source,
        subject=f"{graph.environment}/{resource.workload}" if resource.workload else graph.environment,
        stack=graph.stack,
    )
