"""ML402: data at rest without encryption, or without a key of one's own."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, Change, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.storage import STORAGE, Store, buckets, stores


@resource_rule(
    id="ML402",
    name="unencrypted-storage",
    title="Storage that is not encrypted, or not with a key of yours",
    types=STORAGE,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="encrypted=True on volumes, file systems and databases, and as a parameter of StorageClasses; a KMS key on"
    " buckets, notebooks, domains, jobs and endpoint configurations",
    sources=(
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
        "https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
    ),
)
def unencrypted_storage(resource: Resource, about: About) -> Iterator[Answer]:
    """Training data and models outlive the machine on disks, snapshots and backups, readable by whoever gets a copy.

    EBS volumes, EFS file systems and databases are not encrypted unless they say so, and cannot be encrypted later:
    they are made anew. S3's objects and SageMaker's own volumes have a key that AWS keeps; only with a KMS key of yours
    can access be granted, logged and revoked. Instance types with local NVMe disks encrypt those themselves, and
    SageMaker takes no key for them. Buckets into which load balancers write their logs are let be: application load
    balancers can use no key.
    """
    for store in stores(resource):
        yield from _judged(store, about)


@unencrypted_storage.over_stack
def _buckets(graph: Graph, about: About) -> Iterator[Answer]:
    for store in buckets(graph):
        yield from _judged(store, about)


def _judged(store: Store, about: About) -> Iterator[Answer]:
    called = about.call(store.at.resource)
    if store.keyed:
        what = f"its {store.part}" if store.part else "its objects"
        yield from when(~store.is_encrypted, store.at, f"{called} keeps {what} without a KMS key of yours")
    else:
        part = f"{store.part} of {called}" if store.part else called
        verb = "are" if store.part.endswith("s") else "is"
        yield from when(~store.is_encrypted, store.at, f"{part} {verb} not encrypted")


@unencrypted_storage.remedy
def _encrypt(resource: Resource, _about: About) -> Iterator[Change]:
    for store in stores(resource):
        if not store.keyed and store.is_encrypted.value is False:
            yield Change(store.at.path, store.yes)


@unencrypted_storage.bad("data", "encrypted")
def plain_volume() -> Graph:
    """An EBS volume that does not say that it is encrypted."""
    return examples.in_production_stack(examples.volume())


@unencrypted_storage.bad("models", "encrypted")
def plain_file_system() -> Graph:
    """An EFS file system that says that it is not."""
    return examples.in_production_stack(*examples.file_system(encrypted=False))


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


@unencrypted_storage.bad("checkpoints", "parameters.encrypted")
def class_of_plain_volumes() -> Graph:
    """A StorageClass whose volumes are not encrypted."""
    return examples.in_production_stack(*examples.claimed_volume(encrypted=None))


@unencrypted_storage.bad("models", "server_side_encryption_configuration")
def bucket_without_key() -> Graph:
    """A bucket whose objects are encrypted with a key that AWS keeps."""
    encryption = Resource(
        "models-encryption",
        "aws.s3.BucketServerSideEncryptionConfiguration",
        {
            "bucket": Ref("models", "id"),
            "rules": ({"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}},),
        },
    )
    return examples.in_production_stack(Resource("models", "aws.s3.Bucket", {"bucket": "acme-ml-models"}), encryption)


@unencrypted_storage.bad("training", "pipeline_definition.Steps[0].Arguments.ResourceConfig.VolumeKmsKeyId")
def job_without_key() -> Graph:
    """A training job whose volumes have no key of yours."""
    return examples.in_production_stack(examples.training(encrypted=False))


@unencrypted_storage.bad("features", "storage_encrypted")
def plain_database() -> Graph:
    """A database that does not say that it is encrypted."""
    return examples.in_production_stack(examples.database())


@unencrypted_storage.good()
def bucket_with_key() -> Graph:
    """A bucket with a key of yours."""
    key = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c-0000-4000-8000-000000000000"
    chosen: Value = {"sse_algorithm": "aws:kms", "kms_master_key_id": key}
    encryption = Resource(
        "models-encryption",
        "aws.s3.BucketServerSideEncryptionConfiguration",
        {"bucket": Ref("models", "id"), "rules": ({"apply_server_side_encryption_by_default": chosen},)},
    )
    return examples.in_production_stack(Resource("models", "aws.s3.Bucket", {"bucket": "acme-ml-models"}), encryption)


@unencrypted_storage.good()
def encrypted_volume() -> Graph:
    """An encrypted EBS volume."""
    return examples.in_production_stack(examples.volume(encrypted=True))


@unencrypted_storage.good()
def class_of_encrypted_volumes() -> Graph:
    """A StorageClass whose volumes are encrypted."""
    return examples.in_production_stack(*examples.claimed_volume())


@unencrypted_storage.good()
def endpoint_on_local_disks() -> Graph:
    """An endpoint on machines with local NVMe disks, for which SageMaker takes no key."""
    return examples.in_production_stack(
        examples.configuration("ml.g5.xlarge", encrypted=False),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )
