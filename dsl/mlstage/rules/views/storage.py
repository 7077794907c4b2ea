"""Disks and file systems, and whether they are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Resource
from mlstage.rules.truth import Field, Truth, all_of, field
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.machines import has_nvme

STORAGE = (
    "aws.ebs.Volume",
    "aws.ec2.Instance",
    "aws.ec2.LaunchTemplate",
    "aws.efs.FileSystem",
    "aws.sagemaker.Domain",
    CONFIGURATION,
    "aws.sagemaker.NotebookInstance",
)


@dataclass(frozen=True, slots=True)
class Store:
    """One place where data comes to rest: what decides its encryption, and whether it is encrypted.

    `part` says which part of the resource it is, where it is not all of it. `keyed` says that `at` takes a KMS key;
    else setting it to true is all that is needed.
    """

    part: str
    at: Field
    is_encrypted: Truth
    keyed: bool = False


def stores(resource: Resource) -> Iterator[Store]:
    """Yield what a resource of one of the `STORAGE` types stores data on."""
    match resource.type:
        case "aws.ebs.Volume":
            yield _block("", Field(resource, "", resource.props), snapshot="snapshot_id")
        case "aws.efs.FileSystem":
            yield _block("", Field(resource, "", resource.props))
        case "aws.ec2.Instance":
            yield from _instance(resource)
        case "aws.ec2.LaunchTemplate":
            yield from _template(resource)
        case "aws.sagemaker.Domain":
            yield _keyed("file system", field(resource, "kms_key_id"))
        case "aws.sagemaker.NotebookInstance":
            yield _keyed("volume", field(resource, "kms_key_id"))
        case _:
            yield _configuration(Configuration(resource))


def _block(part: str, block: Field, snapshot: str = "") -> Store:
    encrypted, key = block["encrypted"], block["kms_key_id"]
    answer = encrypted.is_true() | (encrypted.is_absent() & key.is_given())
    if snapshot and encrypted.value is None and block[snapshot].value is not None:
        answer = answer | encrypted.gap("the snapshot that the volume is made from decides")
    return Store(part, encrypted, answer)


def _instance(resource: Resource) -> Iterator[Store]:
    root = field(resource, "root_block_device")
    if root.value is None:
        yield Store("root volume", root, root.gap("the machine image decides; set root_block_device.encrypted"))
    else:
        yield _block("root volume", root)
    for block in field(resource, "ebs_block_devices").items():
        yield _block(f"volume {block['device_name'].shown}", block, snapshot="snapshot_id")


def _template(resource: Resource) -> Iterator[Store]:
    mappings = field(resource, "block_device_mappings")
    if mappings.value is None:
        yield Store("root volume", mappings, mappings.gap("the machine image decides; map its root device"))
    for mapping in mappings.items():
        ebs = mapping["ebs"]
        if ebs.value is not None:
            yield _block(f"volume {mapping['device_name'].shown}", ebs, snapshot="snapshot_id")


def _keyed(part: str, key: Field) -> Store:
    return Store(part, key, key.is_given(), keyed=True)


def _configuration(configuration: Configuration) -> Store:
    """Instances with local NVMe encrypt their disks themselves and take no key; the others need one."""
    needless = all_of(~variant.on_instances | has_nvme(variant.instance_type) for variant in configuration.variants())
    return Store("volumes", configuration.key, configuration.key.is_given() | needless, keyed=True)
