"""What machines of others' stacks cost: groups that mix how they buy, disks by their speed, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlstage.graph import UNKNOWN, Graph, Ref, Resource, Value
from mlstage.insight.cost import Line, estimate
from tests.insight.graphs import endpoint, graph, resource, scaled, variant


def lines(*resources: Resource, status: str = "priced") -> dict[str, Line]:
    made: Graph = graph(*resources)
    return {one.what: one for one in estimate(made).lines if one.status == status}


def test_a_group_buys_a_part_on_demand_and_the_rest_on_spot() -> None:
    mixed: Value = {
        "instances_distribution": {"on_demand_base_capacity": 2, "on_demand_percentage_above_base_capacity": 50},
        "launch_template": {"overrides": ({"instance_type": "m5.2xlarge"},)},
    }
    found = lines(resource("autoscaling.Group", min_size=4, max_size=10, mixed_instances_policy=mixed))
    assert set(found) == {"3 to 6 x m5.2xlarge", "1 to 4 x m5.2xlarge"}
    assert found["3 to 6 x m5.2xlarge"].monthly.low == pytest.approx(3 * 730 * 0.384)
    assert found["1 to 4 x m5.2xlarge"].monthly.high == pytest.approx(4 * 730 * 0.384)
    assert found["1 to 4 x m5.2xlarge"].monthly.low < 730 * 0.384


def test_a_group_of_an_unknown_size_is_not_priced_as_nothing() -> None:
    template = resource("ec2.LaunchTemplate", "template", instance_type="m5.xlarge")
    chosen: Value = {"id": Ref("template", "id")}
    group = resource("autoscaling.Group", "group", min_size=UNKNOWN, max_size=UNKNOWN, launch_template=chosen)
    assert lines(template, group) == {}
    assert list(lines(template, group, status="unpriced")) == ["machines of the group, m5.xlarge"]


def test_disks_are_paid_by_their_speed_wherever_they_are_declared() -> None:
    disk: Value = {"volume_type": "gp3", "volume_size": 200, "iops": 6000, "throughput": 500}
    found = lines(resource("ec2.Instance", instance_type="m5.large", root_block_device=disk))
    assert {name: round(one.monthly.expected, 2) for name, one in found.items()} == {
        "1 x m5.large": 70.08,
        "200 GB gp3 volume": 16.0,
        "3000 IOPS": 15.0,
        "375 MB/s": 15.0,
    }


def test_iops_beyond_the_known_price_are_named() -> None:
    volume = resource("ebs.Volume", type="io2", size=100, iops=50_000)
    assert lines(volume)["32000 IOPS"].monthly.expected == pytest.approx(32_000 * 0.065)
    assert list(lines(volume, status="unpriced")) == ["18000 IOPS above 32000"]


def test_a_dedicated_machine_has_another_price_and_an_address_its_own() -> None:
    machine = resource("ec2.Instance", instance_type="m5.large", tenancy="dedicated", associate_public_ip_address=True)
    assert list(lines(machine)) == ["public IPv4 address"]
    assert list(lines(machine, status="unpriced")) == ["1 x m5.large, dedicated", "root volume"]


def test_nodes_of_a_node_group_are_paid_between_its_bounds() -> None:
    sizes: Value = {"min_size": 1, "desired_size": 3, "max_size": 6}
    found = lines(resource("eks.NodeGroup", instance_types=("m5.xlarge",), scaling_config=sizes))
    monthly = found["1 to 6 x m5.xlarge"].monthly
    assert (monthly.low, monthly.expected, monthly.high) == tuple(count * 730 * 0.192 for count in (1, 3, 6))


def test_an_alarm_on_a_band_is_three_and_a_cluster_may_come_into_extended_support() -> None:
    metric: Value = {"metric": {"metric_name": "Invocations", "period": 60}}
    band: Value = {"expression": "ANOMALY_DETECTION_BAND(m1, 2)", "id": "ad1"}
    alarm = resource("cloudwatch.MetricAlarm", threshold_metric_id="ad1", metric_queries=(metric, band))
    assert lines(alarm)["alarm on 3 metrics"].monthly.expected == pytest.approx(0.3)
    note = lines(resource("eks.Cluster", name="c"))["EKS control plane"].note
    assert note == "while its Kubernetes version has standard support; then $0.60 an hour"


def test_an_unknown_number_of_zones_is_not_one_zone() -> None:
    inside = resource("ec2.VpcEndpoint", "inside", vpc_endpoint_type="Interface", subnet_ids=UNKNOWN)
    unclear = resource("ec2.VpcEndpoint", "unclear", vpc_endpoint_type=UNKNOWN)
    balancer = resource("lb.LoadBalancer", "balancer", subnets=UNKNOWN)
    assert list(lines(inside, unclear, balancer)) == ["application load balancer"]
    found = lines(inside, unclear, balancer, status="unpriced")
    assert set(found) == {"interface endpoint", "an endpoint", "public IPv4 addresses"}


def test_zones_of_a_network_load_balancer_without_own_addresses_have_public_ones() -> None:
    zones: Value = ({"subnet_id": "subnet-1"}, {"subnet_id": "subnet-2", "allocation_id": "eipalloc-1"})
    found = lines(resource("lb.LoadBalancer", load_balancer_type="network", subnet_mappings=zones))
    assert "public IPv4 addresses in 1 zones" in found


@pytest.mark.parametrize("size", ["NaN", float("nan"), float("inf"), -1])
def test_a_size_that_is_none_is_not_known(size: Value) -> None:
    assert lines(resource("ebs.Volume", type="gp3", size=size)) == {}
    (found,) = lines(resource("ebs.Volume", type="gp3", size=size), status="usage").values()
    assert found.note.endswith("its size is not known")


def test_bounds_that_are_not_known_are_said_to_be() -> None:
    target, policy = scaled(2, 6)
    open_ = replace(target, props={**target.props, "max_capacity": UNKNOWN})
    found = lines(*endpoint(variant(count=2)), open_, policy)["2 x ml.m5.xlarge, hosting"]
    assert "its max_capacity is not known" in found.note


def test_instances_whose_number_is_not_known_are_not_one() -> None:
    unknown = {**variant(), "initial_instance_count": UNKNOWN}
    assert "ml.m5.xlarge, hosting" in lines(*endpoint(unknown), status="unpriced")


SHAPE: dict[str, Value] = {"cpu": "1024", "memory": "2048", "requires_compatibilities": ("FARGATE", "EC2")}


def test_a_service_without_a_strategy_is_where_its_cluster_puts_it() -> None:
    cluster = resource("ecs.Cluster", "cluster", name="c")
    strategy: Value = ({"capacity_provider": "FARGATE", "weight": 1},)
    defaults = resource(
        "ecs.ClusterCapacityProviders",
        "defaults",
        cluster_name=Ref("cluster", "name"),
        default_capacity_provider_strategies=strategy,
    )
    task = resource("ecs.TaskDefinition", "task", **SHAPE)
    service = resource(
        "ecs.Service", "service", cluster=Ref("cluster", "arn"), task_definition=Ref("task", "arn"), desired_count=2
    )
    assert lines(cluster, defaults, task, service)["2 tasks on Fargate, 1 vCPU each"].monthly.expected == pytest.approx(
        2 * 730 * 0.04048
    )
    # Without that default it runs on machines, and none are here: that is not free.
    assert list(lines(cluster, task, service, status="unpriced")) == ["tasks"]


@pytest.mark.parametrize(("public", "paid"), [(True, 2 * 730 * 0.005), (False, None)])
def test_public_addresses_of_tasks_are_paid(public: bool, paid: float | None) -> None:
    task = resource("ecs.TaskDefinition", "task", **SHAPE)
    network: Value = {"assign_public_ip": public}
    service = resource(
        "ecs.Service",
        "service",
        launch_type="FARGATE",
        task_definition=Ref("task", "arn"),
        desired_count=2,
        network_configuration=network,
    )
    found = lines(task, service).get("public IPv4 address of each task")
    assert (found.monthly.expected if found else None) == (None if paid is None else pytest.approx(paid))


@pytest.mark.parametrize(
    ("resources", "what", "off"),
    [
        ((resource("ec2.Instance", instance_type="m5.large"),), "1 x m5.large", 0.72),
        (
            (
                resource("ecs.TaskDefinition", "task", **SHAPE),
                resource("ecs.Service", "service", launch_type="FARGATE", task_definition=Ref("task", "arn")),
            ),
            "1 tasks on Fargate, 1 vCPU each",
            0.66,
        ),
    ],
)
def test_a_savings_plan_holds_outside_of_sagemaker_too(resources: tuple[Resource, ...], what: str, off: float) -> None:
    (found,) = [one for one in estimate(graph(*resources, facts={"savings_plan": "1y"})).lines if one.what == what]
    assert found.monthly.low == pytest.approx(found.monthly.high * (1 - off))
    assert "Savings Plan for 1y is not known: priced on demand" in found.note
