"""ML210: a fixed number of warm places."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.functions import PROVISIONED, functions_of


@stack_rule(
    id="ML210",
    name="provisioned-without-scaling",
    title="Provisioned concurrency that does not follow the load",
    levels=in_production(Level.ADVISORY),
    fix="provisioned=Autoscale(min=1, max=10, target=ProvisionedConcurrencyUtilization(70))",
    elsewhere="a scalable target for the alias, and a policy on LambdaProvisionedConcurrencyUtilization",
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html#managing-provisioned-concurency",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html",
    ),
)
def provisioned_without_scaling(graph: Graph, about: About) -> Iterator[Answer]:
    """Warm places cost by the hour: a fixed number idles at night, and what comes above it at noon starts cold.

    A scalable target of the alias, or of the serverless variant, moves the number with its use. Meant are provisioned
    concurrency of functions and of SageMaker's serverless variants.
    """
    for config, is_scaled in functions_of(graph).provisioned():
        count = field(config, "provisioned_concurrent_executions")
        yield from when(~is_scaled, count, f"{about.call(config)} keeps {count.shown} places warm, day and night")
    for endpoint in endpoints(graph):
        for served in endpoint.served:
            count = served.variant.at["serverless_config"]["provisioned_concurrency"]
            yield from when(
                count.is_given() & ~count.is_below(1) & ~served.is_scaled,
                count,
                f"{about.call(endpoint.resource)} keeps {count.shown} places warm, day and night",
            )


def _five() -> Resource:
    return Resource(
        "scorer-warm",
        PROVISIONED,
        {
            "function_name": Ref("scorer-function", "name"),
            "qualifier": Ref("scorer-alias", "name"),
            "provisioned_concurrent_executions": 5,
        },
    )


@provisioned_without_scaling.bad("scorer-warm", "provisioned_concurrent_executions")
def five_places_day_and_night() -> Graph:
    """A function with five warm places."""
    return examples.in_production_stack(*examples.function(), examples.function_url(), _five())


@provisioned_without_scaling.bad(
    "scorer-config",
    "production_variants[0].serverless_config.provisioned_concurrency",
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMakerServerless(memory="2GB", concurrency=10, provisioned=2),
)
""",
)
def serverless_endpoint_with_two_places() -> Graph:
    """A serverless endpoint with two warm places."""
    return examples.in_production_stack(
        examples.serverless(provisioned=2), examples.endpoint(), groups=examples.realtime()
    )


@provisioned_without_scaling.good()
def places_that_follow_the_load() -> Graph:
    """A serverless endpoint whose warm places follow the load."""
    return examples.in_production_stack(
        examples.serverless(provisioned=2),
        examples.endpoint(),
        *examples.scaling(dimension="sagemaker:variant:DesiredProvisionedConcurrency"),
        groups=examples.realtime(),
    )
