"""ML504: production data that one wrong command deletes."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.state import kept


@dataclass(frozen=True, slots=True)
class UnprotectedState:
    """How many days a KMS key must at least be recoverable after somebody deleted it: 7 to 30 are possible."""

    days: int = 14


@stack_rule(
    id="ML504",
    name="unprotected-state-in-production",
    title="Data in production that can be deleted with one command",
    levels=in_production(),
    fix="deletion_protection=True on databases and tables, no force_destroy on buckets, a backup policy on file"
    " systems, reclaimPolicy: Retain for volumes of pods, thirty days for KMS keys; or protect=True in Pulumi",
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
        "https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
        "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    ),
    options=UnprotectedState,
)
def unprotected_state_in_production(graph: Graph, about: About) -> Iterator[Answer]:
    """Programs are made anew in minutes and data never: a destroy in the wrong stack must not reach it.

    Asked is what AWS itself holds against a deletion, whoever asks for it: databases and tables by their deletion
    protection, buckets and registries by refusing while something is in them, KMS keys by the days in which a deletion
    can be taken back, file systems by their backups, Studio's home folders and the volumes that pods claim by their
    retention. Pulumi's `protect`
    counts as well; Terraform's `prevent_destroy` does not: no plan shows it, and it holds against Terraform alone.
    """
    for store in kept(graph, about.options(UnprotectedState).days):
        yield from when(
            ~(store.is_protected | truth(bool(store.at.resource.options.protect))),
            store.at,
            f"{about.call(store.at.resource)} {store.risk}",
        )


@unprotected_state_in_production.bad("features", "deletion_protection")
def database_to_delete() -> Graph:
    """A database without deletion protection."""
    return examples.in_production_stack(examples.database(storage_encrypted=True, deletion_protection=False))


@unprotected_state_in_production.bad("images", "force_delete")
def registry_to_delete() -> Graph:
    """A registry that is deleted with all the images in it."""
    return examples.in_production_stack(Resource("images", "aws.ecr.Repository", {"force_delete": True}))


@unprotected_state_in_production.bad("key", "deletion_window_in_days")
def key_for_a_week() -> Graph:
    """A key that is gone after a week, and with it all that it encrypted."""
    return examples.in_production_stack(Resource("key", "aws.kms.Key", {"deletion_window_in_days": 7}))


@unprotected_state_in_production.bad("models", "encrypted")
def file_system_without_backup() -> Graph:
    """A file system without a backup policy."""
    return examples.in_production_stack(Resource("models", "aws.efs.FileSystem", {"encrypted": True}))


@unprotected_state_in_production.bad("nightly", "spec.storage_class_name")
def volume_that_goes_with_its_claim() -> Graph:
    """A volume of a pod whose class says that it is deleted with its claim."""
    return examples.in_production_stack(*examples.claimed_volume(reclaim="Delete"))


@unprotected_state_in_production.good()
def volume_that_stays() -> Graph:
    """A volume of a pod that outlives its claim."""
    return examples.in_production_stack(*examples.claimed_volume())


@unprotected_state_in_production.good()
def protected_database() -> Graph:
    """A database that has to be unprotected before it can be deleted."""
    return examples.in_production_stack(examples.database(storage_encrypted=True))


@unprotected_state_in_production.good()
def file_system_with_backup() -> Graph:
    """A file system that is backed up every day."""
    return examples.in_production_stack(*examples.file_system(encrypted=True))
