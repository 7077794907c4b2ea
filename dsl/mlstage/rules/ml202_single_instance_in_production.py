"""ML202: a production endpoint that one failure takes away."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import NO, YES, Answer, Truth, when
from mlstage.rules.views.fleets import Part, fleets


@dataclass(frozen=True, slots=True)
class SingleInstance:
    """How many instances must at least serve."""

    minimum: int = 2


@stack_rule(
    id="ML202",
    name="single-instance-in-production",
    title="Production endpoint that may run on a single instance",
    levels=in_production(),
    fix="replicas=Autoscale(min=2, …): a minimum, or an initial count, of two or more",
    elsewhere="a minimum, or an initial count, of two or more",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-best-practices.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html",
    ),
    options=SingleInstance,
)
def single_instance_in_production(graph: Graph, about: About) -> Iterator[Answer]:
    """One instance is one zone: when it fails, or AWS replaces it, nothing answers until another has loaded the model.

    SageMaker spreads two or more instances of an endpoint over availability zones, ECS the tasks of a service, and
    Kubernetes the pods of a Deployment. What counts is the number that is certain: auto-scaling's minimum where there
    is any, else the initial or desired count; the variants of an endpoint count together. Async endpoints, services
    without callers, serverless variants and services with one task on each machine are not meant here.
    """
    minimum = about.options(SingleInstance).minimum
    for fleet in fleets(graph):
        yield from fleet.unseen()
        if not fleet.parts:
            continue
        first = fleet.parts[0]
        number = first.minimum.number or first.default
        yield from when(
            fleet.is_realtime & fleet.is_counted & _fewer(fleet.parts, minimum),
            first.minimum,
            f"{about.call(fleet.resource)} may run on {number} {fleet.unit}{'' if number == 1 else 's'}"
            f" ({first.minimum.path.rpartition('.')[2]}={number}); {minimum} are needed",
        )


def _fewer(parts: Sequence[Part], minimum: int) -> Truth:
    """Say whether the certain instances of all parts are fewer than needed; what is known may be enough."""
    counts = [part.minimum for part in parts]
    if sum(count.number or 0 for count in counts) >= minimum:
        return NO
    open_counts = [count.gap() for count in counts if count.number is None and count.value is not None]
    # A target that is not known yet may set the minimum.
    open_scaling = [part.is_scaled for part in parts if part.is_scaled.value is None]
    return next(iter((*open_counts, *open_scaling)), YES)


@single_instance_in_production.bad(
    "scorer-scaling",
    "min_capacity",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=1, max=8, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def scaled_down_to_one() -> Graph:
    """An endpoint that scales down to one instance."""
    return examples.in_production_stack(
        examples.configuration(count=1), examples.endpoint(), *examples.scaling(minimum=1), groups=examples.realtime()
    )


@single_instance_in_production.good(
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
def never_less_than_two() -> Graph:
    """An endpoint that keeps two instances."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@single_instance_in_production.good()
def one_instance_in_test() -> Graph:
    """One instance in test, where nobody waits."""
    return examples.in_test_stack(examples.configuration(count=1), examples.endpoint(), groups=examples.realtime())


@single_instance_in_production.bad("web-scaling", "min_capacity")
def service_down_to_one_task() -> Graph:
    """An ECS service behind a load balancer that scales down to one task."""
    return examples.in_production_stack(examples.service(), *examples.service_scaling(minimum=1))


@single_instance_in_production.bad("web-scaler", "spec.min_replicas")
def deployment_down_to_one_pod() -> Graph:
    """A Deployment behind a Service that scales down to one pod."""
    return examples.in_production_stack(
        *examples.deployment(), examples.autoscaler(minimum=1), examples.disruption_budget()
    )
