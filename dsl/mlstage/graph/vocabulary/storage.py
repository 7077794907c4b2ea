"""Where data stays: volumes, file systems, buckets, images, databases."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws

STORAGE: Final = (
    aws("ebs.Volume", "ebs_volume", "availability_zone encrypted kms_key_id snapshot_id outpost_arn", name=""),
    aws("efs.FileSystem", "efs_file_system", "creation_token encrypted kms_key_id performance_mode", name=""),
    aws(
        "s3.Bucket",
        "s3_bucket",
        "bucket bucket_namespace bucket_prefix object_lock_enabled",
        name="bucket",
        documents="policy",
    ),
    aws(
        "s3.BucketServerSideEncryptionConfiguration",
        "s3_bucket_server_side_encryption_configuration",
        "bucket expected_bucket_owner",
        tags=False,
        name="",
    ),
    aws("ecr.Repository", "ecr_repository", "encryption_configurations name"),
    aws("efs.BackupPolicy", "efs_backup_policy", "file_system_id", tags=False, name=""),
    aws(
        "rds.Instance",
        "db_instance",
        "character_set_name custom_iam_instance_profile db_name engine kms_key_id storage_encrypted timezone username",
        name="identifier",
    ),
    aws(
        "rds.Cluster",
        "rds_cluster",
        "cluster_identifier cluster_identifier_prefix database_name engine engine_mode kms_key_id master_username"
        " source_region storage_encrypted",
        name="cluster_identifier",
    ),
    aws("dynamodb.Table", "dynamodb_table", "name"),
)
