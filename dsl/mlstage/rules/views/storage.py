"""Disks, file systems, databases, queues and buckets, and whether they are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource, Value
from mlstage.rules.truth import Field, Truth, all_of, any_of, field, truth
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.jobs import STARTERS, jobs
from mlstage.rules.views.links import Mentions, Pointers
from mlstage.rules.views.machines import has_nvme
from mlstage.rules.views.volumes import CLASS, is_ebs

STORAGE = (
    "aws.ebs.Volume",
    "aws.ec2.Instance",
    "aws.ec2.LaunchTemplate",
    "aws.efs.FileSystem",
    "aws.rds.Cluster",
    "aws.rds.Instance",
    "aws.sagemaker.Domain",
    CONFIGURATION,
    "aws.sagemaker.NotebookInstance",
    *STARTERS,
    "aws.sqs.Queue",
    CLASS,
)
BUCKET = "aws.s3.Bucket"
_BALANCER = "aws.lb.LoadBalancer"
_LOGS = ("access_logs", "connection_logs")
_BUCKET_ENCRYPTION = "aws.s3.BucketServerSideEncryptionConfiguration"


@dataclass(frozen=True, slots=True)
class Store:
    """One place where data comes to rest: what decides its encryption, and whether it is encrypted.

    `part` says which part of the resource it is, where it is not all of it. `keyed` says that `at` takes a KMS key;
    else setting it to `yes` is all that is needed.
    """

    part: str
    at: Field
    is_encrypted: Truth
    keyed: bool = False
    yes: Value = True


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
        case "aws.rds.Cluster" | "aws.rds.Instance":
            yield _database(resource)
        case "aws.sqs.Queue":
            yield _queue(resource)
        case "kubernetes.storage.v1.StorageClass":
            yield _class(resource)
        case kind if kind in STARTERS:
            yield from _jobs(resource)
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


def _database(resource: Resource) -> Store:
    """Ask a database itself; a replica or a restored snapshot is as encrypted as what it is made from."""
    encrypted = field(resource, "storage_encrypted")
    answer = encrypted.is_true()
    for origin in ("replicate_source_db", "snapshot_identifier", "replication_source_identifier"):
        if encrypted.value is None and resource.props.get(origin) is not None:
            answer = answer | encrypted.gap(f"`{origin}` decides")
    return Store("", encrypted, answer)


def _queue(resource: Resource) -> Store:
    """Ask a queue, which SQS encrypts with a key of its own unless it is told not to."""
    own = field(resource, "sqs_managed_sse_enabled")
    return Store("", own, ~own.is_false() | field(resource, "kms_master_key_id").is_given())


def _class(resource: Resource) -> Store:
    """Ask a class of volumes, whose parameters are all text; other stores than EBS are not asked."""
    encrypted = field(resource, "parameters")["encrypted"]
    return Store("volumes", encrypted, ~is_ebs(resource) | encrypted.is_true(), yes="true")


def _jobs(starter: Resource) -> Iterator[Store]:
    for job in jobs(starter):
        if job.name:
            needless = all_of(has_nvme(machine) for machine in job.instance_types)
            part = f"volumes of {job.words}" if job.words else "volumes"
            yield Store(part, job.volume_key, job.volume_key.is_given() | needless, keyed=True)


def buckets(graph: Graph) -> Iterator[Store]:
    """Yield the buckets of a graph, whose encryption may be a resource of its own.

    S3 encrypts every object with a key that AWS keeps; what is asked is a KMS key, but not where load balancers
    write their logs: those of applications can use none.
    """
    logs = Mentions((one, field(one, key)["bucket"]) for one in graph.of(_BALANCER) for key in _LOGS)
    apart = Pointers(graph.of(_BUCKET_ENCRYPTION), "bucket")
    for bucket in graph.of(BUCKET):
        inline = field(bucket, "server_side_encryption_configuration")
        rules = [inline["rule"], *(rule for one in apart.to(bucket) for rule in field(one, "rules").items())]
        answer = any_of(_takes_key(rule) for rule in rules)
        answer = answer | any_of(field(one, "bucket").gap() for one in apart.open)
        # `BucketV2` has lists of lists instead, which nobody writes beside a resource for it.
        answer = answer | field(bucket, "server_side_encryption_configurations").is_given()
        yield Store("", inline, answer | truth(bool(logs.of(bucket))), keyed=True)


def _takes_key(rule: Field) -> Truth:
    """Say whether a rule encrypts with KMS; a list of rules and a single one are written differently."""
    chosen = rule["apply_server_side_encryption_by_default"]
    return chosen["sse_algorithm"].satisfies(lambda name: name.startswith("aws:kms"))
