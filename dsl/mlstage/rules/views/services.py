"""ECS services, and whether the capacity that they run on is Spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Ref, Resource
from mlstage.rules.truth import NO, Field, Truth, any_of, field
from mlstage.rules.views.documents import document
from mlstage.rules.views.groups import GROUP, group_is_spot
from mlstage.rules.views.links import Pointers, follow

SERVICE = "aws.ecs.Service"
PROVIDER = "aws.ecs.CapacityProvider"
TASK = "aws.ecs.TaskDefinition"
_FARGATE = ("FARGATE", "FARGATE_SPOT")


@dataclass(frozen=True, slots=True)
class Strategy:
    """One item of a capacity provider strategy; `as_called` says that it is spelt as the API of ECS spells it."""

    at: Field
    alone: bool
    as_called: bool = False

    @property
    def provider(self) -> Field:
        """The capacity provider's name."""
        return self.at["CapacityProvider" if self.as_called else "capacity_provider"]

    @property
    def is_used(self) -> Truth:
        """Whether it gets any tasks: an item without weight and base, beside others, does not."""
        weight, base = (self.at[name.title() if self.as_called else name] for name in ("weight", "base"))
        if self.alone:
            return ~NO
        return (weight.is_given() & ~weight.is_below(1)) | (base.is_given() & ~base.is_below(1))

    @property
    def is_fargate_spot(self) -> Truth:
        """Whether it is Fargate's own Spot capacity, which no resource stands for: a reference is to something else."""
        return NO if isinstance(self.provider.value, Ref) else self.provider.is_one_of("FARGATE_SPOT")


def requirements(task: Resource) -> Iterator[Field]:
    """Yield what the containers of a task definition ask for of GPUs and other devices."""
    for container in document(field(task, "container_definitions")).items():
        yield from container["resourceRequirements"].items()


def strategies(at: Field, *, as_called: bool = False) -> tuple[Strategy, ...]:
    """Give the items of a strategy."""
    items = at.items()
    return tuple(Strategy(item, len(items) == 1, as_called) for item in items)


@dataclass(frozen=True, slots=True)
class Service:
    """An ECS service."""

    resource: Resource

    @property
    def is_realtime(self) -> Truth:
        """Whether callers wait for its answers: a load balancer passes them on."""
        return field(self.resource, "load_balancers").is_given()

    @property
    def strategy(self) -> Field:
        """The service's own capacity provider strategy."""
        return field(self.resource, "capacity_provider_strategies")


class Capacity:
    """The capacity of a graph that ECS places tasks on, beyond what a service itself says."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._defaults = Pointers(graph.of("aws.ecs.ClusterCapacityProviders"), "cluster_name")

    def default_strategy(self, service: Service) -> Iterator[Strategy]:
        """Yield the strategy of the service's cluster, where the service says nothing of its own."""
        resource = service.resource
        if service.strategy.value is not None or field(resource, "launch_type").value is not None:
            return
        yield from self.strategy_of(field(resource, "cluster"))

    def strategy_of(self, cluster: Field) -> Iterator[Strategy]:
        """Yield the default strategy of the cluster that a field names."""
        for found in follow(self.graph, cluster, "aws.ecs.Cluster").resources:
            for defaults in self._defaults.to(found):
                yield from strategies(field(defaults, "default_capacity_provider_strategies"))

    def is_spot(self, strategy: Strategy) -> Truth:
        """Say whether a strategy's provider puts tasks on EC2 Spot instances."""
        if strategy.provider.text in _FARGATE:
            return NO
        link = follow(self.graph, strategy.provider, PROVIDER)
        if not link.resources:
            return link.gap()
        return any_of(self._provider_is_spot(provider) for provider in link.resources)

    def groups(self, service: Service) -> Iterator[Resource]:
        """Yield the auto-scaling groups of this stack whose machines run a service's tasks."""
        for strategy in (*strategies(service.strategy), *self.default_strategy(service)):
            if strategy.is_used.value is False:
                continue
            for provider in follow(self.graph, strategy.provider, PROVIDER).resources:
                arn = field(provider, "auto_scaling_group_provider")["auto_scaling_group_arn"]
                yield from follow(self.graph, arn, GROUP).resources

    def _provider_is_spot(self, provider: Resource) -> Truth:
        managed = field(provider, "managed_instances_provider")["instance_launch_template"]
        arn = field(provider, "auto_scaling_group_provider")["auto_scaling_group_arn"]
        if arn.value is None:
            return managed["capacity_option_type"].is_one_of("SPOT")
        groups = follow(self.graph, arn, GROUP)
        if not groups.resources:
            return groups.gap()
        return any_of(group_is_spot(self.graph, group) for group in groups.resources)
