"""What of a graph can be played through a day: endpoints, services, and places that are made as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlstage.catalog.prices import Price
from mlstage.graph import Graph, Resource
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.cost.containers import lanes_of, task_of
from mlstage.insight.cost.functions import kept_warm
from mlstage.insight.cost.kubernetes import bounds_of, lanes_of_pod
from mlstage.insight.cost.pricing import Context, number
from mlstage.insight.cost.scaling import Bounds
from mlstage.insight.facts import Traffic, number_of, traffic_of
from mlstage.insight.simulation import MINUTES, Day, Scaling, Service, at_once, cold_starts, simulate
from mlstage.rules.truth import field
from mlstage.rules.views.endpoints import CONFIGURATION, ENDPOINT
from mlstage.rules.views.links import follow

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
FUNCTION = "aws.lambda_.Function"
SERVICE = "aws.ecs.Service"
DEPLOYMENT = "kubernetes.apps.v1.Deployment"


@dataclass(frozen=True, slots=True)
class Player:
    """One thing that serves, and what decides how many of it there are."""

    workload: str
    what: str
    traffic: Traffic
    service: Service
    scaling: Scaling | None
    """None for what is made as it is needed: serverless endpoints and functions."""
    price: Price | None = None
    """Of one, for an hour."""
    target_ms: float | None = None
    warm: int = 0
    """Places that are kept warm, of what is made as it is needed."""


@dataclass(frozen=True, slots=True)
class Played:
    """A day that was played through; of what is made as it is needed, how many places and how many cold starts."""

    player: Player
    day: Day | None = None
    cold: float | None = None
    places: float | None = None

    @property
    def monthly(self) -> float | None:
        """What its machines cost a month of such days; None without a price of them."""
        price = self.player.price
        return None if price is None or self.day is None else self.day.average * 730 * price.usd


def play(player: Player, start_minutes: int) -> Played:
    """Play one through."""
    if player.scaling is not None:
        return Played(player, simulate(player.traffic, player.scaling, player.service, start_minutes))
    seconds = player.service.seconds
    if seconds is None:
        return Played(player)
    peak = max(player.traffic.per_minute(minute) for minute in range(MINUTES)) / 60 * seconds
    return Played(player, None, cold_starts(player.traffic, seconds, player.warm), peak)


def players(
    graph: Graph, book: PriceBook, traffic: Callable[[str], Traffic | None] | None = None
) -> Iterator[Player | str]:
    """Yield what can be played, or in words what cannot; `traffic` gives a workload's, in place of what it expects."""
    context = Context(graph, book)
    for resource in graph.resources:
        if resource.type not in (ENDPOINT, SERVICE, DEPLOYMENT, FUNCTION):
            continue
        asked = traffic(resource.workload) if traffic else traffic_of(graph, resource.workload)
        if asked is None:
            yield f"{resource.workload or resource.name}: nobody says what it is asked: `expects=Traffic(…)`"
        elif resource.type == ENDPOINT:
            yield from _endpoint(resource, asked, context)
        elif resource.type == SERVICE:
            yield _tasks(resource, asked, context)
        elif resource.type == DEPLOYMENT:
            target = number_of(graph, resource.workload, "p95_latency_ms")
            scaling = _scaling(bounds_of(resource, graph))
            service = _one(asked, lanes_of_pod(resource))
            yield Player(resource.workload, "pods", asked, service, scaling, target_ms=target)
        else:
            target = number_of(graph, resource.workload, "p95_latency_ms")
            warm = _warm(resource, context)
            yield Player(resource.workload, "function", asked, _one(asked), None, target_ms=target, warm=warm)


def _endpoint(resource: Resource, traffic: Traffic, context: Context) -> Iterator[Player | str]:
    link = follow(context.graph, field(resource, "endpoint_config_name"), CONFIGURATION)
    target = number_of(context.graph, resource.workload, "p95_latency_ms")
    for configuration in link.resources[:1]:
        variants = field(configuration, "production_variants").items()
        weights = [number(one["initial_variant_weight"]) for one in variants]
        whole = sum(1.0 if one is None else one for one in weights)
        client = field(configuration, "async_inference_config")["client_config"]
        asked = int(number(client["max_concurrent_invocations_per_instance"]) or 0)
        for variant, weight in zip(variants, weights, strict=True):
            part = _part(traffic, (1.0 if weight is None else weight) / whole if whole else 0.0)
            name = variant["instance_type"].text
            label = variant["variant_name"].text or ""
            if variant["serverless_config"]["memory_size_in_mb"].value is not None:
                warm = int(number(variant["serverless_config"]["provisioned_concurrency"]) or 0)
                what = "serverless endpoint"
                yield Player(resource.workload, what, part, _one(part), None, target_ms=target, warm=warm)
            elif name is not None:
                count = number(variant["initial_instance_count"])
                bounds = context.scaling.bounds(
                    resource, 1.0 if count is None else count, variant=label, dimension=INSTANCES
                )
                what = name if len(variants) == 1 else f"{name}, {label}"
                price = context.book.price("AmazonSageMaker", name, "Hosting")
                service = _one(part, asked or at_once(name))
                yield Player(resource.workload, what, part, service, _scaling(bounds), price, target)
            else:
                yield f"{resource.workload}: its instance type is not known"


def _tasks(resource: Resource, traffic: Traffic, context: Context) -> Player:
    count = number(field(resource, "desired_count"))
    bounds = context.scaling.bounds(resource, 1.0 if count is None else count, dimension="ecs:service:DesiredCount")
    target = number_of(context.graph, resource.workload, "p95_latency_ms")
    service = _one(traffic, lanes_of(task_of(resource, context)))
    return Player(resource.workload, "tasks", traffic, service, _scaling(bounds), None, target)


def _scaling(bounds: Bounds) -> Scaling:
    return bounds.scaling or Scaling(int(bounds.low), int(bounds.high))


def _one(traffic: Traffic, slots: int = 1) -> Service:
    return Service(traffic.duration_ms / 1000 if traffic.duration_ms else None, slots)


def _part(traffic: Traffic, share: float) -> Traffic:
    if share == 1:
        return traffic
    month = traffic.requests_per_month * share
    return Traffic(month, traffic.day, traffic.duration_ms, traffic.request_kb, traffic.response_kb)


def _warm(resource: Resource, context: Context) -> int:
    for config in kept_warm(context.graph).to(resource)[:1]:
        return int(number(field(config, "provisioned_concurrent_executions")) or 0)
    return 0
