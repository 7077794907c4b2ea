"""ML204: production in one availability zone."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.placements import placements


@stack_rule(
    id="ML204",
    name="single-zone",
    title="Production service in a single availability zone",
    levels=in_production(),
    fix="subnets of two or more availability zones: Network(subnets=(…, …)), or a network of the stack's own",
    elsewhere="subnets of two or more availability zones",
    sources=(
        "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-best-practices.html",
    ),
)
def single_zone(graph: Graph, about: About) -> Iterator[Answer]:
    """A zone fails now and then, and runs out of a machine type more often: all copies in one zone fail together.

    Meant is what callers wait for: the models of real-time endpoints, ECS services behind a load balancer and the
    machines under them, load balancers themselves, functions in a VPC, and Deployments behind a Service whose pods ask
    for one zone, or for nodes of one. One subnet is one zone; several are one if
    all of them name the same. Subnets of another stack are taken for those of different zones.
    """
    for placement in placements(graph):
        yield from when(
            placement.is_realtime & placement.is_one_zone,
            placement.at,
            f"{about.call(placement.resource)} stands in one availability zone",
        )


_FIRST, _SECOND = "subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"


def _network(*subnets: Value) -> dict[str, Value]:
    return {"subnets": subnets, "security_groups": ("sg-0a1b2c3d4e5f60718",), "assign_public_ip": False}


def _subnets(*zones: str) -> tuple[Resource, ...]:
    return tuple(
        Resource(
            f"subnet-{number}",
            "aws.ec2.Subnet",
            {"vpc_id": "vpc-0a1b2c3d4e5f60718", "cidr_block": f"10.0.{number}.0/24", "availability_zone": zone},
        )
        for number, zone in enumerate(zones)
    )


@single_zone.bad("web", "network_configuration.subnets")
def service_in_one_subnet() -> Graph:
    """An ECS service in one subnet."""
    return examples.in_production_stack(
        examples.service(network_configuration=_network(_FIRST)), *examples.service_scaling()
    )


@single_zone.bad("web", "network_configuration.subnets")
def service_in_two_subnets_of_one_zone() -> Graph:
    """An ECS service in two subnets of the same zone."""
    places = (Ref("subnet-0", "id"), Ref("subnet-1", "id"))
    return examples.in_production_stack(
        *_subnets("us-east-1a", "us-east-1a"),
        examples.service(network_configuration=_network(*places)),
        *examples.service_scaling(),
    )


@single_zone.bad("scorer-model", "vpc_config.subnets")
def endpoint_in_one_subnet() -> Graph:
    """An endpoint whose model is in one subnet."""
    network: dict[str, Value] = {"subnets": (_FIRST,), "security_group_ids": ("sg-0a1b2c3d4e5f60718",)}
    return examples.in_production_stack(
        examples.model(vpc_config=network),
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@single_zone.good()
def service_in_two_zones() -> Graph:
    """An ECS service in subnets of two zones."""
    places = (Ref("subnet-0", "id"), Ref("subnet-1", "id"))
    return examples.in_production_stack(
        *_subnets("us-east-1a", "us-east-1b"),
        examples.service(network_configuration=_network(*places)),
        *examples.service_scaling(),
    )


@single_zone.good()
def endpoint_in_two_subnets() -> Graph:
    """An endpoint whose model is in two subnets of another stack."""
    network: dict[str, Value] = {"subnets": (_FIRST, _SECOND), "security_group_ids": ("sg-0a1b2c3d4e5f60718",)}
    return examples.in_production_stack(
        examples.model(vpc_config=network),
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@single_zone.bad("web", "spec.template.spec.node_selector.topology.kubernetes.io/zone")
def pods_that_ask_for_a_zone() -> Graph:
    """A Deployment behind a Service, whose pods ask for one zone."""
    return examples.in_production_stack(
        *examples.deployment(node_selector={"topology.kubernetes.io/zone": "us-east-1a"}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )
