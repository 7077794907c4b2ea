"""Ways in from the internet: load balancers and their listeners, function URLs, routes of HTTP APIs, Services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field
from mlstage.rules.views.links import Pointers, follow

FUNCTION_URL: Final = "aws.lambda_.FunctionUrl"
ROUTE: Final = "aws.apigatewayv2.Route"
BALANCER: Final = "aws.lb.LoadBalancer"
LISTENER: Final = "aws.lb.Listener"
_GROUP: Final = "aws.ec2.SecurityGroup"
_INGRESS: Final = "aws.vpc.SecurityGroupIngressRule"
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_ALB: Final = "alb.ingress.kubernetes.io/"
_NLB: Final = "service.beta.kubernetes.io/aws-load-balancer-"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener, and whether the internet reaches its load balancer."""

    resource: Resource
    is_public: Truth

    @property
    def actions(self) -> Field:
        """What it does with a request."""
        return field(self.resource, "default_actions")

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
        return signs_in | field(self.resource, "mutual_authentication")["mode"].is_one_of("verify")


def listeners(graph: Graph) -> Iterator[Listener]:
    """Yield the listeners of the load balancers of a graph; those of others' are as public as these are."""
    groups = _Groups(graph)
    public = {one.name: _is_public(graph, one, groups) for one in graph.of(BALANCER)}
    for resource in graph.of(LISTENER):
        link = follow(graph, field(resource, "load_balancer_arn"), BALANCER)
        found = any_of(public[one.name] for one in link.resources)
        yield Listener(resource, found if link.resources else link.gap())


class _Groups:
    """Which security groups let the whole internet in."""

    def __init__(self, graph: Graph) -> None:
        self._rules = Pointers(graph.of(_INGRESS), "security_group_id")
        # A rule of a group that nobody knows yet may be of any.
        self._open = any_of(field(one, "security_group_id").gap() & _is_from_anywhere(one) for one in self._rules.open)

    def lets_all_in(self, group: Resource) -> Truth:
        blocks = field(group, "ingress").items()
        inline = any_of(
            any_of(cidr.is_one_of(*_ANYWHERE) for cidr in (*block["cidr_blocks"].items(), *_six(block)))
            for block in blocks
        )
        return inline | any_of(_is_from_anywhere(rule) for rule in self._rules.to(group)) | self._open


def _six(block: Field) -> tuple[Field, ...]:
    return block["ipv6_cidr_blocks"].items()


def _is_from_anywhere(rule: Resource) -> Truth:
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
