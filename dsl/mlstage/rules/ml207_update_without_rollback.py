"""ML207: a production update that nothing takes back."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.updates import updates


@stack_rule(
    id="ML207",
    name="update-without-rollback",
    title="Production endpoint whose updates are not taken back when they go wrong",
    levels=in_production(),
    fix="update=Canary(…), which goes back on alarms: the endpoint's `auto_rollback_configuration`",
    elsewhere="alarms in `auto_rollback_configuration` of the endpoint's `deployment_config`",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html",
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
    ),
)
def update_without_rollback(graph: Graph, about: About) -> Iterator[Answer]:
    """A model that loads but answers with errors, or too late, replaces the one that worked, for everybody at once.

    SageMaker moves traffic in steps and goes back by itself if an alarm rings, but only where the endpoint names
    alarms. ECS goes back if new tasks do not come up (`deployment_circuit_breaker` with `rollback`) or an alarm rings
    (`alarms` with `rollback`); what CodeDeploy or another controller does is its own affair. Async endpoints,
    serverless variants, for which SageMaker has no such updates, and services without callers are not meant here.

    A Deployment behind a Service keeps its former pods until new ones are ready, and so needs nothing that takes back,
    unless `Recreate` or a `maxUnavailable` of all pods ends them first, or its deadline for progress is taken away. An
    alias that follows the newest version of its function gives that to all callers of a URL or an HTTP API at once;
    the former version stays, so that one call leads back: asked is an alarm on errors that tells somebody to, weights
    in `routing_config`, or a deployment group of CodeDeploy's for functions, which has to roll back by itself.
    """
    for update in updates(graph):
        yield from when(update.stays, update.at, f"{about.call(update.resource)} {update.lack}", update.instead)


@update_without_rollback.bad("scorer-endpoint", "deployment_config")
def endpoint_all_at_once() -> Graph:
    """An endpoint that says nothing of how it is updated."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(watched=False), *examples.scaling(), groups=examples.realtime()
    )


@update_without_rollback.bad("web", "deployment_circuit_breaker")
def service_that_does_not_go_back() -> Graph:
    """An ECS service whose circuit breaker stops a bad deployment and leaves it there."""
    return examples.in_production_stack(
        examples.service(deployment_circuit_breaker={"enable": True, "rollback": False}), *examples.service_scaling()
    )


@update_without_rollback.good(
    spec="""
RealtimeEndpoint(
    name="scorer",
    model=model,
    on=SageMaker(instance="ml.m5.xlarge"),
    replicas=Autoscale(min=2, max=8, target=InvocationsPerInstance(600)),
    update=Canary(percent=50, watched_for="10m"),
    capture=DataCapture(to="s3://acme-ml-data/fraud/captured/", percent=20),
)
""",
)
def canary_with_alarms() -> Graph:
    """An endpoint that moves half of the traffic first, and goes back when an alarm rings."""
    return examples.in_production_stack(
        examples.configuration(), examples.endpoint(), *examples.scaling(), groups=examples.realtime()
    )


@update_without_rollback.good()
def service_with_circuit_breaker() -> Graph:
    """An ECS service that goes back when new tasks fail."""
    return examples.in_production_stack(examples.service(), *examples.service_scaling())


def _deployment(strategy: Value) -> tuple[Resource, ...]:
    deployment, service = examples.deployment()
    spec = deployment.props["spec"]
    assert isinstance(spec, Mapping)
    updated = deployment.with_props(spec={**spec, "strategy": strategy})
    return updated, service, examples.autoscaler(), examples.disruption_budget()


@update_without_rollback.bad("web", "spec.strategy.type")
def pods_that_end_first() -> Graph:
    """A Deployment behind a Service that ends all its pods before it starts new ones."""
    return examples.in_production_stack(*_deployment({"type": "Recreate"}))


@update_without_rollback.bad("web", "spec.strategy.rolling_update.max_unavailable")
def pods_that_may_all_end() -> Graph:
    """A Deployment behind a Service whose rolling update may end all its pods at once."""
    rolling: Value = {"max_surge": 1, "max_unavailable": "100%"}
    return examples.in_production_stack(*_deployment({"type": "RollingUpdate", "rolling_update": rolling}))


@update_without_rollback.good()
def pods_that_stay_until_others_are_ready() -> Graph:
    """A Deployment behind a Service that ends no pod before another one is ready."""
    rolling: Value = {"max_surge": 1, "max_unavailable": 0}
    return examples.in_production_stack(*_deployment({"type": "RollingUpdate", "rolling_update": rolling}))


def _function(metric: str, **alias: Value) -> tuple[Resource, ...]:
    function, called = examples.function()
    of_function: dict[str, Value] = {"FunctionName": Ref("scorer-function", "name")}
    warm: dict[str, Value] = {
        "function_name": Ref("scorer-alias", "function_name"),
        "qualifier": Ref("scorer-alias", "name"),
        "provisioned_concurrent_executions": 2,
    }
    target: dict[str, Value] = {
        "service_namespace": "lambda",
        "scalable_dimension": "lambda:function:ProvisionedConcurrency",
        "resource_id": examples.of_alias(),
        "min_capacity": 2,
        "max_capacity": 10,
    }
    return (
        function,
        called.with_props(**alias),
        examples.function_url(),
        Resource("warm", "aws.lambda_.ProvisionedConcurrencyConfig", warm),
        Resource("scaling", "aws.appautoscaling.Target", target),
        examples.alarm("scorer-alarm", "AWS/Lambda", metric, of_function),
    )


@update_without_rollback.bad("scorer-alias", "function_version")
def alias_that_nobody_leads_back() -> Graph:
    """A function with a URL whose alias follows the newest version, watched for its duration alone."""
    return examples.in_production_stack(*_function("Duration"), without="alarms")


@update_without_rollback.good()
def alias_with_an_alarm_on_errors() -> Graph:
    """The same with an alarm on its errors, which tells somebody to go back."""
    return examples.in_production_stack(*_function("Errors"), without="alarms")


@update_without_rollback.good()
def alias_with_weights() -> Graph:
    """The same with nine of ten calls left to the former version."""
    weights: Value = {"additional_version_weights": {"7": 0.9}}
    return examples.in_production_stack(*_function("Duration", routing_config=weights), without="alarms")
