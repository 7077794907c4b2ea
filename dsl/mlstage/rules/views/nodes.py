"""Kubernetes' nodes: pools and node groups, what they may start, and which of them pods are placed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mlstage.catalog.instances import ec2_names
from mlstage.graph import Graph, Resource, Value
from mlstage.rules.truth import NO, Field, Truth, all_of, any_of, field, truth
from mlstage.rules.views.once import once
from mlstage.rules.views.pods import pod
from mlstage.rules.views.zones import is_one_zone

POOL: Final = "kubernetes.karpenter.v1.NodePool"
NODE_GROUP: Final = "aws.eks.NodeGroup"
NODES: Final = (POOL, NODE_GROUP)
CLUSTER: Final = "aws.eks.Cluster"

CAPACITY: Final = ("karpenter.sh/capacity-type", "eks.amazonaws.com/capacityType")
ZONE: Final = "topology.kubernetes.io/zone"
_TYPE: Final = "node.kubernetes.io/instance-type"
_FAMILIES: Final = ("karpenter.k8s.aws/instance-family", "eks.amazonaws.com/instance-family")
_SIZES: Final = ("karpenter.k8s.aws/instance-size", "eks.amazonaws.com/instance-size")
# By these a node says which pool or group it is of.
_POOL_NAME: Final = "karpenter.sh/nodepool"
_GROUP_NAME: Final = "eks.amazonaws.com/nodegroup"


@dataclass(frozen=True)
class Nodes:
    """A Karpenter pool or a managed node group."""

    resource: Resource

    @property
    def _template(self) -> Field:
        return field(self.resource, "spec")["template"]

    def requirement(self, *keys: str) -> Field | None:
        """Give the values that a pool asks for under one of these keys, or what hides them."""
        hidden: Field | None = None
        for one in self._template["spec"]["requirements"].items():
            if one["key"].text in keys and one["operator"].text == "In":
                return one["values"]
            if one["key"].text is None:
                hidden = one
        return hidden

    @property
    def capacity(self) -> Field:
        """What says how it is bought."""
        if self.resource.type == NODE_GROUP:
            return field(self.resource, "capacity_type")
        return self.requirement(*CAPACITY) or self._template["spec"]["requirements"]

    @property
    def is_spot(self) -> Truth:
        """Whether it buys Spot: Karpenter takes Spot first wherever a pool allows it."""
        if self.resource.type == NODE_GROUP:
            return self.capacity.is_one_of("SPOT")
        values = self.requirement(*CAPACITY)
        # Without a word about it, a pool buys on demand.
        return NO if values is None else any_of(value.is_one_of("spot") for value in values.items())

    def instance_types(self) -> Iterator[Field]:
        """Yield the instance types that it may start, where it names them."""
        if self.resource.type == NODE_GROUP:
            yield from field(self.resource, "instance_types").items()
        elif types := self.requirement(_TYPE):
            yield from types.items()

    def families(self) -> Iterator[Field]:
        """Yield the families that it may start machines of, each with one type of it as its value."""
        for family in values.items() if (values := self.requirement(*_FAMILIES)) else ():
            example = next((name for name in ec2_names() if name.startswith(f"{family.text}.")), None)
            yield Field(family.resource, family.path, example) if example else family

    @property
    def only_type(self) -> Field | None:
        """The type that is left where a pool asks for one family and one size; None where there are more."""
        families, sizes = self.requirement(*_FAMILIES), self.requirement(*_SIZES)
        if families is None or sizes is None or len(families.items()) != 1 or len(sizes.items()) != 1:
            return None
        (family,), (size,) = families.items(), sizes.items()
        return Field(family.resource, family.path, f"{family.text}.{size.text}") if family.text and size.text else None

    @property
    def is_in_one_zone(self) -> Truth:
        """Whether a pool allows one zone only."""
        zones = self.requirement(ZONE)
        return NO if zones is None else truth(len(zones.items()) == 1 and zones.items()[0].text is not None)

    @property
    def labels(self) -> Mapping[str, Value]:
        """What its nodes are labelled with, its name among it."""
        if self.resource.type == NODE_GROUP:
            labels, name = field(self.resource, "labels").value, field(self.resource, "node_group_name").text
            named = {_GROUP_NAME: name} if name else {}
        else:
            labels, name = self._template["metadata"]["labels"].value, field(self.resource, "metadata")["name"].text
            named = {_POOL_NAME: name} if name else {}
        return {**(labels if isinstance(labels, Mapping) else {}), **named}

    @property
    def taints(self) -> tuple[Field, ...]:
        """What keeps pods away that do not tolerate it."""
        if self.resource.type == NODE_GROUP:
            return field(self.resource, "taints").items()
        return self._template["spec"]["taints"].items()


class Placement:
    """Which nodes of a graph pods are placed on, as far as their selectors and taints tell."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = tuple(Nodes(resource) for resource in graph.of(*NODES))
        self._by_label: dict[tuple[str, str], list[Nodes]] = {}
        for one in self.nodes:
            for name, value in one.labels.items():
                if isinstance(value, str):
                    self._by_label.setdefault((name, value), []).append(one)

    def of(self, workload: Resource) -> tuple[Nodes, ...]:
        """Give the nodes that a workload's pods ask for by label, else all that keep nobody away.

        The latter only where the graph has the cluster, and the cluster no pools of its own.
        """
        selector = pod(workload)["node_selector"].value
        asked = selector if isinstance(selector, Mapping) else {}
        for name, value in asked.items():
            if found := self._by_label.get((name, str(value))):
                return tuple(found)
        return self._open_to_all

    @cached_property
    def _open_to_all(self) -> tuple[Nodes, ...]:
        clusters = self.graph.of(CLUSTER)
        alone = all(field(one, "compute_config")["node_pools"].is_absent().value is True for one in clusters)
        return tuple(one for one in self.nodes if not one.taints) if clusters and alone else ()

    def is_spot(self, workload: Resource) -> tuple[Field, Truth]:
        """Say whether pods are placed on Spot, and what says so: their own selector, or all nodes that they may use."""
        selector = pod(workload)["node_selector"]
        for key in CAPACITY:
            if isinstance(selector.value, Mapping) and key in selector.value:
                return selector[key], selector[key].is_one_of("spot", "SPOT")
        if selector.value is not None and not isinstance(selector.value, Mapping):
            return selector, selector.gap() if self.nodes else NO
        nodes = self.of(workload)
        at = pod(workload) if selector.value is None else selector
        return at, all_of(one.is_spot for one in nodes) if nodes else NO

    def is_one_zone(self, workload: Resource) -> tuple[Field, Truth]:
        """Say whether pods are placed in one zone, and what says so."""
        selector = pod(workload)["node_selector"]
        if isinstance(selector.value, Mapping) and ZONE in selector.value:
            return selector[ZONE], truth(selector[ZONE].text is not None)
        nodes = self.of(workload)
        at = pod(workload) if selector.value is None else selector
        return at, all_of(self._in_one_zone(one) for one in nodes) if len(nodes) == 1 else NO

    def _in_one_zone(self, nodes: Nodes) -> Truth:
        if nodes.resource.type == NODE_GROUP:
            return is_one_zone(self.graph, field(nodes.resource, "subnet_ids"))
        return nodes.is_in_one_zone


placement_of: Final = once(Placement)
