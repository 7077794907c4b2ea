"""ML101: Spot under an endpoint whose callers wait."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.endpoints import ENDPOINT
from mlstage.rules.views.groups import GROUP, group_is_spot
from mlstage.rules.views.nodes import placement_of
from mlstage.rules.views.pods import pods_of
from mlstage.rules.views.services import SERVICE, Capacity, Service, strategies


@resource_rule(
    id="ML101",
    name="spot-on-real-time",
    title="Real-time endpoint on Spot capacity",
    types=(ENDPOINT, SERVICE),
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="purchase=OnDemand(), or make it an AsyncEndpoint, which can wait",
    elsewhere="capacity on demand for what callers wait for; async endpoints, and services fed from a queue, can be"
    " on Spot",
    sources=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
    ),
)
def spot_on_real_time(resource: Resource, about: About) -> Iterator[Answer]:
    """AWS takes Spot capacity back with two minutes' notice; requests in flight are lost.

    Two minutes are less than a model server needs to start elsewhere and load its model, and a zone that reclaims one
    Spot instance often reclaims several at once. Jobs that can be started again (training, batch, asynchronous
    inference) are where Spot pays.

    SageMaker itself sells no Spot hosting: an endpoint counts as such when it is tagged `mlstage:purchase` = `spot`,
    which is what `purchase=Spot()` in a spec becomes. An ECS service counts when a load balancer passes requests on to
    it and its tasks are placed on Fargate Spot or, through a capacity provider of the same stack, on EC2 Spot, and so
    does an auto-scaling group with a target group of its own. A Deployment counts when a Service selects its pods and
    they ask for Spot, or for a Karpenter pool or node group of the same stack that buys it.
    """
    if resource.type == ENDPOINT:
        purchase = field(resource, "tags")["mlstage:purchase"]
        yield from when(purchase.is_one_of("spot"), purchase, f"{about.call(resource)} runs on Spot")
        return
    service = Service(resource)
    for strategy in strategies(service.strategy):
        yield from when(
            service.is_realtime & strategy.is_fargate_spot & strategy.is_used,
            strategy.provider,
            f"{about.call(resource)} answers requests on {strategy.provider.shown}",
            instead='capacity_provider="FARGATE", or feed the service from a queue instead of a load balancer',
        )


@spot_on_real_time.over_stack
def _by_relations(graph: Graph, about: About) -> Iterator[Answer]:
    yield from _of_services(graph, about)
    yield from _of_groups(graph, about)
    yield from _of_deployments(graph, about)


def _of_services(graph: Graph, about: About) -> Iterator[Answer]:
    capacity = Capacity(graph)
    for resource in graph.of(SERVICE):
        service = Service(resource)
        inherited = [strategy.is_fargate_spot & strategy.is_used for strategy in capacity.default_strategy(service)]
        for is_spot in inherited:
            yield from when(
                service.is_realtime & is_spot,
                service.strategy,
                f"{about.call(resource)} answers requests on FARGATE_SPOT, its cluster's default",
                instead='capacity_provider="FARGATE" in a strategy of its own',
            )
        for strategy in (*strategies(service.strategy), *capacity.default_strategy(service)):
            yield from when(
                service.is_realtime & strategy.is_used & capacity.is_spot(strategy),
                strategy.provider,
                f"{about.call(resource)} answers requests on EC2 Spot instances",
                instead="a capacity provider whose auto-scaling group has On-Demand instances only",
            )


def _of_groups(graph: Graph, about: About) -> Iterator[Answer]:
    for group in graph.of(GROUP):
        for place in (field(group, key) for key in ("target_group_arns", "load_balancers", "traffic_sources")):
            yield from when(
                place.is_given() & group_is_spot(graph, group),
                place,
                f"{about.call(group)} answers requests on EC2 Spot instances",
                instead="On-Demand instances: on_demand_percentage_above_base_capacity=100, no `spot` in the template",
            )


def _of_deployments(graph: Graph, about: About) -> Iterator[Answer]:
    pods, placement = pods_of(graph), placement_of(graph)
    for resource in pods.deployments:
        at, on_spot = placement.is_spot(resource)
        yield from when(
            pods.is_realtime(resource) & on_spot,
            at,
            f"{about.call(resource)} answers requests on Spot nodes",
            instead="a pool whose `karpenter.sh/capacity-type` is on-demand only, or an on-demand node group",
        )


@spot_on_real_time.bad(
    "scorer-endpoint",
    "tags.mlstage:purchase",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    purchase=Spot(),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_bought_as_spot() -> Graph:
    """An endpoint bought as Spot."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(tags={"mlstage:purchase": "spot"}),
        *examples.scaling(),
        groups=examples.realtime(),
    )


@spot_on_real_time.bad("web", "capacity_provider_strategies[0].capacity_provider")
def service_on_fargate_spot() -> Graph:
    """An ECS service behind a load balancer, on Fargate Spot."""
    return examples.in_production_stack(examples.service("FARGATE_SPOT"), *examples.service_scaling())


@spot_on_real_time.bad("web", "capacity_provider_strategies[0].capacity_provider")
def service_on_spot_instances() -> Graph:
    """An ECS service behind a load balancer, on EC2 instances that a launch template buys as Spot."""
    return examples.in_production_stack(
        Resource(
            "machines",
            "aws.ec2.LaunchTemplate",
            {
                "instance_type": "c6i.xlarge",
                "instance_market_options": {"market_type": "spot"},
                "block_device_mappings": ({"device_name": "/dev/xvda", "ebs": {"encrypted": "true"}},),
            },
        ),
        Resource(
            "group",
            "aws.autoscaling.Group",
            {"min_size": 2, "max_size": 6, "launch_template": {"id": Ref("machines", "id"), "version": "$Latest"}},
        ),
        Resource(
            "cheap",
            "aws.ecs.CapacityProvider",
            {"auto_scaling_group_provider": {"auto_scaling_group_arn": Ref("group", "arn")}},
        ),
        examples.service(Ref("cheap", "name")),
        *examples.service_scaling(),
    )


@spot_on_real_time.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_on_demand() -> Graph:
    """An endpoint on demand."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@spot_on_real_time.good()
def worker_on_fargate_spot() -> Graph:
    """An ECS service that nobody waits for, on Fargate Spot."""
    return examples.in_production_stack(*job_examples.worker("FARGATE_SPOT"))


@spot_on_real_time.bad("web", "spec.template.spec.node_selector")
def deployment_on_a_spot_pool() -> Graph:
    """A Deployment behind a Service, whose pods ask for a Karpenter pool that buys Spot."""
    pool = examples.node_pool("spot", "on-demand")
    return examples.in_production_stack(
        pool,
        *examples.deployment(node_selector={"pool": "scoring"}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )


@spot_on_real_time.bad("web", "spec.template.spec.node_selector")
def deployment_on_a_spot_node_group() -> Graph:
    """A Deployment behind a Service, whose pods ask for a node group of Spot instances."""
    return examples.in_production_stack(
        examples.node_group("SPOT"),
        *examples.deployment(node_selector={"pool": "scoring"}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )


@spot_on_real_time.good()
def deployment_on_demand() -> Graph:
    """A Deployment behind a Service, whose pods ask for a Karpenter pool on demand."""
    return examples.in_production_stack(
        examples.node_pool("on-demand"),
        *examples.deployment(node_selector={"pool": "scoring"}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )
