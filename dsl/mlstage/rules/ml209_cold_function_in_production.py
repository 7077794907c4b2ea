"""ML209: callers that wait for a function to start."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.functions import FUNCTION, functions_of


@stack_rule(
    id="ML209",
    name="cold-function-in-production",
    title="Function with a model, whose callers wait for cold starts",
    levels=in_production(Level.ADVISORY),
    fix="on=Lambda(provisioned=per_stage(prod=Autoscale(min=1, max=10, …))): provisioned concurrency on its alias",
    elsewhere="an alias of the function with provisioned concurrency, and a scalable target that moves it",
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    ),
)
def cold_function_in_production(graph: Graph, about: About) -> Iterator[Answer]:
    """A function of an image starts anew whenever one more request comes at once: it pulls, imports, loads the model.

    That takes seconds, and happens at every rise of the load, when callers can least wait. Meant are functions made of
    an image that callers reach by a function URL or an HTTP API; those that a queue or a schedule starts can take their
    time. Provisioned concurrency keeps places ready, fixed or scaled.
    """
    functions = functions_of(graph)
    for function in graph.of(FUNCTION):
        image = field(function, "image_uri")
        yield from when(
            image.is_given() & functions.answers_callers(function) & ~functions.is_kept_warm(function),
            image,
            f"{about.call(function)} answers callers and keeps no place warm",
        )


def _warm() -> tuple[Resource, ...]:
    of_function: dict[str, Value] = {
        "service_namespace": "lambda",
        "scalable_dimension": "lambda:function:ProvisionedConcurrency",
        "resource_id": examples.of_alias(),
    }
    target = Resource(
        "scorer-scaling", "aws.appautoscaling.Target", {**of_function, "min_capacity": 2, "max_capacity": 10}
    )
    metric = {"predefined_metric_type": "LambdaProvisionedConcurrencyUtilization"}
    policy: dict[str, Value] = {
        **of_function,
        "policy_type": "TargetTrackingScaling",
        "target_tracking_scaling_policy_configuration": {
            "predefined_metric_specification": metric,
            "target_value": 0.7,
        },
    }
    return target, Resource("scorer-tracking", "aws.appautoscaling.Policy", policy)


@cold_function_in_production.bad("scorer-function", "image_uri")
def function_behind_a_url() -> Graph:
    """A function of an image behind a function URL."""
    return examples.in_production_stack(*examples.function(), examples.function_url())


@cold_function_in_production.good()
def function_kept_warm() -> Graph:
    """A function with as many warm places as the load needs."""
    return examples.in_production_stack(*examples.function(), examples.function_url(), *_warm())


@cold_function_in_production.good()
def function_fed_by_a_queue() -> Graph:
    """A function that nobody waits for."""
    source: dict[str, Value] = {
        "event_source_arn": "arn:aws:sqs:us-east-1:123456789012:requests",
        "function_name": Ref("scorer-alias", "arn"),
    }
    return examples.in_production_stack(
        *examples.function(), Resource("requests", "aws.lambda_.EventSourceMapping", source)
    )
