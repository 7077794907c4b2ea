"""ML211: pods that all go at once when nodes are emptied."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.pods import pods_of


@stack_rule(
    id="ML211",
    name="pods-without-disruption-budget",
    title="Deployment with callers and without a PodDisruptionBudget",
    levels=in_production(),
    fix="a PodDisruptionBudget with max_unavailable=1 that selects the pods; mlstage makes it from two pods on",
    elsewhere="a PodDisruptionBudget with max_unavailable=1 that selects the pods",
    sources=(
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        "https://docs.aws.amazon.com/eks/latest/best-practices/application.html",
    ),
)
def pods_without_disruption_budget(graph: Graph, about: About) -> Iterator[Answer]:
    """Karpenter, an upgrade of the cluster and Auto Mode's own renewal empty nodes, and nothing says how many at once.

    All pods of a Deployment may be evicted together, and a model takes minutes to load on the next node. A budget that
    selects the pods makes them go one after the other. Meant are Deployments whose pods a Service selects.
    """
    pods = pods_of(graph)
    for deployment in pods.deployments:
        yield from when(
            pods.is_realtime(deployment) & ~pods.has_budget(deployment),
            field(deployment, "spec")["selector"],
            f"{about.call(deployment)} may lose all its pods at once",
        )


@pods_without_disruption_budget.bad("web", "spec.selector")
def nothing_keeps_the_pods() -> Graph:
    """A Deployment behind a Service, and no budget."""
    return examples.in_production_stack(*examples.deployment(), examples.autoscaler())


@pods_without_disruption_budget.good()
def one_at_a_time() -> Graph:
    """A Deployment whose pods go one at a time."""
    return examples.in_production_stack(*examples.deployment(), examples.autoscaler(), examples.disruption_budget())


@pods_without_disruption_budget.good()
def nobody_calls() -> Graph:
    """A Deployment that no Service selects."""
    deployment, _ = examples.deployment()
    return examples.in_production_stack(deployment)
