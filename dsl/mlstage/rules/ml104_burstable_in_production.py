"""ML104: burstable instances under a production endpoint."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.endpoints import CONFIGURATION, Configuration
from mlstage.rules.views.groups import machine_types
from mlstage.rules.views.machines import is_burstable
from mlstage.rules.views.nodes import placement_of
from mlstage.rules.views.pods import pods_of
from mlstage.rules.views.services import SERVICE, Capacity, Service


@resource_rule(
    id="ML104",
    name="burstable-in-production",
    title="Burstable instances under a production endpoint",
    types=(CONFIGURATION,),
    levels=in_production(),
    fix='instance=per_stage(test="ml.t2.medium", prod="ml.m5.large"), for example',
    elsewhere="a type of steady performance, such as ml.m5.large",
    sources=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html",
    ),
)
def burstable_in_production(resource: Resource, about: About) -> Iterator[Answer]:
    """T instances slow down to a fraction of a CPU once their credits are spent, which is when load is highest.

    Nothing fails: latency rises, requests queue and time out. SageMaker does not auto-scale burstable instances
    either, so no others come to help. On ECS and EKS the machines under what callers wait for are meant: those of an
    auto-scaling group behind the service's capacity provider, and those of the pool or node group that pods ask for.
    """
    for variant in Configuration(resource).variants():
        yield from when(
            is_burstable(variant.instance_type),
            variant.instance_type,
            f"{about.call(resource)} runs on {variant.instance_type.shown}, which is burstable",
        )


@burstable_in_production.over_stack
def _under_services(graph: Graph, about: About) -> Iterator[Answer]:
    capacity = Capacity(graph)
    for resource in graph.of(SERVICE):
        service = Service(resource)
        for group in capacity.groups(service):
            for kind in machine_types(graph, group):
                yield from when(
                    service.is_realtime & is_burstable(kind),
                    kind,
                    f"{about.call(resource)} runs on {kind.shown}, which is burstable",
                    instead="instance types of steady performance, such as m7i.large",
                )
    pods, placement = pods_of(graph), placement_of(graph)
    for resource in pods.deployments:
        for nodes in placement.of(resource):
            for kind in nodes.instance_types():
                yield from when(
                    pods.is_realtime(resource) & is_burstable(kind),
                    kind,
                    f"{about.call(resource)} may run on {kind.shown}, which is burstable",
                    instead="instance types of steady performance, such as m7i.large",
                )


@burstable_in_production.bad(
    "scorer-config",
    "production_variants[0].instance_type",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.t2.medium"),
    replicas=2,
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_on_burstable_instances() -> Graph:
    """An endpoint on burstable instances, in production."""
    return examples.in_production_stack(
        examples.configuration("ml.t2.medium"), examples.endpoint(), groups=examples.realtime()
    )


@burstable_in_production.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance=per_stage(test="ml.t2.medium", prod="ml.m5.large")),
    replicas=per_stage(test=1, prod=Autoscale(min=2, max=8, target=InvocationsPerInstance(600))),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def endpoint_on_steady_instances() -> Graph:
    """An endpoint on instances of steady performance."""
    return examples.in_production_stack(
        examples.configuration("ml.m5.large"), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@burstable_in_production.good()
def burstable_in_test() -> Graph:
    """The same in test, where it is the right choice."""
    return examples.in_test_stack(
        examples.configuration("ml.t2.medium", 1), examples.endpoint(), groups=examples.realtime()
    )


@burstable_in_production.bad("group", "mixed_instances_policy.launch_template.overrides[1].instance_type")
def service_on_burstable_machines() -> Graph:
    """An ECS service behind a load balancer, some of whose machines are burstable."""
    provider: Value = {"auto_scaling_group_arn": Ref("group", "arn")}
    return examples.in_production_stack(
        *examples.machines("m7i.xlarge", "t3.xlarge", template="m7i.xlarge"),
        Resource("steady", "aws.ecs.CapacityProvider", {"auto_scaling_group_provider": provider}),
        examples.service(Ref("steady", "name")),
        *examples.service_scaling(),
    )


@burstable_in_production.bad("nodes", "instance_types[0]")
def deployment_on_burstable_nodes() -> Graph:
    """A Deployment behind a Service, whose pods ask for a node group of burstable machines."""
    return examples.in_production_stack(
        examples.node_group("ON_DEMAND", "t3.xlarge"),
        *examples.deployment(node_selector={"pool": "scoring"}),
        examples.autoscaler(),
        examples.disruption_budget(),
    )
