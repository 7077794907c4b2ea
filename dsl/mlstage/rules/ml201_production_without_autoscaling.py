"""ML201: a production endpoint of fixed size."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.fleets import fleets


@stack_rule(
    id="ML201",
    name="production-without-autoscaling",
    title="Production endpoint without auto-scaling",
    levels=in_production(),
    fix="replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)): a scalable target and a policy",
    elsewhere="a scalable target of Application Auto Scaling and a policy that moves it; for a Deployment a"
    " HorizontalPodAutoscaler",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html",
    ),
)
def production_without_autoscaling(graph: Graph, about: About) -> Iterator[Answer]:
    """A fixed number of instances is too few at the peak, when requests fail, and too many at night, when they idle.

    An endpoint's variant scales when a scalable target names it and a scaling policy names the target, or when
    SageMaker manages its instances; an ECS service behind a load balancer scales by a target and a policy as well, a
    Deployment behind a Service by a HorizontalPodAutoscaler. Async endpoints, services without callers, serverless
    variants, and burstable instances, which SageMaker does not scale, are not meant here.
    """
    for fleet in fleets(graph):
        yield from fleet.unseen()
        for part in fleet.parts:
            number = str(part.default) if part.count.value is None else part.count.shown
            yield from when(
                fleet.is_realtime & fleet.is_counted & part.can_scale & ~part.is_scaled,
                part.count,
                f"{about.call(fleet.resource)} does not scale ({part.count.path.rpartition('.')[2]}={number})",
                instead=_INSTEAD.get(fleet.unit, "") if fleet.resource.workload else "",
            )


# What an author writes is nearly the same for every target; what it becomes is not.
_INSTEAD = {
    "task": "replicas=Autoscale(min=2, max=8, target=CpuUtilization(60)): a scalable target and a policy",
    "pod": "replicas=Autoscale(min=2, max=8, target=CpuUtilization(60)): a HorizontalPodAutoscaler",
}


@production_without_autoscaling.bad(
    "scorer-config",
    "production_variants[0].initial_instance_count",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=3,
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def fixed_number_of_instances() -> Graph:
    """Three instances, day and night."""
    return examples.in_production_stack(
        examples.configuration(count=3), examples.endpoint(), groups=examples.realtime()
    )


@production_without_autoscaling.bad("scorer-config", "production_variants[0].initial_instance_count")
def target_without_policy() -> Graph:
    """A scalable target that no policy scales."""
    target, _ = examples.scaling()
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), target, groups=examples.realtime()
    )


@production_without_autoscaling.good(
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
def scaled_endpoint() -> Graph:
    """As many instances as the load needs."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@production_without_autoscaling.good()
def async_endpoint() -> Graph:
    """An async endpoint: its callers can wait for the one instance."""
    output = {"output_config": {"s3_output_path": "s3://acme-ml-data/fraud/answers/"}}
    return examples.in_production_stack(examples.configuration(async_inference_config=output), examples.endpoint())


@production_without_autoscaling.bad("web", "desired_count")
def service_of_fixed_size() -> Graph:
    """An ECS service behind a load balancer, always two tasks."""
    return examples.in_production_stack(examples.service())


@production_without_autoscaling.bad("web", "spec.replicas")
def deployment_of_fixed_size() -> Graph:
    """A Deployment behind a Service, always three pods."""
    return examples.in_production_stack(*examples.deployment(replicas=3), examples.disruption_budget())


@production_without_autoscaling.good()
def scaled_deployment() -> Graph:
    """A Deployment with as many pods as the load needs."""
    return examples.in_production_stack(*examples.deployment(), examples.autoscaler(), examples.disruption_budget())
