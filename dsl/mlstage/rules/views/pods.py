"""Kubernetes: Deployments, the Services, autoscalers and budgets that select their pods, and their containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, Join, Ref, Resource
from mlstage.rules.truth import NO, YES, Field, Truth, any_of, field
from mlstage.rules.views.bounds import AUTOSCALER
from mlstage.rules.views.links import follow
from mlstage.rules.views.once import once

DEPLOYMENT: Final = "kubernetes.apps.v1.Deployment"
SERVICE: Final = "kubernetes.core.v1.Service"
BUDGET: Final = "kubernetes.policy.v1.PodDisruptionBudget"
JOB: Final = "kubernetes.batch.v1.Job"
CRON_JOB: Final = "kubernetes.batch.v1.CronJob"
PODS: Final = (DEPLOYMENT, JOB, CRON_JOB)

GPUS: Final = "nvidia.com/gpu"
_NEURON: Final = ("aws.amazon.com/neuron", "aws.amazon.com/neuroncore", "aws.amazon.com/neurondevice")


@dataclass(frozen=True, slots=True)
class PodContainer:
    """One container of a pod."""

    at: Field

    @property
    def words(self) -> str:
        """What people call it."""
        return f"container {self.at['name'].shown!r}"

    @property
    def serves(self) -> Truth:
        """Whether it opens a port."""
        return self.at["ports"].is_given()

    def accelerators(self) -> Iterator[Field]:
        """Yield what it asks for of GPUs and Neuron devices."""
        limits = self.at["resources"]["limits"]
        if isinstance(limits.value, Mapping):
            yield from (limits[name] for name in (GPUS, *_NEURON) if name in limits.value)


def pod(resource: Resource) -> Field:
    """Give the specification of the pods of a workload."""
    spec = field(resource, "spec")
    if resource.type == CRON_JOB:
        spec = spec["job_template"]["spec"]
    return spec["template"]["spec"]


def containers(resource: Resource) -> Iterator[PodContainer]:
    """Yield the containers of the pods of a workload."""
    for item in pod(resource)["containers"].items():
        yield PodContainer(item)


class Pods:
    """What selects the pods of which Deployment, found in one pass by label."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.deployments = graph.of(DEPLOYMENT)
        self._services = _Selecting(graph.of(SERVICE), ("spec", "selector"))
        self._budgets = _Selecting(graph.of(BUDGET), ("spec", "selector", "match_labels"))
        self._scalers: dict[str, list[Resource]] = {}
        self._open_scalers: list[Truth] = []
        for scaler in graph.of(AUTOSCALER):
            self._note(scaler)

    def is_realtime(self, deployment: Resource) -> Truth:
        """Say whether callers reach its pods through a Service."""
        return self._services.of(deployment)

    def has_budget(self, deployment: Resource) -> Truth:
        """Say whether a PodDisruptionBudget keeps some of its pods."""
        return self._budgets.of(deployment)

    def scalers(self, deployment: Resource) -> tuple[Resource, ...]:
        """Give the autoscalers that scale it, in the order of their names."""
        named = _name(deployment)
        found = [*self._scalers.get(deployment.name, ()), *(self._scalers.get(f"/{named}", ()) if named else ())]
        fitting = (one for one in found if _same_namespace(one, deployment))
        return tuple(sorted(fitting, key=lambda one: one.name))

    def is_scaled(self, deployment: Resource) -> Truth:
        """Say whether an autoscaler scales it."""
        return YES if self.scalers(deployment) else any_of(self._open_scalers)

    def _note(self, scaler: Resource) -> None:
        named = field(scaler, "spec")["scale_target_ref"]["name"]
        if named.text is not None:
            self._scalers.setdefault(f"/{named.text}", []).append(scaler)
        elif isinstance(named.value, Ref | Join):
            for found in follow(self.graph, named, DEPLOYMENT).resources:
                self._scalers.setdefault(found.name, []).append(scaler)
        elif named.value is not None:
            self._open_scalers.append(named.gap())


pods_of: Final = once(Pods)


class _Selecting:
    """Objects that select pods by labels."""

    def __init__(self, resources: Iterable[Resource], path: tuple[str, ...]) -> None:
        # By one of the labels that are asked for: a pod must have all of them, so one is enough to look it up by.
        self._by_label: dict[tuple[str, str], list[tuple[Resource, Mapping[str, object]]]] = {}
        self._open: list[Truth] = []
        for resource in resources:
            selector = field(resource, path[0])
            for key in path[1:]:
                selector = selector[key]
            wanted = selector.value
            if not isinstance(wanted, Mapping):
                self._open += [selector.gap()] if wanted is not None else []
            elif all(isinstance(value, str) for value in wanted.values()):
                for label in sorted(wanted.items(), key=str)[:1]:
                    self._by_label.setdefault((label[0], str(label[1])), []).append((resource, wanted))
            else:
                self._open.append(selector.gap("its labels are not known yet"))

    def of(self, deployment: Resource) -> Truth:
        labels = field(deployment, "spec")["template"]["metadata"]["labels"]
        if not isinstance(labels.value, Mapping):
            return labels.gap() if labels.value is not None and self._by_label else any_of(self._open)
        for label in labels.value.items():
            for resource, wanted in self._by_label.get((label[0], str(label[1])), ()):
                if wanted.items() <= labels.value.items() and _same_namespace(resource, deployment):
                    return YES
        return any_of(self._open) if self._open else NO


def _name(resource: Resource) -> str | None:
    return field(resource, "metadata")["name"].text


def _same_namespace(one: Resource, other: Resource) -> bool:
    """Compare namespaces as far as both are plain text; a reference is taken for the same."""
    left, right = (field(resource, "metadata")["namespace"] for resource in (one, other))
    plain = all((space.value is None or isinstance(space.value, str)) for space in (left, right))
    return not plain or (left.text or "default") == (right.text or "default")
