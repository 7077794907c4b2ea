"""What a real-time endpoint on EKS becomes."""

from __future__ import annotations

from mlstage import Autoscale, Eks, Model, Network, PodMetric, Rolling, Stage
from mlstage.graph import Ref, Value
from tests.targets.eks.workloads import GPU, MODEL, PARAMETER, SECRET, SMALL, items, keys, pod, scaled, scorer
from tests.targets.support import ECR, graph, inside, only, statements

DEPLOYMENT = "kubernetes.apps.v1.Deployment"
SERVICE = "kubernetes.core.v1.Service"
POOL = "kubernetes.karpenter.v1.NodePool"
NETWORK = Network(
    vpc="vpc-0a1b2c3d4e5f67890",
    subnets=["subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"],
    security_groups=["sg-0a1b2c3d4e5f67890"],
)


def _requirements(pool: Value) -> dict[str, Value]:
    listed = inside(pool, "template", "spec", "requirements")
    assert isinstance(listed, tuple)
    return {str(inside(one, "key")): inside(one, "values") for one in listed}


def test_the_autoscaler_alone_says_how_many_pods_there_are() -> None:
    found = graph(scaled())
    assert "replicas" not in keys(only(found, DEPLOYMENT).props["spec"])
    autoscaler = only(found, "kubernetes.autoscaling.v2.HorizontalPodAutoscaler").props["spec"]
    assert (inside(autoscaler, "min_replicas"), inside(autoscaler, "max_replicas")) == (2, 6)
    assert inside(autoscaler, "metrics", 0, "resource", "target") == {"type": "Utilization", "average_utilization": 60}
    fixed = graph(scorer(replicas=3))
    assert inside(only(fixed, DEPLOYMENT).props["spec"], "replicas") == 3
    assert not fixed.of("kubernetes.autoscaling.v2.HorizontalPodAutoscaler")


def test_a_metric_of_the_pods_is_followed_by_its_name() -> None:
    metric = PodMetric(2.5, name="requests_in_flight")
    found = graph(scorer(replicas=Autoscale(min=1, max=4, target=metric)))
    followed = inside(only(found, "kubernetes.autoscaling.v2.HorizontalPodAutoscaler").props["spec"], "metrics", 0)
    assert inside(followed, "pods", "metric", "name") == "requests_in_flight"
    assert inside(followed, "pods", "target") == {"type": "AverageValue", "average_value": "2500m"}


def test_pods_leave_one_at_a_time_where_there_are_two() -> None:
    budget = only(graph(scaled()), "kubernetes.policy.v1.PodDisruptionBudget").props["spec"]
    assert inside(budget, "max_unavailable") == 1
    assert inside(budget, "selector") == inside(only(graph(scaled()), DEPLOYMENT).props["spec"], "selector")
    assert not graph(scaled(low=1)).of("kubernetes.policy.v1.PodDisruptionBudget"), "it would keep the node for ever"


def test_a_new_version_is_ready_before_an_old_one_goes() -> None:
    def strategy(on: Eks = SMALL, **fields: Rolling) -> Value:
        return inside(only(graph(scorer(on, MODEL, **fields)), DEPLOYMENT).props["spec"], "strategy", "rolling_update")

    assert strategy() == {"max_surge": "25%", "max_unavailable": 0}
    assert strategy(update=Rolling(percent=50)) == {"max_surge": "50%", "max_unavailable": 0}
    assert inside(strategy(on=GPU), "max_surge") == 1, "a machine for each pod more"


def test_a_pod_is_asked_whether_it_is_ready_and_may_take_its_time_to_load() -> None:
    big = Model(image=f"{ECR}/llm:1", artifact="s3://acme-models/llm.tar.gz", size="20GB")
    container = inside(pod(only(graph(scorer(Eks(cpu=4, memory="32GB", port=9000, health="/ready"), big)), DEPLOYMENT)))
    first = inside(container, "containers", 0)
    assert inside(first, "ports", 0, "container_port") == 9000
    for probe in ("startup_probe", "readiness_probe", "liveness_probe"):
        assert inside(first, probe, "http_get") == {"path": "/ready", "port": "http"}
    startup = inside(first, "startup_probe")
    every, times = inside(startup, "period_seconds"), inside(startup, "failure_threshold")
    assert isinstance(every, int) and isinstance(times, int)
    assert every * times >= 20 * 1024 / 25, "read at 25 MB a second"
    assert inside(first, "lifecycle", "pre_stop", "sleep", "seconds") == 15


def test_a_gpu_is_asked_for_where_there_is_one_and_nobody_else_gets_there() -> None:
    found = graph(scaled(GPU))
    pool, spec = only(found, POOL), pod(only(found, DEPLOYMENT))
    name = inside(pool.props["metadata"], "name")
    assert inside(spec, "node_selector") == {"mlstage/pool": name}
    assert inside(pool.props["spec"], "template", "metadata", "labels") == {"mlstage/pool": name}
    assert inside(spec, "containers", 0, "resources", "limits", "nvidia.com/gpu") == "1"
    (taint,) = items(pool.props["spec"], "template", "spec", "taints")
    assert taint == {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    (toleration,) = items(spec, "tolerations")
    assert toleration == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    requirements = _requirements(pool.props["spec"])
    assert requirements["node.kubernetes.io/instance-type"] == ("g5.xlarge", "g5.2xlarge")
    assert requirements["karpenter.sh/capacity-type"] == ("on-demand",)
    assert pool.name in only(found, DEPLOYMENT).depends_on, "nodes outlive their pods"


def test_a_neuron_device_is_asked_for_by_its_own_name() -> None:
    model = Model(image=f"{ECR}/bert:1-neuronx", compiled_for="inf2", size="1GB")
    found = graph(scorer(Eks(instance="inf2.24xlarge"), model))
    limits = inside(pod(only(found, DEPLOYMENT)), "containers", 0, "resources", "limits")
    assert inside(limits, "aws.amazon.com/neuron") == "6"
    assert "nvidia.com/gpu" not in keys(limits)


def test_without_an_instance_pods_run_in_the_pool_that_auto_mode_brings() -> None:
    found = graph(scorer())
    assert not found.of(POOL)
    assert inside(pod(only(found, DEPLOYMENT)), "node_selector") == {"kubernetes.io/arch": "amd64"}
    arm = graph(scorer(model=Model(image=f"{ECR}/fraud:1", architecture="arm64")))
    assert _requirements(only(arm, POOL).props["spec"])["kubernetes.io/arch"] == ("arm64",)


def test_alike_workloads_share_a_pool() -> None:
    other = scorer(GPU, name="other")
    (pool,) = graph(scaled(GPU), other).of(POOL)
    assert inside(pool.props["spec"], "limits", "cpu") == str(8 * 2 * (6 + 1)), "the larger type, twice, for 7 pods"


def test_a_disk_of_another_size_is_a_class_of_nodes() -> None:
    found = graph(scorer(Eks(instance="g5.xlarge", storage="200GB")))
    nodes = only(found, "kubernetes.eks.v1.NodeClass")
    assert inside(nodes.props["spec"], "ephemeralStorage", "size") == "200Gi"
    pool = inside(only(found, POOL).props["spec"], "template", "spec", "nodeClassRef", "name")
    assert pool == inside(nodes.props["metadata"], "name")
    assert inside(nodes.props["spec"], "role") == found.by_name["fraud-node-role"].props["name"]
    subnets = [one for one in found.of("aws.ec2.Subnet") if one.name.startswith("fraud-subnet")]
    wanted = inside(nodes.props["spec"], "subnetSelectorTerms", 0, "tags")
    assert isinstance(wanted, dict)
    for one in subnets:
        tags = one.props["tags"]
        assert isinstance(tags, dict)
        assert wanted.items() <= tags.items(), one.name


def test_callers_come_from_the_cluster_unless_a_load_balancer_is_asked_for() -> None:
    inner = only(graph(scorer()), SERVICE)
    assert inside(inner.props["spec"], "type") == "ClusterIP"
    vpc = only(graph(scorer(Eks(cpu=2, memory="4GB", exposed="vpc", callers=["10.0.0.0/8"]))), SERVICE)
    said = inside(vpc.props["metadata"], "annotations")
    assert inside(said, "service.beta.kubernetes.io/aws-load-balancer-scheme") == "internal"
    assert inside(vpc.props["spec"], "load_balancer_class") == "eks.amazonaws.com/nlb"
    assert inside(vpc.props["spec"], "load_balancer_source_ranges") == ("10.0.0.0/8",)
    public = only(graph(scorer(Eks(cpu=2, memory="4GB", exposed="internet"))), SERVICE)
    said = inside(public.props["metadata"], "annotations")
    assert inside(said, "service.beta.kubernetes.io/aws-load-balancer-scheme") == "internet-facing"


def test_in_an_existing_network_the_load_balancer_is_told_its_subnets() -> None:
    stage = Stage(tier="production", network=NETWORK)
    found = graph(scorer(Eks(cpu=2, memory="4GB", exposed="vpc")), stage=stage)
    said = inside(only(found, SERVICE).props["metadata"], "annotations")
    assert inside(said, "service.beta.kubernetes.io/aws-load-balancer-subnets") == ",".join(NETWORK.subnets)


def test_what_is_not_let_in_stays_out() -> None:
    found = graph(scorer())
    closed, mine = found.of("kubernetes.networking.v1.NetworkPolicy")
    assert closed.props["spec"] == {"pod_selector": {}, "policy_types": ("Ingress",)}
    rule = inside(mine.props["spec"], "ingress", 0)
    assert inside(rule, "from_") == ({"namespace_selector": {}},)
    assert inside(rule, "ports") == ({"port": "http", "protocol": "TCP"},)
    assert only(found, "kubernetes.core.v1.ConfigMap").props["data"] == {"enable-network-policy-controller": "true"}


def test_a_load_balancer_is_let_in_from_wherever_it_stands() -> None:
    found = graph(scorer(Eks(cpu=2, memory="4GB", exposed="vpc", callers=["192.0.2.0/24"])))
    _, mine = found.of("kubernetes.networking.v1.NetworkPolicy")
    assert {"ip_block": {"cidr": "0.0.0.0/0"}} in items(mine.props["spec"], "ingress", 0, "from_"), (
        "it calls pods from its own addresses, not from its callers'"
    )
    assert inside(only(found, SERVICE).props["spec"], "load_balancer_source_ranges") == ("192.0.2.0/24",)


def test_containers_gain_no_rights_and_may_give_theirs_up() -> None:
    secure = inside(pod(only(graph(scorer()), DEPLOYMENT)), "containers", 0, "security_context")
    assert secure == {"allow_privilege_escalation": False, "capabilities": {"drop": ("NET_RAW",)}}


def test_fewer_pods_than_there_should_be_ring() -> None:
    alarm = only(graph(scaled()), "aws.cloudwatch.MetricAlarm").props
    assert (alarm["metric_name"], alarm["threshold"], alarm["comparison_operator"]) == (
        "service_number_of_running_pods",
        2,
        "LessThanThreshold",
    )
    assert alarm["treat_missing_data"] == "breaching"
    assert inside(alarm["dimensions"], "Service") == "scorer"
    assert not graph(scaled(), stack="test").of("aws.cloudwatch.MetricAlarm")
    there = Eks(cluster="ml-platform", cpu=2, memory="4GB")
    assert not graph(scaled(there)).of("aws.cloudwatch.MetricAlarm"), "nobody knows whether it sends the metric"


def test_pods_have_a_role_of_their_own_and_wait_for_it() -> None:
    found = graph(scorer())
    association = only(found, "aws.eks.PodIdentityAssociation")
    assert association.props["role_arn"] == Ref("fraud-scorer-pod-role", "arn")
    assert association.props["namespace"] == inside(only(found, DEPLOYMENT).props["metadata"], "namespace")
    assert inside(pod(only(found, DEPLOYMENT)), "service_account_name") == association.props["service_account"]
    assert association.name in only(found, DEPLOYMENT).depends_on, "without it, the first pods have no credentials"
    trust = inside(found.by_name["fraud-scorer-pod-role"].props["assume_role_policy"], "Statement", 0)
    assert inside(trust, "Principal", "Service") == "pods.eks.amazonaws.com"
    assert inside(trust, "Action") == ("sts:AssumeRole", "sts:TagSession")
    assert set(statements(found, "fraud-scorer-pod-role-policy")) == {"ArtifactRead", "UseKey"}


def test_secrets_are_references_all_the_way() -> None:
    found = graph(scorer(Eks(cpu=2, memory="4GB", secrets={"TOKEN": SECRET, "LIMIT": PARAMETER})))
    secrets = only(found, "kubernetes.secretsstore.v1.SecretProviderClass")
    objects = str(inside(secrets.props["spec"], "parameters", "objects"))
    assert f'"objectName": "{SECRET}"' in objects
    assert '"objectName": "/fraud/limit", "objectType": "ssmparameter"' in objects
    spec = pod(only(found, DEPLOYMENT))
    env = inside(spec, "containers", 0, "env")
    assert isinstance(env, tuple)
    by_name = {str(inside(one, "name")): one for one in env}
    assert inside(by_name["TOKEN"], "value_from", "secret_key_ref") == {"name": "scorer", "key": "TOKEN"}
    may = statements(found, "fraud-scorer-pod-role-policy")
    assert may["ReadSecrets"]["Resource"] == (SECRET,) == may["DescribeSecrets"]["Resource"]
    add_ons = {one.props["addon_name"] for one in found.of("aws.eks.Addon")}
    assert "aws-secrets-store-csi-driver-provider" in add_ons
