"""Who may do what: roles, policies, keys."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws, aws_lookup

IDENTITY: Final = (
    aws_lookup("get_caller_identity", "caller_identity"),
    aws("iam.Role", "iam_role", "name name_prefix path", documents="assume_role_policy inline_policies.policy"),
    aws("iam.RolePolicy", "iam_role_policy", "name name_prefix role", tags=False, documents="policy"),
    aws("iam.Policy", "iam_policy", "description name name_prefix path", documents="policy"),
    aws("iam.RolePolicyAttachment", "iam_role_policy_attachment", "policy_arn role", tags=False, name=""),
    aws(
        "kms.Key",
        "kms_key",
        "custom_key_store_id customer_master_key_spec key_usage multi_region",
        name="",
        documents="policy",
    ),
    aws("kms.Alias", "kms_alias", "name name_prefix", tags=False),
    aws("iam.InstanceProfile", "iam_instance_profile", "name name_prefix path"),
    aws("iam.UserPolicy", "iam_user_policy", "name name_prefix user", tags=False),
    aws("iam.GroupPolicy", "iam_group_policy", "group name name_prefix", tags=False),
    aws("iam.UserPolicyAttachment", "iam_user_policy_attachment", "policy_arn user", tags=False, name=""),
    aws("iam.GroupPolicyAttachment", "iam_group_policy_attachment", "group policy_arn", tags=False, name=""),
    aws("iam.PolicyAttachment", "iam_policy_attachment", "name policy_arn", tags=False),
    aws(
        "iam.RolePolicyAttachmentsExclusive",
        "iam_role_policy_attachments_exclusive",
        "role_name",
        tags=False,
        name="",
    ),
)
