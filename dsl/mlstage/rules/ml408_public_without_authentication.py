"""ML408: models that answer whoever asks."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.doors import FUNCTION_URL, listeners, opened_in_kubernetes, routes


@stack_rule(
    id="ML408",
    name="public-without-authentication",
    title="Load balancer, function URL or API on the internet that asks nobody who they are",
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="an internal load balancer, or an `authenticate-oidc` action or mutual TLS on its listener;"
    ' authorization_type="AWS_IAM" on a function URL or route (`authorization` on a method)',
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
    ),
)
def public_without_authentication(graph: Graph, about: About) -> Iterator[Answer]:
    """A model that anybody may ask is paid for by whoever runs it, copied by its answers, and read for what it learnt.

    Refused are function URLs and routes of HTTP APIs and methods of REST APIs without authorisation, listeners of load
    balancers on the internet and their rules that pass requests on without asking who sends them, and Services and
    Ingresses of Kubernetes that have such a load balancer made. One that lets in only certain addresses is fine, as far
    as its security groups are in this stack. A sign-in among a listener's default actions holds for what no rule takes
    first. Nor is a route refused that answers `GET` for a health check, or `OPTIONS`. A container that checks keys
    itself cannot be seen from here: a waiver can say it.
    """
    for url in graph.of(FUNCTION_URL):
        place = field(url, "authorization_type")
        for_all = place.is_absent() | place.is_one_of("NONE")
        yield from when(for_all, place, f"{about.call(url)} answers everybody on the internet")
    for route in routes(graph):
        said = f"{about.call(route.resource)} answers everybody on the internet"
        yield from when(route.is_for_all, route.authorization, said)
    for opened in opened_in_kubernetes(graph):
        yield from when(opened.is_public, opened.at, f"{about.call(opened.at.resource)} answers the whole internet")
    for listener in listeners(graph):
        yield from when(
            listener.is_public & listener.passes_on & ~listener.asks_who,
            listener.actions,
            f"{about.call(listener.resource)} passes on whatever comes from the internet",
        )


def _balanced(*, internal: bool, **listener: Value) -> tuple[Resource, ...]:
    target = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/scorer/73e2d6bc24d8a067"
    return (
        Resource(
            "entry",
            "aws.lb.LoadBalancer",
            {
                "internal": internal,
                "load_balancer_type": "application",
                "subnets": ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"),
                "security_groups": (Ref("callers", "id"),),
            },
        ),
        Resource("callers", "aws.ec2.SecurityGroup", {"vpc_id": "vpc-0a1b2c3d4e5f60718", "description": "Callers"}),
        Resource(
            "from-anywhere",
            "aws.vpc.SecurityGroupIngressRule",
            {
                "security_group_id": Ref("callers", "id"),
                "cidr_ipv4": "0.0.0.0/0",
                "ip_protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
            },
        ),
        Resource(
            "https",
            "aws.lb.Listener",
            {
                "load_balancer_arn": Ref("entry", "arn"),
                "port": 443,
                "protocol": "HTTPS",
                "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c",
                "default_actions": ({"type": "forward", "target_group_arn": target},),
                **listener,
            },
        ),
    )


def _url(kind: str) -> Resource:
    return Resource("url", "aws.lambda_.FunctionUrl", {"function_name": "scorer", "authorization_type": kind})


@public_without_authentication.bad("url", "authorization_type")
def function_for_everybody() -> Graph:
    """A function URL without authorisation."""
    return examples.in_production_stack(_url("NONE"))


@public_without_authentication.bad("predict", "authorization")
def method_for_everybody() -> Graph:
    """A method of a REST API without authorisation."""
    open_to_all: dict[str, Value] = {"rest_api": "a1b2c3d4e5", "resource_id": "f6g7h8", "http_method": "POST"}
    method = Resource("predict", "aws.apigateway.Method", {**open_to_all, "authorization": "NONE"})
    return examples.in_production_stack(method)


@public_without_authentication.bad("https", "default_actions")
def open_load_balancer() -> Graph:
    """A load balancer on the internet that passes everything on."""
    return examples.in_production_stack(*_balanced(internal=False))


@public_without_authentication.bad("web-service", "spec.type")
def open_service() -> Graph:
    """A Service of Kubernetes with a load balancer on the internet."""
    exposed: dict[str, Value] = {"type": "LoadBalancer"}
    return examples.in_production_stack(
        *examples.deployment(exposed=exposed), examples.autoscaler(), examples.disruption_budget()
    )


@public_without_authentication.good()
def service_for_an_office() -> Graph:
    """The same, for the addresses of one office."""
    office: Value = ("203.0.113.0/24",)
    exposed: dict[str, Value] = {"type": "LoadBalancer", "load_balancer_source_ranges": office}
    return examples.in_production_stack(
        *examples.deployment(exposed=exposed), examples.autoscaler(), examples.disruption_budget()
    )


@public_without_authentication.good()
def signed_requests() -> Graph:
    """A function URL for callers who sign their requests."""
    return examples.in_production_stack(_url("AWS_IAM"))


@public_without_authentication.good()
def internal_load_balancer() -> Graph:
    """A load balancer inside the network."""
    return examples.in_production_stack(*_balanced(internal=True))


@public_without_authentication.good()
def certificates_of_callers() -> Graph:
    """A load balancer on the internet that wants its callers' certificates."""
    trusted = "arn:aws:elasticloadbalancing:us-east-1:123456789012:truststore/callers/0f1e2d3c"
    mutual: Value = {"mode": "verify", "trust_store_arn": trusted}
    return examples.in_production_stack(*_balanced(internal=False, mutual_authentication=mutual))
