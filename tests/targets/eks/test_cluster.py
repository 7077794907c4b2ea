"""The cluster around the workloads: one of the environment's own, or one that is there."""

from __future__ import annotations

from mlstage import Ecs, Eks, OwnNetwork, Stage
from mlstage.graph import Graph, Ref, Value
from tests.targets.eks.workloads import GPU, SMALL, batch, keys, scorer, training
from tests.targets.support import graph, inside, only

CLUSTER = "aws.eks.Cluster"
THERE = Eks(cluster="ml-platform", cpu=2, memory="4GB")


def _objects(found: Graph) -> list[str]:
    return [one.name for one in found.resources if one.type.startswith("kubernetes.") and one.options.provider]


def test_auto_mode_is_switched_on_as_a_whole() -> None:
    cluster = only(graph(scorer()), CLUSTER).props
    assert inside(cluster["compute_config"], "enabled") is True
    assert inside(cluster["storage_config"], "block_storage", "enabled") is True
    assert inside(cluster["kubernetes_network_config"], "elastic_load_balancing", "enabled") is True
    assert cluster["bootstrap_self_managed_addons"] is False
    assert inside(cluster["access_config"], "authentication_mode") == "API"


def test_its_roles_have_their_policies_before_it_is_made_and_nodes_a_way_out() -> None:
    found = graph(scorer(), stage=Stage(tier="production", network=OwnNetwork(zones=2)))
    waits = set(only(found, CLUSTER).depends_on)
    policies = found.of("aws.iam.RolePolicyAttachment", "aws.iam.RolePolicy")
    attached = {one.name for one in policies if one.name.startswith(("fraud-cluster-role", "fraud-node-role"))}
    assert attached == {
        "fraud-cluster-role-AmazonEKSBlockStoragePolicy",
        "fraud-cluster-role-AmazonEKSClusterPolicy",
        "fraud-cluster-role-AmazonEKSComputePolicy",
        "fraud-cluster-role-AmazonEKSLoadBalancingPolicy",
        "fraud-cluster-role-AmazonEKSNetworkingPolicy",
        "fraud-cluster-role-policy",
        "fraud-node-role-AmazonEC2ContainerRegistryPullOnly",
        "fraud-node-role-AmazonEKSWorkerNodeMinimalPolicy",
    }
    assert waits == attached | {"fraud-cluster-logs", "fraud-out-1", "fraud-out-2"}


def test_its_api_is_open_to_those_who_are_named() -> None:
    narrow = Eks(cpu=2, memory="4GB", api_callers=["203.0.113.0/24"])
    other = Eks(cpu=1, memory="2GB", api_callers=["198.51.100.7/32"])
    found = graph(scorer(narrow), training(other))
    config = only(found, CLUSTER).props["vpc_config"]
    assert inside(config, "public_access_cidrs") == ("198.51.100.7/32", "203.0.113.0/24")
    assert inside(config, "endpoint_private_access") is True


def test_its_administrators_are_named_and_are_no_others() -> None:
    admin = "arn:aws:iam::123456789012:role/ml-platform"
    found = graph(scorer(Eks(cpu=2, memory="4GB", admins=[admin])), training(SMALL))
    entry, may = only(found, "aws.eks.AccessEntry"), only(found, "aws.eks.AccessPolicyAssociation")
    assert entry.props["principal_arn"] == admin
    assert may.props["principal_arn"] == Ref(entry.name, "principal_arn")
    assert str(may.props["policy_arn"]).endswith("/AmazonEKSClusterAdminPolicy")


def test_every_object_goes_to_its_cluster_and_waits_for_its_namespace() -> None:
    found = graph(scorer(), batch(THERE))
    for name in _objects(found):
        mine = "ml-platform" in name or "rescore" in name
        wanted = "fraud-ml-platform-kubernetes" if mine else "fraud-kubernetes"
        assert found.by_name[name].options.provider == wanted, name
        metadata = found.by_name[name].props["metadata"]
        assert isinstance(metadata, dict)
        if metadata.get("namespace") == "fraud-prod":
            assert wanted.replace("kubernetes", "namespace") in found.by_name[name].depends_on, name


def test_a_cluster_that_is_there_is_looked_up_and_not_made() -> None:
    found = graph(scorer(THERE))
    assert not found.of(CLUSTER, "aws.eks.Addon", "aws.ec2.Vpc", "kubernetes.core.v1.ConfigMap")
    assert only(found, "aws.eks.get_cluster").props == {"name": "ml-platform"}
    kubeconfig = only(found, "kubernetes.Provider").props["kubeconfig"]
    data = inside(kubeconfig, "clusters", 0, "cluster", "certificate-authority-data")
    assert data == Ref("fraud-ml-platform-eks-cluster", "certificate_authorities[0].data")
    association = only(found, "aws.eks.PodIdentityAssociation")
    assert association.props["cluster_name"] == Ref("fraud-ml-platform-eks-cluster", "name")


def test_each_stack_has_a_namespace_that_refuses_privilege() -> None:
    def metadata(stack: str) -> Value:
        return only(graph(scorer(THERE), stack=stack), "kubernetes.core.v1.Namespace").props["metadata"]

    assert (inside(metadata("test"), "name"), inside(metadata("prod"), "name")) == ("fraud-test", "fraud-prod")
    assert inside(metadata("prod"), "labels", "pod-security.kubernetes.io/enforce") == "baseline"


def test_nodes_reach_the_endpoints_whose_names_they_resolve() -> None:
    alone = graph(scorer())
    assert not [one for one in alone.of("aws.vpc.SecurityGroupIngressRule") if one.name == "fraud-from-cluster"]
    beside = graph(scorer(), training(name="other", on=Ecs(cpu=2, memory="4GB")))  # type: ignore[arg-type]
    assert beside.of("aws.ec2.VpcEndpoint")
    rule = beside.by_name["fraud-from-cluster"].props
    group = Ref("fraud-eks-cluster", "vpc_config.cluster_security_group_id")
    assert rule["referenced_security_group_id"] == group
    assert rule["security_group_id"] == Ref("fraud-security-group", "id")


def test_load_balancers_find_their_subnets_by_tags() -> None:
    found = graph(scorer(Eks(cpu=2, memory="4GB", exposed="internet")))
    for subnet in found.of("aws.ec2.Subnet"):
        role = "elb" if "public" in subnet.name else "internal-elb"
        assert inside(subnet.props["tags"], f"kubernetes.io/role/{role}") == "1", subnet.name
    plain = graph(scorer(Ecs(cpu=2, memory="4GB")))  # type: ignore[arg-type]
    assert not [one.name for one in plain.of("aws.ec2.Subnet") if "kubernetes" in str(one.props["tags"])]


def test_pods_ask_for_less_than_their_machine_has() -> None:
    found = graph(scorer(GPU), scorer(SMALL, name="small"))
    for name, cpu, memory in (("scorer", "3000m", "12288Mi"), ("small", "2000m", "4096Mi")):
        spec = found.by_name[f"fraud-{name}-deployment"].props["spec"]
        resources = inside(spec, "template", "spec", "containers", 0, "resources")
        assert inside(resources, "requests") == {"cpu": cpu, "memory": memory}
        assert inside(resources, "limits", "memory") == memory
        assert "cpu" not in keys(resources, "limits")
