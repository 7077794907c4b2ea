"""What keeps data, and what AWS itself holds against its deletion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph
from mlstage.rules.truth import Field, Truth, any_of, field
from mlstage.rules.views.links import Pointers
from mlstage.rules.views.storage import BUCKET
from mlstage.rules.views.volumes import CLAIM, class_of_claim, is_ebs, volumes_of

_FILES = "aws.efs.FileSystem"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that keeps data: what decides whether a deletion is refused, and what happens otherwise."""

    at: Field
    is_protected: Truth
    risk: str


def kept(graph: Graph, days: int) -> Iterator[Kept]:
    """Yield what keeps data in a graph; a KMS key must be recoverable for so many days."""
    yield from _protected(graph)
    yield from _emptied(graph)
    yield from _files(graph)
    yield from _volumes(graph)
    for key in graph.of("aws.kms.Key"):
        at = field(key, "deletion_window_in_days")
        risk = f"is gone {at.shown} days after it was deleted, and with it all that it encrypts"
        yield Kept(at, ~at.is_below(days), risk)
    for domain in graph.of("aws.sagemaker.Domain"):
        at = field(domain, "retention_policy")["home_efs_file_system"]
        yield Kept(at, ~at.is_one_of("Delete"), "takes everybody's home folder with it when it is deleted")


def _protected(graph: Graph) -> Iterator[Kept]:
    """Yield what has a deletion protection, which is off unless it says otherwise."""
    for resource in graph.of("aws.rds.Cluster", "aws.rds.Instance"):
        at = field(resource, "deletion_protection")
        yield Kept(at, at.is_true(), "can be deleted with one command")
    for table in graph.of("aws.dynamodb.Table"):
        at = field(table, "deletion_protection_enabled")
        yield Kept(at, at.is_true(), "can be deleted with one command")


def _emptied(graph: Graph) -> Iterator[Kept]:
    """Yield what AWS deletes only once it is empty, unless it is to be emptied first."""
    for kind, name, inside in ((BUCKET, "force_destroy", "objects"), ("aws.ecr.Repository", "force_delete", "images")):
        for resource in graph.of(kind):
            at = field(resource, name)
            yield Kept(at, ~at.is_true(), f"is deleted with all the {inside} in it ({name})")


def _volumes(graph: Graph) -> Iterator[Kept]:
    """Yield the volumes that pods claim; what their class does with them is in this stack, or not known."""
    for claim in graph.of(CLAIM):
        found, named = volumes_of(graph).class_of(claim), class_of_claim(claim)
        risk = "is deleted with the volume and all that is on it (reclaim_policy: Delete)"
        if found is None:
            yield Kept(named, named.gap("its StorageClass is not in this stack"), risk)
        else:
            at = field(found, "reclaim_policy")
            yield Kept(named, at.is_one_of("Retain") | ~is_ebs(found), risk)


def _files(graph: Graph) -> Iterator[Kept]:
    policies = Pointers(graph.of("aws.efs.BackupPolicy"), "file_system_id")
    for files in graph.of(_FILES):
        backed_up = any_of(
            field(policy, "backup_policy")["status"].is_one_of("ENABLED") for policy in policies.to(files)
        )
        unknown = any_of(field(policy, "file_system_id").gap() for policy in policies.open)
        yield Kept(field(files, "encrypted"), backed_up | unknown, "is deleted with all its files, and has no backup")
