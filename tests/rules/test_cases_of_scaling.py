"""Rules about scaling and availability: what is inferred of infrastructure that mlstage did not write."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage.graph import UNKNOWN, Graph, Join, Ref, Resource, Value
from mlstage.rules import examples
from tests.rules.test_cases import fields, said

ASYNC = examples.configuration(async_inference_config={"output_config": {"s3_output_path": "s3://acme/answers/"}})


def production(*resources: Resource) -> Graph:
    """Make a production stack of these resources and nothing else."""
    return Graph(resources, stack="prod", tier="production")


def service(**props: Value) -> Resource:
    made = examples.service()
    return made.with_props(**props)


@pytest.mark.parametrize(
    ("resource_id", "expected"),
    [
        ("service/scoring/web", []),
        (Join(("service/", Ref("cluster", "name"), "/", Ref("web", "name"))), []),
        ("service/scoring/other", [("desired_count", True)]),
        # An endpoint of the same name is another thing.
        ("endpoint/web/variant/AllTraffic", [("desired_count", True)]),
        (UNKNOWN, [("resource_id", False)]),
    ],
)
def test_a_service_scales_by_what_names_it(resource_id: Value, expected: Any) -> None:
    scaled = [one.with_props(resource_id=resource_id) for one in examples.service_scaling()]
    assert fields("ML201", production(examples.service(), *scaled)) == expected


def test_targets_of_another_service_of_aws_leave_nothing_open() -> None:
    target, policy = (
        one.with_props(resource_id=UNKNOWN, service_namespace="dynamodb") for one in examples.service_scaling()
    )
    assert fields("ML201", production(examples.service(), target, policy)) == [("desired_count", True)]


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({}, []),
        ({"desired_count": 1}, ["ECS service 'web' may run on 1 task (desired_count=1); 2 are needed"]),
        ({"desired_count": UNKNOWN}, ["?"]),
        ({"desired_count": 1, "load_balancers": ()}, []),
        # One task on each machine is as many as there are machines.
        ({"desired_count": None, "scheduling_strategy": "DAEMON"}, []),
    ],
)
def test_tasks_that_are_certain(props: dict[str, Value], expected: list[str]) -> None:
    assert [message for _, message in said("ML202", production(service(**props)))] == expected


def test_a_deployment_has_one_pod_unless_it_says_more() -> None:
    deployment, before = examples.deployment()
    spec = deployment.props["spec"]
    assert isinstance(spec, dict)
    bare = deployment.with_props(spec={key: value for key, value in spec.items() if key != "replicas"})
    assert said("ML202", production(bare, before)) == [
        ("spec.replicas", "deployment 'web' may run on 1 pod (replicas=1); 2 are needed")
    ]
    # Nobody calls it.
    assert said("ML202", production(bare)) == []


@pytest.mark.parametrize(
    ("selector", "namespace", "expected"),
    [
        ({"app": "scorer"}, "fraud", [True]),
        ({"app": "scorer", "version": "2"}, "fraud", []),
        ({"app": "other"}, "fraud", []),
        ({"app": "scorer"}, "elsewhere", []),
        ({"app": UNKNOWN}, "fraud", [False]),
        (UNKNOWN, "fraud", [False]),
    ],
)
def test_a_service_selects_pods_by_all_its_labels(selector: Value, namespace: str, expected: list[bool]) -> None:
    deployment, before = examples.deployment()
    metadata: Value = {"name": "scorer", "namespace": namespace}
    before = before.with_props(metadata=metadata, spec={"selector": selector})
    assert [sure for _, sure in fields("ML211", production(deployment, before))] == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("scorer", []),
        (Ref("web", "metadata.name"), []),
        ("another", [("spec.replicas", True)]),
        (UNKNOWN, [("spec.scale_target_ref.name", False)]),
    ],
)
def test_an_autoscaler_names_its_deployment(named: Value, expected: Any) -> None:
    scaler = examples.autoscaler()
    target: Value = {"api_version": "apps/v1", "kind": "Deployment", "name": named}
    scaler = scaler.with_props(spec={"scale_target_ref": target, "min_replicas": 2, "max_replicas": 4})
    assert fields("ML201", production(*examples.deployment(), scaler)) == expected


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (2, 2, [("max_capacity", True)]),
        (2, 2.0, [("max_capacity", True)]),
        (2, 8, []),
        (2, None, []),
        (UNKNOWN, 2, [("min_capacity", False)]),
        (2, Ref("settings", "value"), [("max_capacity", False)]),
    ],
)
def test_bounds(least: Value, most: Value, expected: Any) -> None:
    target, _ = examples.scaling()
    assert fields("ML203", production(target.with_props(min_capacity=least, max_capacity=most))) == expected


def test_bounds_of_sagemaker_and_kubernetes() -> None:
    scaling: Value = {"status": "ENABLED", "min_instance_count": 2, "max_instance_count": 2}
    config = examples.configuration().with_props(production_variants=({"managed_instance_scaling": scaling},))
    assert fields("ML203", production(config, examples.autoscaler(3, 3))) == [
        ("production_variants[0].managed_instance_scaling.max_instance_count", True),
        ("spec.max_replicas", True),
    ]


def subnet(name: str, zone: Value) -> Resource:
    return Resource(name, "aws.ec2.Subnet", {"availability_zone": zone})


A, B = Ref("a", "id"), Ref("b", "id")


@pytest.mark.parametrize(
    ("subnets", "zones", "expected"),
    [
        (("subnet-1",), (), [True]),
        ((A,), ("us-east-1a", "us-east-1b"), [True]),
        ((A, B), ("us-east-1a", "us-east-1b"), []),
        ((A, B), ("us-east-1a", "us-east-1a"), [True]),
        # In a preview every element may be known to be made of the two, and no more.
        ((Join((A, B)), Join((A, B))), ("us-east-1a", "us-east-1b"), []),
        ((Join((A, B)), Join((A, B))), ("us-east-1a", "us-east-1a"), [True]),
        ((A, B), ("us-east-1a", UNKNOWN), [False]),
        ((A, B), (None, None), []),
        ((A, B), (Ref("zones", "names[0]"), Ref("zones", "names[1]")), []),
        (("subnet-1", "subnet-2"), (), []),
        (UNKNOWN, (), [False]),
        (Ref("network", "private_subnets"), (), [False]),
        (None, (), []),
    ],
)
def test_zones_of_subnets(subnets: Value, zones: tuple[Value, ...], expected: list[bool]) -> None:
    made = [subnet(name, zone) for name, zone in zip("ab", zones, strict=False)]
    web = service(network_configuration={"subnets": subnets})
    assert [sure for _, sure in fields("ML204", production(web, *made))] == expected


def test_zones_of_machines_of_balancers_and_of_functions() -> None:
    group = Resource("group", "aws.autoscaling.Group", {"availability_zones": ("us-east-1a",)})
    provider = Resource(
        "own",
        "aws.ecs.CapacityProvider",
        {"auto_scaling_group_provider": {"auto_scaling_group_arn": Ref("group", "arn")}},
    )
    balancer = Resource("front", "aws.lb.LoadBalancer", {"subnets": ("subnet-1",)})
    function, alias = examples.function()
    function = function.with_props(vpc_config={"subnet_ids": ("subnet-1",)})
    graph = production(
        examples.service(Ref("own", "name")), provider, group, balancer, function, alias, examples.function_url()
    )
    assert [message for _, message in said("ML204", graph)] == [
        "load balancer 'front' stands in one availability zone",
        "auto-scaling group 'group' stands in one availability zone",
        "function 'scorer-function' stands in one availability zone",
    ]
    # Nobody waits for a function without a URL, nor for a group that no service uses.
    assert said("ML204", production(function, alias, group)) == []


def asynchronous(*others: Resource, least: Value = 0) -> Graph:
    target, policy = examples.scaling(customized={"metric_name": "ApproximateBacklogSizePerInstance"})
    config = ASYNC
    return production(config, examples.endpoint(), target.with_props(min_capacity=least), policy, *others)


def alarm(**props: Value) -> Resource:
    made: dict[str, Value] = {
        "metric_name": "HasBacklogWithoutCapacity",
        "dimensions": {"EndpointName": "scorer"},
        "alarm_actions": ("arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x",),
    }
    return Resource("alarm", "aws.cloudwatch.MetricAlarm", {**made, **props})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"dimensions": {"EndpointName": Ref("scorer-endpoint", "name")}}, []),
        ({"dimensions": {"EndpointName": "other"}}, [("min_capacity", True)]),
        # It rings, and nothing follows.
        ({"alarm_actions": None}, [("min_capacity", True)]),
        ({"metric_name": "ApproximateBacklogSize"}, [("min_capacity", True)]),
        ({"metric_name": UNKNOWN}, [("metric_name", False)]),
        ({"dimensions": UNKNOWN}, [("dimensions", False)]),
        ({"alarm_actions": UNKNOWN}, [("alarm_actions", False)]),
    ],
)
def test_what_wakes_an_endpoint_at_zero(changes: dict[str, Value], expected: Any) -> None:
    assert fields("ML205", asynchronous(alarm(**changes))) == expected


def test_an_alarm_that_computes_with_the_metric_wakes_as_well() -> None:
    metric: Value = {"metric_name": "HasBacklogWithoutCapacity", "dimensions": {"EndpointName": "scorer"}}
    computed = alarm(metric_name=None, dimensions=None, metric_queries=({"id": "waits", "metric": metric},))
    assert said("ML205", asynchronous(computed)) == []


@pytest.mark.parametrize(("least", "expected"), [(1, []), (UNKNOWN, [False]), (0, [True])])
def test_only_what_may_be_at_zero_has_to_wake(least: Value, expected: list[bool]) -> None:
    assert [sure for _, sure in fields("ML205", asynchronous(least=least))] == expected


TRACKING = "target_tracking_scaling_policy_configuration"
PREDEFINED = f"{TRACKING}.predefined_metric_specification.predefined_metric_type"


@pytest.mark.parametrize(
    ("config", "metric", "expected"),
    [
        (examples.configuration(), "SageMakerVariantInvocationsPerInstance", []),
        (examples.configuration(), "SageMakerVariantProvisionedConcurrencyUtilization", [(PREDEFINED, True)]),
        (ASYNC, "SageMakerVariantInvocationsPerInstance", [(PREDEFINED, True)]),
        (examples.serverless(2), "SageMakerVariantInvocationsPerInstance", [(PREDEFINED, True)]),
        (examples.serverless(2), "SageMakerVariantProvisionedConcurrencyUtilization", []),
        # Real-time or asynchronous: nobody knows yet, and it may be right.
        (
            examples.configuration(async_inference_config=UNKNOWN),
            "SageMakerVariantInvocationsPerInstance",
            [],
        ),
    ],
)
def test_predefined_metrics_by_kind(config: Resource, metric: str, expected: Any) -> None:
    graph = production(config, examples.endpoint(), *examples.scaling(metric=metric))
    assert fields("ML206", graph) == expected


def test_a_metric_that_is_not_known_yet_is_undecided() -> None:
    target, policy = examples.scaling()
    unknown = policy.with_props(**{TRACKING: {"predefined_metric_specification": {"predefined_metric_type": UNKNOWN}}})
    assert fields("ML206", production(examples.configuration(), examples.endpoint(), target, unknown)) == [
        (PREDEFINED, False)
    ]


def test_the_expression_of_several_metrics_is_the_author_s_own() -> None:
    backlog: dict[str, Value] = {"metrics": ({"id": "q", "expression": "a / b"},)}
    graph = production(examples.configuration(), examples.endpoint(), *examples.scaling(customized=backlog))
    assert said("ML206", graph) == []


def test_an_http_api_s_function_is_waited_for() -> None:
    integration: Value = Ref("scorer-alias", "invoke_arn")
    api = Resource("call", "aws.apigatewayv2.Integration", {"api_id": "x", "integration_uri": integration})
    assert fields("ML209", production(*examples.function(), api)) == [("image_uri", True)]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (Ref("scorer-function", "name"), []),
        ("scorer", []),
        (Ref("scorer-alias", "function_name"), []),
        ("another", [("image_uri", True)]),
        (UNKNOWN, [("function_name", False)]),
    ],
)
def test_what_keeps_a_function_warm(named: Value, expected: Any) -> None:
    warm = Resource("warm", "aws.lambda_.ProvisionedConcurrencyConfig", {"function_name": named})
    assert fields("ML209", production(*examples.function(), examples.function_url(), warm)) == expected


def test_a_function_of_a_zip_file_starts_fast_enough() -> None:
    function, alias = examples.function()
    assert said("ML209", production(function.with_props(image_uri=None), alias, examples.function_url())) == []


COUNT = "provisioned_concurrent_executions"


@pytest.mark.parametrize(
    ("resource_id", "expected"),
    [
        ("function:scorer:live", []),
        (Join(("function:", Ref("scorer-function", "name"), ":live")), []),
        ("function:another:live", [(COUNT, True)]),
        (UNKNOWN, [("resource_id", False)]),
    ],
)
def test_what_scales_provisioned_concurrency(resource_id: Value, expected: Any) -> None:
    warm = Resource("warm", "aws.lambda_.ProvisionedConcurrencyConfig", {"function_name": "scorer", COUNT: 5})
    target = Resource("t", "aws.appautoscaling.Target", {"service_namespace": "lambda", "resource_id": resource_id})
    # Whether the function is of this stack makes no difference, as its name is known.
    if not isinstance(resource_id, Join):
        assert fields("ML210", production(warm, target)) == expected
    assert fields("ML210", production(warm, target, *examples.function())) == expected


def spot_pods(*others: Resource, selector: Value = None) -> list[tuple[str, bool]]:
    return fields("ML101", production(*examples.deployment(node_selector=selector), *others))


POD = "spec.template.spec"
ALONE = Resource("cluster", "aws.eks.Cluster", {"name": "scoring"})
AUTO = Resource("cluster", "aws.eks.Cluster", {"compute_config": {"enabled": True, "node_pools": ("general-purpose",)}})


def test_pods_that_ask_for_spot_themselves() -> None:
    for key, value in (("karpenter.sh/capacity-type", "spot"), ("eks.amazonaws.com/capacityType", "SPOT")):
        assert spot_pods(selector={key: value}) == [(f"{POD}.node_selector.{key}", True)]
        assert spot_pods(selector={key: "on-demand"}) == []


def test_pods_go_where_their_labels_say() -> None:
    spot, steady = examples.node_pool("spot"), examples.node_group("ON_DEMAND")
    steady = steady.with_props(labels={"pool": "steady"})
    assert spot_pods(spot, steady, selector={"pool": "scoring"}) == [(f"{POD}.node_selector", True)]
    assert spot_pods(spot, steady, selector={"pool": "steady"}) == []
    # A pool is a label of its nodes, too.
    assert spot_pods(spot, selector={"karpenter.sh/nodepool": "scoring"}) == [(f"{POD}.node_selector", True)]


def test_pods_that_ask_for_nothing_get_what_there_is() -> None:
    spot, steady = examples.node_group("SPOT"), examples.node_pool("on-demand")
    tainted = spot.with_props(taints=({"key": "batch", "effect": "NO_SCHEDULE"},))
    assert spot_pods(spot, ALONE) == [(POD, True)]
    assert spot_pods(spot, steady, ALONE) == []
    assert spot_pods(tainted, ALONE) == []
    # Auto Mode has pools of its own, and a cluster of another stack may have others.
    assert spot_pods(spot, AUTO) == []
    assert spot_pods(spot) == []


def test_capacity_that_nobody_knows_is_undecided() -> None:
    group = examples.node_group().with_props(capacity_type=UNKNOWN)
    assert spot_pods(group, selector={"pool": "scoring"}) == [("capacity_type", False)]
    spec: Value = {"template": {"metadata": {"labels": {"pool": "scoring"}}, "spec": {"requirements": UNKNOWN}}}
    pool = examples.node_pool().with_props(spec=spec)
    assert spot_pods(pool, selector={"pool": "scoring"}) == [("spec.template.spec.requirements", False)]


def test_pods_in_one_zone_through_their_nodes() -> None:
    group = examples.node_group().with_props(subnet_ids=("subnet-1",))
    deployment, before = examples.deployment(node_selector={"pool": "scoring"})
    assert fields("ML204", production(deployment, before, group)) == [(f"{POD}.node_selector", True)]
    assert said("ML204", production(deployment, before, examples.node_group())) == []
