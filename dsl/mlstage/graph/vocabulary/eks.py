"""Clusters of Kubernetes, as AWS has them."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws, aws_lookup

EKS: Final = (
    aws("eks.Cluster", "eks_cluster", "bootstrap_self_managed_addons encryption_config name role_arn"),
    aws("eks.Addon", "eks_addon", "addon_name cluster_name", name=""),
    aws("eks.AccessEntry", "eks_access_entry", "cluster_name principal_arn type", name=""),
    aws(
        "eks.AccessPolicyAssociation",
        "eks_access_policy_association",
        "access_scope cluster_name policy_arn principal_arn",
        tags=False,
        name="",
    ),
    aws(
        "eks.NodeGroup",
        "eks_node_group",
        "ami_type capacity_type cluster_name disk_size instance_types node_group_name node_group_name_prefix"
        " node_role_arn remote_access subnet_ids",
        name="node_group_name",
    ),
    aws(
        "eks.PodIdentityAssociation",
        "eks_pod_identity_association",
        "cluster_name namespace service_account",
        name="",
    ),
    aws_lookup("eks.get_cluster", "eks_cluster"),
)
