"""What auto-scaling follows, together with what is scaled by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import Field
from mlstage.rules.views.endpoints import Endpoint, Served, endpoints
from mlstage.rules.views.functions import ALIAS, FUNCTION
from mlstage.rules.views.scaling import Metric, Scaling, metrics, scaling_of
from mlstage.rules.views.services import SERVICE, Service


@dataclass(frozen=True, slots=True)
class Followed:
    """One metric that a policy follows for a resource.

    `kinds` are those which the resource is, or may be as far as is known, in the words of the table of metrics; `words`
    say the same in a sentence. `machine` is the instance type of a variant.
    """

    resource: Resource
    metric: Metric
    kinds: tuple[str, ...]
    words: str
    machine: Field | None = None


def followed(graph: Graph) -> Iterator[Followed]:
    """Yield every metric that scales something of this graph; CloudWatch's names count for SageMaker alone."""
    sagemaker, ecs, functions = (scaling_of(graph, name) for name in ("sagemaker", "ecs", "lambda"))
    for endpoint in endpoints(graph):
        kinds, words = _kinds_of(endpoint)
        machine = endpoint.served[0].variant.instance_type if len(endpoint.served) == 1 else None
        for metric in _metrics(sagemaker, endpoint.resource):
            yield Followed(endpoint.resource, metric, kinds, words, machine)
    for service in graph.of(SERVICE):
        behind = Service(service).is_realtime.value
        kinds = ("service", "balanced") if behind is None else ("balanced",) if behind else ("service",)
        for metric in _metrics(ecs, service):
            if metric.namespace is None:
                yield Followed(service, metric, kinds, "a service without a load balancer")
    for function in graph.of(FUNCTION, ALIAS):
        for metric in _metrics(functions, function):
            if metric.namespace is None:
                yield Followed(function, metric, ("function",), "a function")


def _metrics(scaling: Scaling, resource: Resource) -> Iterator[Metric]:
    for policy in scaling.policies(resource):
        yield from metrics(policy)


def _kinds_of(endpoint: Endpoint) -> tuple[tuple[str, ...], str]:
    if not endpoint.served:
        return ("realtime", "async", "serverless"), "an endpoint"
    found = dict.fromkeys(kind for served in endpoint.served for kind in _kinds_of_variant(endpoint, served))
    words = {"realtime": "real-time endpoints", "async": "async endpoints", "serverless": "serverless endpoints"}
    return tuple(found), " and ".join(words[kind] for kind in found)


def _kinds_of_variant(endpoint: Endpoint, served: Served) -> Iterator[str]:
    if served.variant.at["serverless_config"].is_absent().value is not True:
        yield "serverless"
    if served.variant.on_instances.value is False:
        return
    if endpoint.is_realtime.value is not False:
        yield "realtime"
    if endpoint.is_realtime.value is not True:
        yield "async"
