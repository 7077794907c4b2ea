"""Application Auto Scaling: which scalable targets and policies are about what they scale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import NO, YES, Field, Truth, field
from mlstage.rules.views.links import Pointers
from mlstage.rules.views.once import once

TARGET: Final = "aws.appautoscaling.Target"
POLICY: Final = "aws.appautoscaling.Policy"

Namespace: TypeAlias = Literal["sagemaker", "ecs", "lambda"]

# How each service writes what is scaled, with the name of the resource in it.
_NAMED: Final[Mapping[Namespace, re.Pattern[str]]] = {
    "sagemaker": re.compile(r"endpoint/([^/]+)/"),
    "ecs": re.compile(r"service/[^/]+/(.+)$"),
    "lambda": re.compile(r"function:([^:]+)"),
}


class Scaling:
    """The scalable targets and policies of one AWS service, found in one pass."""

    def __init__(self, graph: Graph, namespace: Namespace) -> None:
        def named(text: str) -> tuple[str, ...]:
            found = _NAMED[namespace].match(text)
            return (found.group(1),) if found else ()

        concerned = [one for one in graph.of(TARGET, POLICY) if _may_be_of(one, namespace)]
        targets = (one for one in concerned if one.type == TARGET)
        policies = (one for one in concerned if one.type == POLICY)
        self._targets = Pointers(targets, "resource_id", named=named)
        self._policies = Pointers(policies, "resource_id", through=self._targets, named=named)

    def targets(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the scalable targets of a resource, in the order of their names."""
        return tuple(sorted(self._targets.to(resource), key=lambda one: one.name))

    def policies(self, resource: Resource) -> tuple[Resource, ...]:
        """Give the policies that scale a resource."""
        return self._policies.to(resource)

    def is_scaled(self, resource: Resource, targets: tuple[Resource, ...]) -> Truth:
        """Say whether one of these targets of a resource is scaled by a policy."""
        if targets and self.policies(resource):
            return YES
        return self._open(*self._targets.open, *self._policies.open)

    def is_registered(self, resource: Resource) -> Truth:
        """Say whether a resource has a scalable target."""
        return YES if self.targets(resource) else self._open(*self._targets.open)

    @staticmethod
    def _open(*resources: Resource) -> Truth:
        """Say what is missing, unless something of which nobody knows what it names may be it."""
        found = NO
        for resource in resources:
            found = found | field(resource, "resource_id").gap()
        return found


def scaling_of(graph: Graph, namespace: Namespace) -> Scaling:
    """Give the scalable targets and policies of one AWS service."""
    return _scalings(graph)[namespace]


@once
def _scalings(graph: Graph) -> Mapping[Namespace, Scaling]:
    return {namespace: Scaling(graph, namespace) for namespace in _NAMED}


def _may_be_of(resource: Resource, namespace: str) -> bool:
    said = resource.props.get("service_namespace")
    return not isinstance(said, str) or said == namespace


@dataclass(frozen=True, slots=True)
class Metric:
    """What a target-tracking policy follows: a metric by Application Auto Scaling's name, or one of CloudWatch's."""

    name: Field
    namespace: Field | None


def metrics(policy: Resource) -> Iterator[Metric]:
    """Yield the metrics that a policy follows; an expression over several is the author's own."""
    tracking = field(policy, "target_tracking_scaling_policy_configuration")
    predefined = tracking["predefined_metric_specification"]
    customized = tracking["customized_metric_specification"]
    if predefined.value is not None:
        yield Metric(predefined["predefined_metric_type"], None)
    if customized.value is not None and customized["metrics"].value is None:
        yield Metric(customized["metric_name"], customized["namespace"])
