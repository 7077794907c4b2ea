"""ML304: test endpoints that wait all night for nobody."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.catalog.prices import HOME, price
from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_test, stack_rule
from mlstage.rules.truth import NO, YES, Answer, Truth, when
from mlstage.rules.views.endpoints import Served, endpoints
from mlstage.rules.views.nights import Nights

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
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html",
    ),
    options=IdleAtNight,
)
def idle_endpoint_at_night_in_test(graph: Graph, about: About) -> Iterator[Answer]:
    """Nobody tests at night or on Sunday, which is two thirds of what an endpoint on instances costs.

    Objected to is a real-time endpoint whose certain instances cost more than `monthly_usd` outside working hours, by
    the catalogue's price. An endpoint that goes down to none, one whose scalable target has a scheduled action, and one
    that a schedule of EventBridge Scheduler deletes, are fine, as are serverless variants.
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
