"""The cluster: one of the environment's own in Auto Mode, or an existing one by name, and the way to its API.

In Auto Mode, AWS runs what an engineer would otherwise install: node provisioning (Karpenter), the drivers and device
plugins of GPUs and Neuron devices, networking, load balancers, EBS volumes, and the agent of pod identity.
https://docs.aws.amazon.com/eks/latest/userguide/automode.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from mlstage.graph import JsonDocument, Options, Ref, Resource, Value
from mlstage.passes.names import physical_name
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.targets import Eks
from mlstage.targets.eks.naming import LOGS_ADD_ON, LOOK_UP, METRICS_ADD_ON, Cluster
from mlstage.targets.eks.volumes import use_key
from mlstage.targets.iam import allow, trust
from mlstage.targets.network import INGRESS, subnets, ways_out
from mlstage.targets.place import Place

_ADMIN_LIMIT: Final = 90  # ours: an account's id and a role's name fit, a long path does not
_ROLE_LIMIT: Final = 64  # IAM, CreateRole: RoleName
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
_CLUSTER_POLICIES: Final = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
_NODE_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_OBSERVER_POLICIES: Final = ("CloudWatchAgentServerPolicy",)
_LOG_TYPES: Final = ("api", "audit", "authenticator")
# What the CloudWatch agent writes to; made here so that the logs have an end.
_CONTAINER_LOGS: Final = ("application", "dataplane", "host", "performance")
_DAYS_IN_TEST: Final = 14
_DAYS_IN_PRODUCTION: Final = 90
CLUSTER_LOGS: Final = "cluster-logs"
SECRETS_ADD_ON: Final = "secrets-add-on"
# Pods are refused what would give them the node: privilege, the host's namespaces, its paths.
_NAMESPACE_LABELS: Final = {
    "pod-security.kubernetes.io/enforce": "baseline",
    "pod-security.kubernetes.io/warn": "restricted",
}


def node_role_name(place: Place) -> str:
    """Name, in AWS, the role of the own cluster's nodes."""
    return place.physical("node-role", limit=_ROLE_LIMIT)


def existing(cluster: Cluster) -> tuple[Resource, ...]:
    """Look an existing cluster up."""
    return (Resource(cluster.logical, f"aws.{LOOK_UP}", {"name": cluster.name}),)


def own(cluster: Cluster, workloads: Sequence[Eks], *, volumes: bool = False) -> tuple[Resource, ...]:
    """Make a cluster in Auto Mode, with the add-ons that it does not bring; `volumes` for one that keeps some."""
    place = cluster.place
    logs = _log_group(place, CLUSTER_LOGS, f"/aws/eks/{cluster.name}/cluster")
    control = _managed_role(place, "cluster-role", "eks", _CLUSTER_POLICIES, "The EKS cluster of {}", session=True)
    nodes = _managed_role(place, "node-role", "ec2", _NODE_POLICIES, "Nodes of the EKS cluster of {}", any_source=True)
    uses_key = _uses_key(place, control[0], volumes=volumes)
    callers = sorted({caller for on in workloads for caller in known(on.api_callers)})
    made = Resource(
        cluster.logical,
        "aws.eks.Cluster",
        {
            "name": cluster.name,
            "role_arn": Ref(control[0].name, "arn"),
            # Whoever makes the cluster may use it; others get access entries.
            "access_config": {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
            "bootstrap_self_managed_addons": False,
            "compute_config": {
                "enabled": True,
                "node_pools": ("general-purpose", "system"),
                "node_role_arn": Ref(nodes[0].name, "arn"),
            },
            "kubernetes_network_config": {"elastic_load_balancing": {"enabled": True}},
            "storage_config": {"block_storage": {"enabled": True}},
            "vpc_config": {
                "subnet_ids": subnets(place),
                "endpoint_private_access": True,
                "endpoint_public_access": True,
                **({"public_access_cidrs": tuple(callers)} if callers else {}),
            },
            "enabled_cluster_log_types": _LOG_TYPES,
            "encryption_config": {"provider": {"key_arn": place.key_arn}, "resources": ("secrets",)},
            # Extended support costs six times as much: at the end of standard support EKS upgrades by itself.
            "upgrade_policy": {"support_type": "STANDARD"},
            **({"zonal_shift_config": {"enabled": True}} if place.production else {}),
        },
        (logs.name, *(one.name for one in (*control[1:], uses_key, *nodes[1:])), *ways_out(place)),
        Options(
            comment="Auto Mode: compute, load balancing and block storage are switched on together, or not at all."
        ),
    )
    secrets = any(known(on.secrets) for on in workloads)
    admins = sorted({arn for on in workloads for arn in known(on.admins)})
    return (
        logs,
        *control,
        uses_key,
        *nodes,
        made,
        *_into_endpoints(cluster),
        *(entry for arn in admins for entry in _admin(cluster, arn)),
        *_add_ons(cluster, secrets=secrets),
    )


def _uses_key(place: Place, role: Resource, *, volumes: bool) -> Resource:
    """Let the cluster encrypt its secrets with the environment's key, and `volumes` with the stage's.

    https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
    """
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"]
    statements = (allow("EncryptSecrets", actions, [place.key_arn]), *(use_key(place) if volumes else ()))
    return Resource(
        f"{role.name}-policy",
        "aws.iam.RolePolicy",
        {
            "name": "access",
            "role": Ref(role.name, "name"),
            "policy": JsonDocument({"Version": "2012-10-17", "Statement": statements}),
        },
    )


def _admin(cluster: Cluster, arn: str) -> tuple[Resource, Resource]:
    """Let a role administer the cluster, which whoever made it may by itself.

    The entry is named after the role: a cluster has one for each, so it must not become another's when one goes.
    """
    account, _, role = arn.split(":", 4)[4].partition(":role/")
    entry = Resource(
        cluster.shared(physical_name("admin", account, role, limit=_ADMIN_LIMIT)),
        "aws.eks.AccessEntry",
        {"cluster_name": cluster.ref("name"), "principal_arn": arn},
    )
    policy = f"arn:{cluster.place.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    may = Resource(
        f"{entry.name}-policy",
        "aws.eks.AccessPolicyAssociation",
        {
            "cluster_name": cluster.ref("name"),
            "principal_arn": Ref(entry.name, "principal_arn"),
            "policy_arn": policy,
            "access_scope": {"type": "cluster"},
        },
    )
    return entry, may


def _managed_role(
    place: Place,
    part: str,
    service: str,
    policies: Sequence[str],
    about: str,
    *,
    session: bool = False,
    any_source: bool = False,
) -> tuple[Resource, ...]:
    """Make a role with AWS's own policies, which EKS asks for by name."""
    name = place.shared(part)
    role = Resource(
        name,
        "aws.iam.Role",
        {
            "name": place.physical(part, limit=_ROLE_LIMIT),
            "description": about.format(place.environment),
            "assume_role_policy": trust(place, service, session_tags=session, any_source=any_source),
        },
    )
    attached = (
        Resource(
            f"{name}-{policy}",
            "aws.iam.RolePolicyAttachment",
            {"role": Ref(name, "name"), "policy_arn": f"arn:{place.partition}:iam::aws:policy/{policy}"},
        )
        for policy in policies
    )
    return (role, *attached)


def _log_group(place: Place, part: str, name: str) -> Resource:
    days = _DAYS_IN_PRODUCTION if place.production else _DAYS_IN_TEST
    props: dict[str, Value] = {"name": name, "retention_in_days": days}
    return Resource(place.shared(part), "aws.cloudwatch.LogGroup", props)


def _into_endpoints(cluster: Cluster) -> Iterator[Resource]:
    """Let nodes reach the VPC's endpoints, whose names they resolve whether they may reach them or not."""
    place = cluster.place
    if isinstance(place.network, OwnNetwork) and place.reach.services:
        yield Resource(
            place.shared("from-cluster"),
            INGRESS,
            {
                "security_group_id": Ref(place.shared("security-group"), "id"),
                "referenced_security_group_id": cluster.ref("vpc_config.cluster_security_group_id"),
                "ip_protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
                "description": "From the nodes of the EKS cluster to endpoints",
            },
        )


def _add_ons(cluster: Cluster, *, secrets: bool) -> Iterator[Resource]:
    """Make what Auto Mode lacks: CPU and memory for the autoscaler, logs and metrics, secrets of Secrets Manager."""
    place = cluster.place
    yield _add_on(cluster, METRICS_ADD_ON, "metrics-server", {})
    groups = [
        _log_group(place, f"{one}-logs", f"/aws/containerinsights/{cluster.name}/{one}") for one in _CONTAINER_LOGS
    ]
    yield from groups
    about = "Logs and metrics of the EKS cluster of {}"
    observer = _managed_role(place, "observer-role", "pods.eks", _OBSERVER_POLICIES, about, session=True)
    yield from observer
    identity: dict[str, Value] = {"service_account": "cloudwatch-agent", "role_arn": Ref(observer[0].name, "arn")}
    needs = [one.name for one in (*groups, *observer[1:])]
    props: dict[str, Value] = {"pod_identity_associations": (identity,)}
    yield _add_on(cluster, LOGS_ADD_ON, "amazon-cloudwatch-observability", props, needs)
    if secrets:
        values = {"secrets-store-csi-driver": {"syncSecret": {"enabled": True}}}
        props = {"configuration_values": json.dumps(values)}
        yield _add_on(cluster, SECRETS_ADD_ON, "aws-secrets-store-csi-driver-provider", props)


def _add_on(cluster: Cluster, part: str, name: str, props: dict[str, Value], needs: Sequence[str] = ()) -> Resource:
    props = {"cluster_name": cluster.ref("name"), "addon_name": name, **props}
    return Resource(cluster.shared(part), "aws.eks.Addon", props, tuple(needs))


def access(cluster: Cluster) -> tuple[Resource, ...]:
    """Make the way to the cluster's API, and the environment's namespace in it, closed to callers by default."""
    provider = Resource(
        cluster.provider,
        "kubernetes.Provider",
        {"kubeconfig": JsonDocument(_kubeconfig(cluster))},
        options=Options(comment="The token comes from the AWS identity that runs this program (aws eks get-token)."),
    )
    namespace = cluster.object(cluster.namespace_object, "core.v1.Namespace", cluster.namespace, {}, namespaced=False)
    metadata = namespace.props["metadata"]
    assert isinstance(metadata, dict)
    labelled = {**metadata, "labels": {**metadata["labels"], **_NAMESPACE_LABELS}}
    closed = cluster.object(
        cluster.shared("closed"),
        "networking.v1.NetworkPolicy",
        "closed.default",  # a dot, as no workload has one in its name
        {"spec": {"pod_selector": {}, "policy_types": ("Ingress",)}},
        comment="Nobody calls the pods of this namespace, but for what a policy below lets in.",
    )
    return (provider, namespace.with_props(metadata=labelled), *_enforced(cluster), closed)


def _enforced(cluster: Cluster) -> Iterator[Resource]:
    """Have Auto Mode enforce network policies, which it otherwise takes and ignores."""
    if cluster.existing is None:
        made = cluster.object(
            cluster.shared("network-policies"),
            "core.v1.ConfigMap",
            "amazon-vpc-cni",
            {"data": {"enable-network-policy-controller": "true"}},
            namespaced=False,
        )
        metadata = made.props["metadata"]
        assert isinstance(metadata, dict)
        yield made.with_props(metadata={**metadata, "namespace": "kube-system"})


def _kubeconfig(cluster: Cluster) -> Value:
    data = "certificate_authority.data" if cluster.existing is None else "certificate_authorities[0].data"
    server: dict[str, Value] = {"server": cluster.ref("endpoint"), "certificate-authority-data": cluster.ref(data)}
    arguments = ("eks", "get-token", "--cluster-name", cluster.ref("name"), "--region", cluster.place.region)
    login: dict[str, Value] = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": (*arguments, "--output", "json"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": ({"name": "eks", "cluster": server},),
        "users": ({"name": "aws", "user": {"exec": login}},),
        "contexts": ({"name": "eks", "context": {"cluster": "eks", "user": "aws"}},),
        "current-context": "eks",
    }
