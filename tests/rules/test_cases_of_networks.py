"""NAT gateways: what a gateway endpoint takes off them, and when nothing can use them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mlstage.catalog.prices import price
from mlstage.graph import UNKNOWN, Graph, JsonDocument, Ref, Resource, Value
from mlstage.rules import judge
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.ml306_nat_instead_of_endpoint import gateway_beside_nat, nothing_may_leave
from tests.rules.test_cases import RULES, TODAY, said


def changed(graph: Graph, name: str, *others: Resource, **props: Value) -> Graph:
    kept = [one.with_props(**props) if one.name == name else one for one in graph.resources]
    return graph.with_resources((*kept, *others))


def without(graph: Graph, name: str, *others: Resource) -> Graph:
    return graph.with_resources((*(one for one in graph.resources if one.name != name), *others))


def words(graph: Graph) -> list[str]:
    """Say what is objected to, in a word each: the service that is carried, `idle`, or `?`."""
    found = [message for _, message in said("ML306", graph)]
    return ["idle" if "leads out" in one else one.partition("goes to ")[2].partition(":")[0] or "?" for one in found]


BESIDE = gateway_beside_nat.build()
IDLE = without(nothing_may_leave.build(), "workers-out")


def test_an_endpoint_has_to_be_on_every_route_that_leads_to_nat() -> None:
    assert words(BESIDE) == []
    other = Resource("more-routes", "aws.ec2.RouteTable", {"vpc_id": Ref("network", "id")})
    way = Resource(
        "more-to-nat", "aws.ec2.Route", {"route_table_id": Ref("more-routes", "id"), "nat_gateway_id": Ref("out", "id")}
    )
    assert words(changed(BESIDE, "to-s3", other, way)) == ["S3"]
    both: Value = (Ref("private-routes", "id"), Ref("more-routes", "id"))
    assert words(changed(BESIDE, "to-s3", other, way, route_table_ids=both)) == []
    # A route of the table's own, and an association of its own.
    inline = other.with_props(routes=({"cidr_block": "0.0.0.0/0", "nat_gateway_id": Ref("out", "id")},))
    assert words(changed(BESIDE, "to-s3", inline)) == ["S3"]
    associated: dict[str, Value] = {"vpc_endpoint_id": Ref("to-s3", "id"), "route_table_id": Ref("more-routes", "id")}
    on_it = Resource("on-it", "aws.ec2.VpcEndpointRouteTableAssociation", associated)
    assert words(changed(BESIDE, "to-s3", inline, on_it)) == []
    assert words(changed(BESIDE, "to-s3", route_table_ids=UNKNOWN)) == ["?"]
    # Where no route is known, the endpoint is taken to be on them.
    assert words(changed(without(BESIDE, "to-nat"), "to-s3", route_table_ids=None)) == []


def role(*actions: str) -> tuple[Resource, Resource]:
    statement: Value = {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:dynamodb:us-east-1:1:table/features"}
    policy: dict[str, Value] = {"role": Ref("worker", "name"), "policy": JsonDocument({"Statement": (statement,)})}
    return (
        Resource("worker", "aws.iam.Role", {"assume_role_policy": "{}"}),
        Resource("may", "aws.iam.RolePolicy", policy),
    )


def test_dynamodb_has_a_gateway_endpoint_for_nothing_too() -> None:
    reads = changed(BESIDE, "task", *role("dynamodb:GetItem"), task_role_arn=Ref("worker", "arn"))
    assert words(reads) == ["DynamoDB"]
    endpoint = reads.by_name["to-s3"].with_props(service_name="com.amazonaws.us-east-1.dynamodb")
    assert words(reads.with_resources((*reads.resources, Resource("to-db", endpoint.type, endpoint.props)))) == []
    assert words(changed(BESIDE, "task", *role("s3:GetObject"), task_role_arn=Ref("worker", "arn"))) == []
    # Something outside of the VPC does not go through its NAT gateway.
    assert words(changed(reads, "web", network_configuration=None)) == []


def egress(cidr: Value) -> Value:
    return ({"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": (cidr,)},)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["idle"]),
        ({"egress": None}, ["idle"]),
        ({"egress": egress("172.20.0.0/14")}, ["idle"]),
        ({"egress": egress("0.0.0.0/0")}, []),
        ({"egress": egress("0.0.0.0/1")}, []),
        ({"egress": egress("52.94.0.0/16")}, []),
        ({"egress": ({"protocol": "-1", "ipv6_cidr_blocks": ("::/0",)},)}, []),
        ({"egress": egress(UNKNOWN)}, ["?"]),
        ({"egress": ({"protocol": "tcp", "prefix_list_ids": (Ref("to-s3", "prefix_list_id"),)},)}, ["idle"]),
    ],
)
def test_nat_is_idle_where_no_security_group_lets_anything_out(
    changes: Mapping[str, Value], expected: list[str]
) -> None:
    assert words(changed(IDLE, "workers", **changes)) == expected


def rule(kind: str, **props: Value) -> Resource:
    return Resource("rule", kind, {"security_group_id": Ref("workers", "id"), **props})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (rule("aws.vpc.SecurityGroupEgressRule", cidr_ipv4="0.0.0.0/0", ip_protocol="-1"), []),
        (rule("aws.vpc.SecurityGroupEgressRule", cidr_ipv4="10.0.0.0/8", ip_protocol="-1"), ["idle"]),
        (rule("aws.ec2.SecurityGroupRule", type="egress", cidr_blocks=("0.0.0.0/0",)), []),
        (rule("aws.ec2.SecurityGroupRule", type="ingress", cidr_blocks=("0.0.0.0/0",)), ["idle"]),
        (rule("aws.vpc.SecurityGroupEgressRule", cidr_ipv4="0.0.0.0/0", security_group_id=UNKNOWN), ["?"]),
        # What else may run there, nobody knows.
        (Resource("box", "aws.ec2.Instance", {"instance_type": "m5.large"}), []),
        (Resource("cluster", "aws.eks.Cluster", {}), []),
    ],
)
def test_nat_is_idle_as_far_as_all_that_could_use_it_is_known(more: Resource, expected: list[str]) -> None:
    assert words(IDLE.with_resources((*IDLE.resources, more))) == expected


def test_a_network_without_anything_in_it_is_somebody_else_s() -> None:
    assert words(without(without(IDLE, "web"), "task")) == []
    # The VPC's own security group lets everything out.
    assert words(changed(IDLE, "web", network_configuration={"subnets": (Ref("private", "id"),)})) == []


def test_endpoints_that_would_cost_more_than_nat_are_no_cure() -> None:
    log: Value = {"logDriver": "awslogs"}
    secret: Value = {"name": "KEY", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:k"}
    task, _ = job_examples.worker(logConfiguration=log)
    graph = changed(IDLE, "task", container_definitions=task.props["container_definitions"])
    (found,) = judge(graph, today=TODAY, rules=[RULES["ML306"]]).objections
    assert found.finding.message == (
        "NAT gateway 'out' leads out what no security group of its VPC lets out, for $33 a month"
        " ($0.045 an hour, 2024-07-01)"
    )
    # Three of $0.01 an hour in one zone.
    assert found.finding.instead == (
        "no NAT gateway; first interface endpoints for ecr.api, ecr.dkr, logs ($22 a month)"
    )
    task, _ = job_examples.worker(logConfiguration=log, secrets=(secret,))
    placed = {
        "subnets": (Ref("private", "id"), "subnet-2"),
        "security_groups": (Ref("workers", "id"),),
    }
    graph = changed(IDLE, "task", container_definitions=task.props["container_definitions"])
    assert words(changed(graph, "web", network_configuration=placed)) == []
    there = [
        interface(name, service)
        for name, service in (("a", "ecr.api"), ("b", "ecr.dkr"), ("c", "logs"), ("d", "secretsmanager"))
    ]
    assert words(changed(graph, "web", *there, network_configuration=placed)) == ["idle"]


def test_the_page_has_the_figures_of_the_catalogue() -> None:
    nat, endpoint = ("AmazonEC2", "nat-gateway"), ("AmazonVPC", "interface-endpoint")
    found = {}
    for service, item in (nat, endpoint):
        for part in ("Hours", "Data"):
            one = price(service, item, "us-east-1", part)
            assert one is not None and one.source.startswith("infracost/")
            found[item, part] = one
    text = " ".join(RULES["ML306"].text.split())
    usd = {key: f"${one.usd:g}" for key, one in found.items()}
    dates = {key[0]: one.date for key, one in found.items()}
    assert (
        f"NAT was {usd['nat-gateway', 'Hours']} an hour and {usd['nat-gateway', 'Data']} a gigabyte"
        f" ({dates['nat-gateway']}), an interface endpoint {usd['interface-endpoint', 'Hours']} an hour in each zone"
        f" and {usd['interface-endpoint', 'Data']} a gigabyte ({dates['interface-endpoint']};"
    ) in text
    saved = found["nat-gateway", "Data"].usd - found["interface-endpoint", "Data"].usd
    pays_off = 2 * 730 * found["interface-endpoint", "Hours"].usd / saved
    assert f"from {pays_off:.0f} gigabytes a month on" in text


def interface(name: str, service: str) -> Resource:
    props: dict[str, Value] = {
        "vpc_id": Ref("network", "id"),
        "service_name": f"com.amazonaws.us-east-1.{service}",
        "vpc_endpoint_type": "Interface",
    }
    return Resource(f"endpoint-{name}", "aws.ec2.VpcEndpoint", props)
