"""What a graph asks for that Terraform does otherwise or not at all, with what to do instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlstage.diagnostics import Diagnostic, Severity
from mlstage.graph import VOCABULARY, Graph, Join, JsonDocument, Resource, Value

_OWN = "TF101"
_KEPT = "TF102"
_TEXT = "TF103"
_RENAMED = "TF104"


def terraform_notes(graph: Graph) -> tuple[Diagnostic, ...]:
    """Say all that the Terraform of a graph leaves out or does otherwise; nothing here stops a run."""
    return (*_left_out(graph), *(note for resource in graph.resources for note in _notes(resource, graph)))


def missing(resource: Resource) -> bool:
    """Say whether a resource is not AWS's, and so has no place in the module."""
    return not VOCABULARY[resource.type].terraform


def earlier_names(resource: Resource, graph: Graph) -> tuple[str, ...]:
    """Give a resource's earlier names, the oldest first, without those that another resource has now."""
    kept = (name for name in reversed(resource.options.aliases) if not _taken(name, resource, graph))
    return tuple(kept)


def _taken(name: str, resource: Resource, graph: Graph) -> bool:
    return name in graph.by_name and graph.by_name[name].type == resource.type


def _left_out(graph: Graph) -> Iterator[Diagnostic]:
    """Say which objects are a cluster's; how the cluster is reached is none."""
    objects = [one for one in graph.resources if missing(one) and not one.type.endswith(".Provider")]
    if objects:
        kinds = ", ".join(sorted({one.type.rpartition(".")[2] for one in objects}))
        what = f"what {graph.environment!r} has in its cluster ({kinds}) is not in the Terraform module"
        instead = (
            "`mlstage compile --target kubernetes`, and once Terraform has applied,"
            f" `kubectl apply -k kubernetes/{graph.environment}/{graph.stack}`"
        )
        yield replace(_note(_OWN, objects[0], graph, what, instead), subject=graph.environment)


def _notes(resource: Resource, graph: Graph) -> Iterator[Diagnostic]:
    kind = VOCABULARY[resource.type].terraform
    address = f"{kind}.{resource.name}"
    if resource.options.retain_on_delete:
        what = f"Terraform deletes {resource.name!r} once the spec no longer has it; Pulumi keeps it in AWS"
        instead = f"`terraform state rm '{address}'`, then `terraform apply`, to keep it"
        yield _note(_KEPT, resource, graph, what, instead)
    if not all(map(_composed, resource.props.values())):
        what = f"{resource.name!r} has text that Terraform changes: it composes accents (Unicode NFC)"
        yield _note(_TEXT, resource, graph, what, "the same text in composed form")
    for name in resource.options.aliases:
        if _taken(name, resource, graph):
            what = f"Terraform cannot move {name!r} to {resource.name!r}: another resource has that name now"
            old = f"{kind}.{name}"
            instead = f"`terraform state mv '{old}' '{address}'` before the other one is first applied"
            yield _note(_RENAMED, resource, graph, what, instead)


def _note(code: str, resource: Resource, graph: Graph, what: str, instead: str) -> Diagnostic:
    return Diagnostic(
        code,
        what,
        instead,
        severity=Severity.NOTE,
        where=resource.source,
        subject=f"{graph.environment}/{resource.workload}" if resource.workload else graph.environment,
        stack=graph.stack,
    )


def _composed(value: Value) -> bool:
    match value:
        case str():
            return value.isascii() or unicodedata.is_normalized("NFC", value)
        case Join(items) | (tuple() as items):
            return all(map(_composed, items))
        case JsonDocument(inner):
            return _composed(inner)
        case Mapping():
            return all(map(_composed, value)) and all(map(_composed, value.values()))
        case _:
            return True
