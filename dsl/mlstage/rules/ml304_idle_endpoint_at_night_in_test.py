"""ML304: test endpoints that wait all night for nobody."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.catalog.prices import HOME, price
from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_test, stack_rule
from mlstage.rules.truth import NO, YES, Answer, Truth, field, truth, when
from mlstage.rules.views.endpoints import Served, endpoints
from mlstage.rules.views.fargate import hourly, on_fargate
from mlstage.rules.views.fleets import Fleet, fleets
from mlstage.rules.views.nights import Nights
from mlstage.rules.views.services import Service

# A calendar month's hours beyond 50 of work a week, which nobody tests in: 730 - 50 * 730 / 168.
NIGHT_HOURS = 730 - round(50 * 730 / 168)


@dataclass(frozen=True, slots=True)
class IdleAtNight:
    """What the nights and weekends of one endpoint may cost in whole US dollars a month without anybody minding."""

    monthly_usd: int = 150


@stack_rule(
    id="ML304",
    name="idle-endpoint-at-night-in-test",
    title="Endpoint in test that waits all night on machines",
    levels=in_test(),
    fix="on=SageMakerServerless(…) in test, an AsyncEndpoint with min=0, a scheduled action that lowers it in the"
    " evening, or `mlstage destroy --stack test` on a schedule",
    elsewhere="a serverless endpoint in test, an async one that scales to none, or a scheduled action that lowers"
    " it in the evening",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html",
    ),
    options=IdleAtNight,
)
def idle_endpoint_at_night_in_test(graph: Graph, about: About) -> Iterator[Answer]:
    """Nobody tests at night or on Sunday, which is two thirds of what an endpoint on instances costs.

    Objected to is a real-time endpoint on SageMaker, or a service on Fargate behind a load balancer, whose certain
    instances or tasks cost more than `monthly_usd` outside working hours, by the catalogue's price. One that goes down
    to none, one whose scalable target has a scheduled action, and an endpoint that a schedule of EventBridge Scheduler
    deletes, are fine, as are serverless variants.
    """
    nights = Nights(graph)
    limit = about.options(IdleAtNight).monthly_usd
    for endpoint in endpoints(graph):
        if not endpoint.served:
            yield from when(endpoint.is_realtime, endpoint.link.field, "")
            continue
        cared_for = nights.lower(endpoint.resource) | nights.delete(endpoint.resource)
        costs = [_night(served, graph.region) for served in endpoint.served]
        known = sum(cost for cost in costs if cost is not None)
        variant = endpoint.served[0].variant
        yield from when(
            endpoint.is_realtime & ~cared_for & _above(endpoint.served, costs, known, limit),
            variant.instance_type,
            f"{about.call(endpoint.resource)} runs on {variant.instance_type.shown} through nights and weekends, for"
            f" ${known:,.0f} a month",
        )
    for fleet in fleets(graph):
        if fleet.unit == "task":
            yield from _service(graph, fleet, nights, about)


def _service(graph: Graph, fleet: Fleet, nights: Nights, about: About) -> Iterator[Answer]:
    service, (part, *_) = Service(fleet.resource), fleet.parts
    count = part.default if part.minimum.value is None else part.minimum.number
    one = hourly(graph, service)
    cost = None if one is None or count is None else one * count * NIGHT_HOURS
    gap = part.minimum if count is None else field(fleet.resource, "task_definition")
    dear = (
        gap.gap("what it costs is not known") if cost is None else truth(cost > about.options(IdleAtNight).monthly_usd)
    )
    yield from when(
        fleet.is_realtime & on_fargate(service) & ~nights.lower(fleet.resource) & dear,
        part.count,
        f"{about.call(fleet.resource)} runs {count} tasks through nights and weekends, for ${cost or 0:,.0f} a month",
    )


def _night(served: Served, region: str) -> float | None:
    """Price the hours outside work of a variant's certain instances; None where that cannot be known."""
    if served.variant.on_instances.value is False:
        return 0.0
    name, count = served.variant.instance_type.text, served.minimum.number
    found = price("AmazonSageMaker", name, region or HOME, "Hosting") if name else None
    if found is None and name:
        found = price("AmazonSageMaker", name, HOME, "Hosting")
    return None if found is None or count is None else found.usd * count * NIGHT_HOURS


def _above(served: tuple[Served, ...], costs: list[float | None], known: float, limit: int) -> Truth:
    if known > limit:
        return YES
    for one, cost in zip(served, costs, strict=True):
        if cost is None:
            place = one.variant.instance_type if one.variant.instance_type.text is None else one.minimum
            return place.gap("what it costs is not known")
    return NO


def _evening() -> Resource:
    action: dict[str, Value] = {
        "name": "evening",
        "schedule": "cron(0 18 * * ? *)",
        "service_namespace": Ref("scorer-scaling", "service_namespace"),
        "scalable_dimension": Ref("scorer-scaling", "scalable_dimension"),
        "resource_id": Ref("scorer-scaling", "resource_id"),
        "scalable_target_action": {"min_capacity": 1, "max_capacity": 1},
    }
    return Resource("scorer-evening", "aws.appautoscaling.ScheduledAction", action, workload="scorer")


@idle_endpoint_at_night_in_test.bad(
    "scorer-config",
    "production_variants[0].instance_type",
    spec="""
RealtimeEndpoint(name="scorer", model=model, on=SageMaker(instance="ml.m5.2xlarge"), replicas=2)
""",
)
def two_machines_all_night() -> Graph:
    """Two instances in test, all night."""
    return examples.in_test_stack(
        examples.configuration("ml.m5.2xlarge"), examples.endpoint(), groups=examples.realtime()
    )


@idle_endpoint_at_night_in_test.bad("web", "desired_count")
def four_tasks_all_night() -> Graph:
    """Four large tasks on Fargate in test, all night."""
    container: Value = {"name": "scorer", "image": f"{examples.REGISTRY}/fraud-scorer:1.7-1"}
    task = examples.task(container).with_props(requires_compatibilities=("FARGATE",))
    service = examples.service(count=4).with_props(task_definition=Ref("task", "arn"))
    return examples.in_test_stack(task, service)


@idle_endpoint_at_night_in_test.good(
    spec="""
RealtimeEndpoint(name="scorer", model=model, on=SageMakerServerless(memory="2GB", concurrency=5))
""",
)
def serverless_in_test() -> Graph:
    """A serverless endpoint, which costs nothing while nobody asks."""
    variant: Value = {
        "variant_name": "AllTraffic",
        "model_name": "fraud-xgboost",
        "serverless_config": {"memory_size_in_mb": 2048, "max_concurrency": 5},
    }
    configuration = examples.configuration(captured=False, encrypted=False).with_props(production_variants=(variant,))
    return examples.in_test_stack(configuration, examples.endpoint(), groups=examples.realtime())


@idle_endpoint_at_night_in_test.good()
def lowered_in_the_evening() -> Graph:
    """An endpoint that a scheduled action lowers to one instance in the evening."""
    return examples.in_test_stack(
        examples.configuration("ml.m5.2xlarge"),
        examples.endpoint(),
        *examples.scaling(),
        _evening(),
        groups=examples.realtime(),
    )


@idle_endpoint_at_night_in_test.good()
def one_small_machine() -> Graph:
    """One small instance, whose nights cost less than the time to think of them."""
    return examples.in_test_stack(
        examples.configuration("ml.m5.large", 1), examples.endpoint(), groups=examples.realtime()
    )
