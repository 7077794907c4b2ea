"""ML108: accelerators of one type, with nothing to fall back on."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.groups import GROUP, chooses_by_need, machine_types
from mlstage.rules.views.machines import accelerator_words, has_accelerator
from mlstage.rules.views.nodes import NODES, Nodes


@stack_rule(
    id="ML108",
    name="single-accelerator-type",
    title="Accelerators of a single type, without a fallback",
    levels=in_production(Level.ADVISORY),
    fix='on=Ecs(instance="g5.xlarge", fallbacks=("g6.xlarge",), …): further types with the same kind of accelerator',
    sources=(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity",
    ),
)
def single_accelerator_type(graph: Graph, about: About) -> Iterator[Answer]:
    """Accelerators run out: when EC2 has none of the one type left, nothing starts until somebody edits the type.

    `InsufficientInstanceCapacity` comes when everybody else scales out as well. A second type with the same kind of
    accelerator and at least as much memory costs nothing until it is needed. Meant are auto-scaling groups, those
    behind ECS's capacity providers included, and on EKS node groups and Karpenter's pools. SageMaker's endpoints have
    no such list in the AWS provider, so that nothing is said of them.
    """
    for resource in graph.of(*NODES):
        listed = tuple(Nodes(resource).instance_types())
        if len(listed) == 1:
            yield from when(
                has_accelerator(listed[0]),
                listed[0],
                f"{about.call(resource)} starts {listed[0].shown} ({accelerator_words(listed[0])}) and nothing else",
                instead="a second instance type with the same kind of accelerator",
            )
    for group in graph.of(GROUP):
        kinds = tuple(machine_types(graph, group))
        if len({kind.text or (kind.resource.name, kind.path) for kind in kinds}) != 1:
            continue
        (kind, *_) = kinds
        yield from when(
            has_accelerator(kind) & ~chooses_by_need(group),
            kind,
            f"{about.call(group)} starts {kind.shown} ({accelerator_words(kind)}) and nothing else",
            instead="" if group.workload else "further types as `overrides` of its mixed instances policy",
        )


@single_accelerator_type.bad("machines", "instance_type")
def one_type_of_a_template() -> Graph:
    """A group that starts what its launch template names."""
    return examples.in_production_stack(*examples.machines())


@single_accelerator_type.bad("group", "mixed_instances_policy.launch_template.overrides[0].instance_type")
def one_type_in_a_list() -> Graph:
    """A group whose list of types has one item."""
    return examples.in_production_stack(*examples.machines("g5.xlarge"))


@single_accelerator_type.good()
def two_types() -> Graph:
    """A group that takes another type when the first runs out."""
    return examples.in_production_stack(*examples.machines("g5.xlarge", "g6.xlarge"))


@single_accelerator_type.bad("pool", "spec.template.spec.requirements[1].values[0]")
def one_type_in_a_pool() -> Graph:
    """A Karpenter pool that may start one type."""
    return examples.in_production_stack(examples.node_pool("on-demand", types=("g5.xlarge",)))


@single_accelerator_type.good()
def two_types_in_a_pool() -> Graph:
    """A Karpenter pool that takes another type when the first runs out."""
    return examples.in_production_stack(examples.node_pool("on-demand", types=("g5.xlarge", "g6.xlarge")))
