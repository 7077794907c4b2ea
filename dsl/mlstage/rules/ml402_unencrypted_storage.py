"""ML402: data at rest without encryption, or without a key of one's own."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, Change, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.storage import STORAGE, stores


@resource_rule(
    id="ML402",
    name="unencrypted-storage",
    title="Storage that is not encrypted, or not with a key of yours",
    types=STORAGE,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="encrypted=True on volumes and file systems; a KMS key on notebooks, domains and endpoint configurations",
    sources=(
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
        "https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
    ),
)
def unencrypted_storage(resource: Resource, about: About) -> Iterator[Answer]:
    """Training data and models outlive the machine on disks, snapshots and backups, readable by whoever gets a copy.

    EBS volumes and EFS file systems are not encrypted unless they say so, and cannot be encrypted later: they are made
    anew. SageMaker's own volumes are encrypted with a key that AWS keeps; only with a KMS key of yours can access be
    granted, logged and revoked. Instance types with local NVMe disks encrypt those themselves, and SageMaker takes no
    key for them.
    """
    for store in stores(resource):
        called = about.call(resource)
        part = f"{store.part} of {called}" if store.part else called
        lack = (
            f"{called} keeps its {store.part} without a KMS key of yours" if store.keyed else f"{part} is not encrypted"
        )
        yield from when(~store.is_encrypted, store.at, lack)


@unencrypted_storage.remedy
def _encrypt(resource: Resource, _about: About) -> Iterator[Change]:
    for store in stores(resource):
        if not store.keyed and store.is_encrypted.value is False:
            yield Change(store.at.path, True)


@unencrypted_storage.bad("data", "encrypted")
def plain_volume() -> Graph:
    """An EBS volume that does not say that it is encrypted."""
    return examples.in_production_stack(examples.volume())


@unencrypted_storage.bad("models", "encrypted")
def plain_file_system() -> Graph:
    """An EFS file system that says that it is not."""
    return examples.in_production_stack(Resource("models", "aws.efs.FileSystem", {"encrypted": False}))


@unencrypted_storage.bad("explore", "kms_key_id")
def notebook_without_key() -> Graph:
    """A notebook whose volume has no key of yours."""
    return examples.in_production_stack(examples.notebook(encrypted=False))


@unencrypted_storage.bad("scorer-config", "kms_key_arn")
def endpoint_without_key() -> Graph:
    """An endpoint configuration without a key, on machines with EBS volumes."""
    return examples.in_production_stack(
        examples.configuration(encrypted=False), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@unencrypted_storage.good()
def encrypted_volume() -> Graph:
    """An encrypted EBS volume."""
    return examples.in_production_stack(examples.volume(encrypted=True))


@unencrypted_storage.good()
def endpoint_on_local_disks() -> Graph:
    """An endpoint on machines with local NVMe disks, for which SageMaker takes no key."""
    return examples.in_production_stack(
        examples.configuration("ml.g5.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
