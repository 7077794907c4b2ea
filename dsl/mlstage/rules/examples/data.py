"""Where data stays, and who may do what."""

from __future__ import annotations

from mlstage.graph import JsonDocument, Ref, Resource, Value


def role_policy(*actions: str, on: tuple[str, ...]) -> Resource:
    """Make an inline policy of a role, with one statement that allows."""
    statement: dict[str, Value] = {"Effect": "Allow", "Action": actions, "Resource": on}
    return Resource(
        "access",
        "aws.iam.RolePolicy",
        {"role": "scorer", "policy": JsonDocument({"Version": "2012-10-17", "Statement": (statement,)})},
    )


def volume(**props: Value) -> Resource:
    """Make an EBS volume."""
    return Resource("data", "aws.ebs.Volume", {"availability_zone": "us-east-1a", "size": 100, **props})


def database(**props: Value) -> Resource:
    """Make a database of features, which cannot be deleted by chance."""
    own: dict[str, Value] = {
        "engine": "postgres",
        "instance_class": "db.t4g.medium",
        "allocated_storage": 50,
        "deletion_protection": True,
    }
    return Resource("features", "aws.rds.Instance", {**own, **props})


def file_system(**props: Value) -> tuple[Resource, Resource]:
    """Make a file system that is backed up every day."""
    backup: dict[str, Value] = {"file_system_id": Ref("models", "id"), "backup_policy": {"status": "ENABLED"}}
    return (
        Resource("models", "aws.efs.FileSystem", props),
        Resource("models-backup", "aws.efs.BackupPolicy", backup),
    )
