"""ML203: auto-scaling that cannot scale."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, resource_rule
from mlstage.rules.truth import NO, Answer, Field, Truth, truth, when
from mlstage.rules.views.bounds import BOUNDED, bounds


@resource_rule(
    id="ML203",
    name="minimum-equals-maximum",
    title="Auto-scaling whose minimum is its maximum",
    types=BOUNDED,
    levels=in_production(),
    fix="replicas=Autoscale(min=2, max=8, …): a maximum above the minimum",
    elsewhere="a maximum above the minimum",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html",
    ),
)
def minimum_equals_maximum(resource: Resource, about: About) -> Iterator[Answer]:
    """It looks like auto-scaling in every review and never adds an instance: a policy moves within its bounds only.

    Often it is what is left of an incident, when somebody held the number by hand. Say a fixed number where one is
    meant. Meant are scalable targets, SageMaker's own scaling of a variant, and the HorizontalPodAutoscaler.
    """
    for low, high in bounds(resource):
        yield from when(
            _equal(low, high),
            high,
            f"{about.call(resource)} scales between {low.shown} and {high.shown}, which is not at all",
        )


def _equal(low: Field, high: Field) -> Truth:
    if low.value is None or high.value is None:
        return NO
    unread = next((one for one in (low, high) if one.number is None), None)
    return unread.gap() if unread else truth(low.number == high.number)


@minimum_equals_maximum.bad(
    "scorer-scaling",
    "max_capacity",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=3, max=3, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def bounds_of_an_endpoint() -> Graph:
    """An endpoint between three instances and three."""
    return examples.in_production_stack(
        examples.configuration(count=3), examples.endpoint(), *examples.scaling(3, 3), groups=examples.realtime()
    )


@minimum_equals_maximum.bad("web-scaling", "max_capacity")
def bounds_of_a_service() -> Graph:
    """An ECS service between four tasks and four."""
    return examples.in_production_stack(examples.service(count=4), *examples.service_scaling(4, 4))


@minimum_equals_maximum.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=3, max=9, target=InvocationsPerInstance(600)),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def room_to_grow() -> Graph:
    """An endpoint between three instances and nine."""
    return examples.in_production_stack(
        examples.configuration(count=3), examples.endpoint(), *examples.scaling(3, 9), groups=examples.realtime()
    )
