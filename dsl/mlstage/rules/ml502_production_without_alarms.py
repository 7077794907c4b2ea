"""ML502: production that fails in silence."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Ref, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import YES, Answer, Field, Truth, field, when
from mlstage.rules.views.doors import LISTENER
from mlstage.rules.views.endpoints import ENDPOINT
from mlstage.rules.views.functions import FUNCTION, Functions, functions_of
from mlstage.rules.views.links import Mentions
from mlstage.rules.views.services import SERVICE, Service
from mlstage.rules.views.watchers import Watchers


@stack_rule(
    id="ML502",
    name="production-without-alarms",
    title="Production endpoint, service or function without an alarm",
    levels=in_production(),
    fix='watch=Watch("payments-ml@acme.example"), or an alarm on its errors or latency that tells somebody',
    elsewhere="an alarm on its errors or latency, with an action that tells somebody",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    ),
)
def production_without_alarms(graph: Graph, about: About) -> Iterator[Answer]:
    """Without an alarm the first to notice that a model answers nothing, or answers late, is whoever needed it.

    Asked of SageMaker endpoints, of ECS services behind a load balancer and of Lambda functions with a URL or an HTTP
    API before them is one CloudWatch alarm on any of their metrics that is heard: it has an action that is not just
    scaling, or takes a deployment back. Alarms that are kept in another stack, or in another system, cannot be seen
    from here.
    """
    alarms, functions = Watchers(graph), functions_of(graph)
    listeners = Mentions((one, field(one, "default_actions")) for one in graph.of(LISTENER))
    for resource in graph.of(ENDPOINT, SERVICE, FUNCTION):
        yield from when(
            _serves(resource, functions) & ~_watched(alarms, listeners, resource),
            _face(resource),
            f"{about.call(resource)} has no alarm that anybody hears",
        )


def _serves(resource: Resource, functions: Functions) -> Truth:
    if resource.type == FUNCTION:
        return functions.answers_callers(resource)
    return Service(resource).is_realtime if resource.type == SERVICE else YES


def _watched(alarms: Watchers, listeners: Mentions, resource: Resource) -> Truth:
    """Take an alarm on what stands before a service, its target group or load balancer, for one on the service."""
    watched = alarms.watches(resource)
    if resource.type == SERVICE:
        for balancer in field(resource, "load_balancers").items():
            group = balancer["target_group_arn"]
            watched = watched | alarms.watches_what(group)
            for listener in listeners.of_named(group.value):
                watched = watched | alarms.watches_what(field(listener, "load_balancer_arn"))
    return watched


def _face(resource: Resource) -> Field:
    return field(resource, {ENDPOINT: "endpoint_config_name", SERVICE: "load_balancers"}.get(resource.type, "role"))


@production_without_alarms.bad("scorer-endpoint", "endpoint_config_name")
def nobody_hears() -> Graph:
    """An endpoint without any alarm."""
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        groups=examples.realtime(),
        without="alarms",
    )


@production_without_alarms.bad("scorer-endpoint", "endpoint_config_name")
def an_alarm_without_action() -> Graph:
    """An endpoint whose alarm turns red on a page that nobody looks at."""
    silent = examples.alarm("errors", "AWS/SageMaker", "Invocation5XXErrors", {"EndpointName": "scorer"})
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        silent.with_props(alarm_actions=()),
        groups=examples.realtime(),
        without="alarms",
    )


@production_without_alarms.bad("web", "load_balancers")
def service_without_alarm() -> Graph:
    """An ECS service behind a load balancer, without any alarm."""
    return examples.in_production_stack(examples.service(), *examples.service_scaling(), without="alarms")


@production_without_alarms.good()
def alarm_on_errors() -> Graph:
    """An endpoint whose errors tell somebody."""
    errors = examples.alarm("errors", "AWS/SageMaker", "Invocation5XXErrors", {"EndpointName": "scorer"})
    return examples.in_production_stack(
        examples.configuration(),
        examples.endpoint(),
        *examples.scaling(),
        errors,
        groups=examples.realtime(),
        without="alarms",
    )


@production_without_alarms.good()
def alarm_on_the_load_balancer() -> Graph:
    """A service whose load balancer an alarm watches."""
    to_tasks: dict[str, Value] = {"type": "forward", "target_group_arn": Ref("web-targets", "arn")}
    listener: dict[str, Value] = {
        "load_balancer_arn": Ref("web-balancer", "arn"),
        "port": 80,
        "default_actions": (to_tasks,),
    }
    serves: dict[str, Value] = {
        "target_group_arn": Ref("web-targets", "arn"),
        "container_name": "scorer",
        "container_port": 8080,
    }
    targets: dict[str, Value] = {
        "port": 8080,
        "protocol": "HTTP",
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "health_check": {"path": "/ping"},
        "target_type": "ip",
    }
    zones: Value = ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718")
    watched: dict[str, Value] = {"LoadBalancer": Ref("web-balancer", "arn_suffix")}
    return examples.in_production_stack(
        Resource("web-balancer", "aws.lb.LoadBalancer", {"internal": True, "subnets": zones}),
        Resource("web-targets", "aws.lb.TargetGroup", targets),
        Resource("web-listener", "aws.lb.Listener", listener),
        examples.service().with_props(load_balancers=(serves,)),
        *examples.service_scaling(),
        examples.alarm("errors", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", watched),
        without="alarms",
    )
