"""Ways in from the internet: load balancers and their listeners, function URLs, routes of HTTP APIs, Services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, all_of, any_of, field
from mlstage.rules.views.links import Pointers, follow

FUNCTION_URL: Final = "aws.lambda_.FunctionUrl"
_ROUTE: Final = "aws.apigatewayv2.Route"
_METHOD: Final = "aws.apigateway.Method"
_REST_API: Final = "aws.apigateway.RestApi"
BALANCER: Final = "aws.lb.LoadBalancer"
LISTENER: Final = "aws.lb.Listener"
_GROUP: Final = "aws.ec2.SecurityGroup"
_INGRESS: Final = "aws.vpc.SecurityGroupIngressRule"
_OLD_RULE: Final = "aws.ec2.SecurityGroupRule"
_RULE: Final = "aws.lb.ListenerRule"
_API: Final = "aws.apigatewayv2.Api"
_HARMLESS: Final = re.compile(r"(?i)OPTIONS .*|(GET|HEAD) /(.*/)?(health|healthz|healthcheck|livez|readyz|ping)")
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_ALB: Final = "alb.ingress.kubernetes.io/"
_NLB: Final = "service.beta.kubernetes.io/aws-load-balancer-"


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an HTTP API, or a method of a REST API: how callers say who they are, and whether all may ask it.

    Browsers ask what they may send (`OPTIONS`) before they sign in, and a route that tells health tells nothing else.
    """

    resource: Resource
    authorization: Field
    is_for_all: Truth


def routes(graph: Graph) -> Iterator[Route]:
    """Yield the routes and methods of the APIs of a graph."""
    for route in graph.of(_ROUTE):
        apis = follow(graph, field(route, "api_id"), _API).resources
        key, authorization = field(route, "route_key"), field(route, "authorization_type")
        # What follows on a WebSocket was let in when that connected.
        connected = any_of(field(api, "protocol_type").is_one_of("WEBSOCKET") for api in apis)
        excused = key.satisfies(lambda text: bool(_HARMLESS.fullmatch(text))) | (connected & ~key.is_one_of("$connect"))
        yield Route(route, authorization, _asks_nobody(authorization) & ~excused)
    for method in graph.of(_METHOD):
        apis = follow(graph, field(method, "rest_api"), _REST_API).resources
        authorization = field(method, "authorization")
        inside = any_of(field(api, "endpoint_configuration")["types"].is_one_of("PRIVATE") for api in apis)
        # What a policy of the API lets in is its author's affair.
        limited = inside | any_of(field(api, "policy").is_given() for api in apis)
        excused = field(method, "http_method").is_one_of("OPTIONS") | field(method, "api_key_required").is_true()
        yield Route(method, authorization, _asks_nobody(authorization) & ~excused & ~limited)


def _asks_nobody(authorization: Field) -> Truth:
    return authorization.is_absent() | authorization.is_one_of("NONE")


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener of a load balancer, or one of its rules, and whether the internet reaches it.

    `actions` is what it does with a request, `certificates` whether the listener wants those of its callers.
    """

    resource: Resource
    actions: Field
    is_public: Truth
    certificates: Truth

    @property
    def passes_on(self) -> Truth:
        """Whether requests get to something behind it, rather than to a redirect or a fixed answer."""
        return any_of(action["type"].is_one_of("forward") for action in self.actions.items())

    @property
    def asks_who(self) -> Truth:
        """Whether callers must say who they are, by a sign-in or by a certificate."""
        signs_in = any_of(
            action["type"].satisfies(lambda kind: kind.startswith(("authenticate-", "jwt-validation")))
            for action in self.actions.items()
        )
        return signs_in | self.certificates


def listeners(graph: Graph) -> Iterator[Listener]:
    """Yield the listeners of the load balancers of a graph, and their rules, which have actions of their own.

    A listener of another's load balancer is as public as that one, and a rule as its listener.
    """
    groups = _Groups(graph)
    public = {one.name: _is_public(graph, one, groups) for one in graph.of(BALANCER)}
    found: dict[str, Listener] = {}
    for resource in graph.of(LISTENER):
        link = follow(graph, field(resource, "load_balancer_arn"), BALANCER)
        is_public = any_of(public[one.name] for one in link.resources) if link.resources else link.gap()
        certificates = field(resource, "mutual_authentication")["mode"].is_one_of("verify")
        found[resource.name] = Listener(resource, field(resource, "default_actions"), is_public, certificates)
    yield from found.values()
    for rule in graph.of(_RULE):
        link = follow(graph, field(rule, "listener_arn"), LISTENER)
        above = [found[one.name] for one in link.resources]
        is_public = any_of(one.is_public for one in above) if above else link.gap()
        certificates = all_of(one.certificates for one in above) if above else NO
        yield Listener(rule, field(rule, "actions"), is_public & ~_is_for_some(rule), certificates)


def _is_for_some(rule: Resource) -> Truth:
    """Say whether a rule is for certain addresses only."""
    named = [one["source_ip"]["values"].items() for one in field(rule, "conditions").items()]
    return any_of(all_of(~cidr.is_one_of(*_ANYWHERE) for cidr in cidrs) for cidrs in named if cidrs)


class _Groups:
    """Which security groups let the whole internet in."""

    def __init__(self, graph: Graph) -> None:
        self._rules = Pointers(graph.of(_INGRESS, _OLD_RULE), "security_group_id")
        # A rule of a group that nobody knows yet may be of any.
        self._open = any_of(field(one, "security_group_id").gap() & _is_from_anywhere(one) for one in self._rules.open)

    def lets_all_in(self, group: Resource) -> Truth:
        inline = any_of(_has_anywhere(block) for block in field(group, "ingress").items())
        return inline | any_of(_is_from_anywhere(rule) for rule in self._rules.to(group)) | self._open


def _has_anywhere(block: Field) -> Truth:
    cidrs = (*block["cidr_blocks"].items(), *block["ipv6_cidr_blocks"].items())
    return any_of(cidr.is_one_of(*_ANYWHERE) for cidr in cidrs)


def _is_from_anywhere(rule: Resource) -> Truth:
    if rule.type == _OLD_RULE:
        return field(rule, "type").is_one_of("ingress") & _has_anywhere(Field(rule, "", rule.props))
    return field(rule, "cidr_ipv4").is_one_of(*_ANYWHERE) | field(rule, "cidr_ipv6").is_one_of(*_ANYWHERE)


def _is_public(graph: Graph, balancer: Resource, groups: _Groups) -> Truth:
    named = field(balancer, "security_groups").items()
    on_internet = ~field(balancer, "internal").is_true()
    if not named:
        # Without groups of its own an application load balancer has the VPC's default, which lets nobody in from
        # outside; a network load balancer has none, which lets everybody in.
        return on_internet & field(balancer, "load_balancer_type").is_one_of("network", "gateway")
    answers: list[Truth] = []
    for one in named:
        link = follow(graph, one, _GROUP)
        answers += [groups.lets_all_in(group) for group in link.resources] or [link.gap() if one.value else NO]
    return on_internet & any_of(answers)


@dataclass(frozen=True, slots=True)
class Opened:
    """An object of Kubernetes that has a load balancer made: where it says so, and whether all the internet may in."""

    at: Field
    is_public: Truth


def opened_in_kubernetes(graph: Graph) -> Iterator[Opened]:
    """Yield the Services and Ingresses that have load balancers made."""
    for service in graph.of("kubernetes.core.v1.Service"):
        spec = field(service, "spec")
        ranges = spec["load_balancer_source_ranges"]
        anywhere = ranges.is_absent() | any_of(one.is_one_of(*_ANYWHERE) for one in ranges.items())
        yield Opened(spec["type"], spec["type"].is_one_of("LoadBalancer") & anywhere & _faces_internet(service, spec))
    for ingress in graph.of("kubernetes.networking.v1.Ingress"):
        said = field(ingress, "metadata")["annotations"]
        signs_in = said[f"{_ALB}auth-type"].satisfies(lambda kind: kind != "none")
        asks = signs_in | said[f"{_ALB}mutual-authentication"].is_given()
        ranges = said[f"{_ALB}inbound-cidrs"]
        anywhere = ranges.is_absent() | ranges.satisfies(lambda text: any(one in text for one in _ANYWHERE))
        yield Opened(said, said[f"{_ALB}scheme"].is_one_of("internet-facing") & anywhere & ~asks)


def _faces_internet(service: Resource, spec: Field) -> Truth:
    """Say where a Service's load balancer stands: AWS's controllers make it internal, Kubernetes' own does not."""
    said = field(service, "metadata")["annotations"]
    scheme, old = said[f"{_NLB}scheme"], said[f"{_NLB}internal"]
    by_controller = spec["load_balancer_class"].is_given() | said[f"{_NLB}type"].is_one_of("external", "nlb-ip")
    unsaid = scheme.is_absent() & ~old.satisfies(lambda text: text not in ("false", ""))
    return scheme.is_one_of("internet-facing") | (unsaid & ~by_controller)
