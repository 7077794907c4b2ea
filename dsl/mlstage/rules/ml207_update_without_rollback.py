"""ML207: a production update that nothing takes back."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, Field, Truth, all_of, field, when
from mlstage.rules.views.endpoints import endpoints
from mlstage.rules.views.services import SERVICE, Service


@stack_rule(
    id="ML207",
    name="update-without-rollback",
    title="Production endpoint whose updates are not taken back when they go wrong",
    levels=in_production(),
    fix="update=Canary(…), which goes back on alarms: the endpoint's `auto_rollback_configuration`",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
    ),
)
def update_without_rollback(graph: Graph, about: About) -> Iterator[Answer]:
    """A model that loads but answers with errors, or too late, replaces the one that worked, for everybody at once.

    SageMaker moves traffic in steps and goes back by itself if an alarm rings, but only where the endpoint names
    alarms. ECS goes back if new tasks do not come up (`deployment_circuit_breaker` with `rollback`) or an alarm rings
    (`alarms` with `rollback`); what CodeDeploy or another controller does is its own affair. Async endpoints,
    serverless variants, for which SageMaker has no such updates, and services without callers are not meant here.
    """
    for endpoint in endpoints(graph):
        config = field(endpoint.resource, "deployment_config")
        alarms = config["auto_rollback_configuration"]["alarms"]
        yield from when(
            endpoint.is_realtime
            & all_of(served.variant.on_instances for served in endpoint.served)
            & alarms.is_absent(),
            config,
            f"{about.call(endpoint.resource)} takes updates without alarms to go back on",
        )
    for resource in graph.of(SERVICE):
        at, goes_back = _rollback(resource)
        yield from when(
            Service(resource).is_realtime & ~goes_back,
            at,
            f"{about.call(resource)} takes updates and does not go back when new tasks fail",
            instead='deployment_circuit_breaker={"enable": True, "rollback": True}',
        )


def _rollback(service: Resource) -> tuple[Field, Truth]:
    breaker, alarms = field(service, "deployment_circuit_breaker"), field(service, "alarms")
    own = field(service, "deployment_controller")["type"].is_one_of("CODE_DEPLOY", "EXTERNAL")
    by_breaker = breaker["enable"].is_true() & breaker["rollback"].is_true()
    return breaker, own | by_breaker | (alarms["enable"].is_true() & alarms["rollback"].is_true())


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
